//! What the core asks of the world, as object-safe traits.

mod clock;
mod messenger;
mod random;
mod resolver;
mod store;

pub use clock::{Clock, SystemClock};
pub use messenger::{
    DeliveryError, Messenger, OutgoingMessage, PhoneRoute, PushCarrier, PushRoute, Route, SmtpRoute,
};
pub use random::{Random, SystemRandom};
pub use resolver::Resolver;
pub use store::*;
