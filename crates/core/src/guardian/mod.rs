//! Push devices: they enrol with a ticket, are asked for approval, and answer with a signature
//! (contract 04 §14).
//!
//! Two doors lead here. Whoever signs somebody in asks a device ([`ask`]), looks what became of it
//! ([`look`]) and uses an approval up ([`spend`]). The device itself enrols, answers, reads what it
//! is to approve, changes its address, and leaves.

mod ask;
mod consent;
mod device;
mod enroll;
mod error;
mod manage;
mod payload;
mod proof;
mod resolve;
mod source;
mod transaction;

pub(crate) use ask::spend_in;
pub use ask::{AskError, Question, ask, look, spend};
pub use consent::rich_consent;
pub use device::{Device, DeviceKey, NewDevice, PushDevice, PushService, PushTicket};
pub use enroll::{EnrolledDevice, enroll};
pub use error::GuardianError;
pub use manage::{DeviceChange, leave, update};
pub use payload::PushPayload;
pub use resolve::resolve;
pub use transaction::{Answer, PushTransaction, RequestedDetails, RichConsent, State};

/// Seconds a device has to answer (contract 04 §11.1).
pub const LIFETIME: i64 = 300;
