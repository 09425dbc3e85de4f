//! Does what the core asks of the world: delivers messages.
//!
//! What a message says is the core's business (`message/content.rs`); here it is dressed and sent.

mod back_channel;
mod deliveries;
mod dev;
mod dns;
mod events;
mod http;
mod mail;
mod phone;
mod push;
mod webhook;

pub use deliveries::Deliveries;
pub use dev::DevMessenger;
pub use dns::Dns;
pub use http::{HttpSettings, HttpSetupError, fetch};
pub use mail::{Security, SetupError, SmtpMessenger, SmtpSettings, is_mail_address};
