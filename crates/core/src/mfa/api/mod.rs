//! The MFA API: what applications that sign people in on pages of their own do about the second
//! factor (contract 04 §4). Its grants are in `token/grant/mfa/`.

mod associate;
mod authenticators;
mod bearer;
mod challenge;
mod error;

pub use associate::{Associate, Associated, Contact, Shown, associate};
pub use authenticators::{Authenticator, AuthenticatorKind, list, remove};
pub use challenge::{Challenge, Challenged, challenge};
pub use error::MfaError;

use std::sync::Arc;

use crate::client::Client;

/// An outcome, with the application as far as it is known: who may read the answer depends on it.
pub struct Answer<T> {
    /// The application.
    pub client: Option<Arc<Client>>,
    /// What came of it.
    pub outcome: Result<T, MfaError>,
}
