//! Does what the core asks of the world: delivers messages.
//!
//! What a message says is the core's business (`message/content.rs`); here it is dressed and sent.

mod dev;
mod mail;

pub use dev::DevMessenger;
pub use mail::{Security, SetupError, SmtpMessenger, SmtpSettings, is_mail_address};
