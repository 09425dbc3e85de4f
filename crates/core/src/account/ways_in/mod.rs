//! Ways in: may this change be made without locking somebody out (contract 01 §4.8)?
//!
//! [`decide`] is the only place where that is answered. It is a pure function over [`WaysIn`], a
//! small view of an account that knows credentials and where they are kept, and nothing of how
//! they are stored or proved.

mod rule;
#[cfg(test)]
mod tests;
mod view;

pub use rule::{Refusal, decide};

use crate::factor::FactorType;
use crate::id::MethodId;

/// An account as far as getting in is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaysIn {
    /// Everything that authenticates the person, in no order.
    pub credentials: Vec<Credential>,
    /// Where a link for a new password can be sent, whether or not there is a password now.
    pub reset_paths: Vec<Keeper>,
    /// The connection does not let anybody go without a password.
    pub keeps_password: bool,
    /// The tenant, or the policy of the API, asks this person for a second factor.
    pub requires_second_factor: bool,
}

/// One credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Which one.
    pub key: CredentialKey,
    /// Of which kind.
    pub kind: FactorType,
    /// Unconfirmed credentials open nothing.
    pub confirmed: bool,
    /// Nor do those of a kind that the tenant has switched off.
    pub switched_on: bool,
    /// What must be at hand to use it.
    pub keeper: Keeper,
}

/// Which credential of an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CredentialKey {
    /// A stored method.
    Method(MethodId),
    /// The password, of which there is one.
    Password,
}

/// What must be at hand to use a credential. Two credentials with the same keeper are lost, and
/// stolen, together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Keeper {
    /// A device that is registered under several kinds, by what its rows have in common; they go
    /// together.
    Device(String),
    /// Nothing that anything else depends on.
    Itself(CredentialKey),
    /// A mailbox, in comparable form.
    Mailbox(String),
    /// A phone number.
    Phone(String),
}

/// What is to be done to an account, all of it at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What goes.
    pub remove: Vec<CredentialKey>,
    /// What comes. What comes under the key of something that goes replaces it.
    pub add: Vec<Credential>,
}

impl Change {
    /// Something goes.
    #[must_use]
    pub fn removal(key: CredentialKey) -> Self {
        Self { remove: vec![key], add: Vec::new() }
    }

    /// Something comes in the place of what goes.
    #[must_use]
    pub fn replacement(remove: Vec<CredentialKey>, by: Credential) -> Self {
        Self { remove, add: vec![by] }
    }
}
