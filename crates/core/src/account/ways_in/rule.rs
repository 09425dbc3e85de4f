//! The rule.
//!
//! Three things about an account may not be lost by a change, each of which it may well lack:
//!
//! 1. a **first factor**: a password, a passkey, or a mailbox that a link for a new password
//!    reaches;
//! 2. a **second factor**, where one is required;
//! 3. a first and a second factor **with different keepers**, where one is required: whoever holds
//!    a single mailbox or phone must neither be the only one to get in nor have both steps.
//!
//! Each of them only grows as credentials are added, so adding something never makes something
//! else impossible to remove.

use super::{Change, Credential, CredentialKey, Keeper, WaysIn};
use crate::factor::FactorType;

/// Why a change is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody could sign in any more.
    LastWayIn,
    /// A second factor is required, and none would be left.
    LastSecondFactor,
    /// A second factor is required, and both steps would depend on the same mailbox or phone.
    OneKeeper,
    /// Accounts like this one always have a password.
    PasswordKept,
}

impl Refusal {
    /// Why, and what to do instead, for the person who asked.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::LastWayIn => {
                "This is the only way left to sign in to this account. Add another passkey or set \
                 a password first, then remove this one."
            }
            Self::LastSecondFactor => {
                "A second factor is required, and this is the last one of this account. Add \
                 another second factor first, then remove this one. A recovery code alone is not \
                 enough."
            }
            Self::OneKeeper => {
                "Without it, both steps of signing in would depend on the same mailbox or phone. \
                 Add another second factor first, then remove this one."
            }
            Self::PasswordKept => {
                "This account always has a password. It can be changed, but not removed."
            }
        }
    }
}

/// What goes if `change` is made to `account`, or why it is not made. More may go than was asked
/// for: what is linked to it, and a recovery code that would be all that is left.
///
/// # Errors
/// See [`Refusal`].
pub fn decide(account: &WaysIn, change: &Change) -> Result<Vec<CredentialKey>, Refusal> {
    let gone = account.gone_with(change);
    let after = account.after(&gone, change);
    let has_password =
        |ways: &WaysIn| ways.credentials.iter().any(|own| own.key == CredentialKey::Password);
    if account.keeps_password && has_password(account) && !has_password(&after) {
        return Err(Refusal::PasswordKept);
    }
    let loses = |has: fn(&WaysIn) -> bool| has(account) && !has(&after);
    if loses(WaysIn::has_first) {
        return Err(Refusal::LastWayIn);
    }
    if account.requires_second_factor && loses(WaysIn::has_second) {
        return Err(Refusal::LastSecondFactor);
    }
    if account.requires_second_factor && loses(WaysIn::has_two_keepers) {
        return Err(Refusal::OneKeeper);
    }
    Ok(gone)
}

impl WaysIn {
    /// What goes when `change` is made, whether or not it may be.
    #[must_use]
    pub fn gone_with(&self, change: &Change) -> Vec<CredentialKey> {
        let asked_for =
            |own: &&Credential| change.remove.contains(&own.key) && !change.adds(&own.key);
        let devices: Vec<_> = self
            .credentials
            .iter()
            .filter(|own| asked_for(own) && own.confirmed)
            .map(|own| &own.keeper)
            .filter(|keeper| matches!(keeper, Keeper::Device(_)))
            .collect();
        let goes = |own: &&Credential| asked_for(own) || devices.contains(&&own.keeper);
        let mut gone: Vec<_> =
            self.credentials.iter().filter(goes).map(|own| own.key.clone()).collect();
        let is_real = |own: &Credential| own.is_second() && own.kind != FactorType::RecoveryCode;
        let after = self.after(&gone, change);
        if self.credentials.iter().any(is_real) && !after.credentials.iter().any(is_real) {
            gone.extend(self.leftover_codes(&gone));
        }
        gone
    }

    /// Recovery codes help whoever lost a second factor; without one they help nobody.
    fn leftover_codes(&self, gone: &[CredentialKey]) -> Vec<CredentialKey> {
        self.credentials
            .iter()
            .filter(|own| own.kind == FactorType::RecoveryCode && own.confirmed)
            .map(|own| own.key.clone())
            .filter(|key| !gone.contains(key))
            .collect()
    }

    /// The account without what is `gone` and with what `change` adds.
    #[must_use]
    pub fn after(&self, gone: &[CredentialKey], change: &Change) -> Self {
        let stays = |own: &&Credential| !gone.contains(&own.key) && !change.adds(&own.key);
        let kept = self.credentials.iter().filter(stays).chain(&change.add).cloned().collect();
        Self { credentials: kept, ..self.clone() }
    }

    fn has_first(&self) -> bool {
        self.firsts().next().is_some()
    }

    fn has_second(&self) -> bool {
        self.seconds().next().is_some()
    }

    fn has_two_keepers(&self) -> bool {
        self.firsts().any(|first| self.seconds().any(|second| second != first))
    }

    fn firsts(&self) -> impl Iterator<Item = &Keeper> {
        let own = self.credentials.iter().filter(|own| own.is_first()).map(|own| &own.keeper);
        own.chain(&self.reset_paths)
    }

    fn seconds(&self) -> impl Iterator<Item = &Keeper> {
        self.credentials.iter().filter(|own| own.is_second()).map(|own| &own.keeper)
    }
}

impl Credential {
    fn is_usable(&self) -> bool {
        self.confirmed && self.switched_on
    }

    fn is_first(&self) -> bool {
        self.is_usable() && !is_second(self.kind)
    }

    fn is_second(&self) -> bool {
        self.is_usable() && is_second(self.kind)
    }
}

/// Whether a kind serves as second factor. A passkey does not (contract 04 §10.9).
fn is_second(kind: FactorType) -> bool {
    match kind {
        FactorType::Password | FactorType::Passkey => false,
        FactorType::WebauthnPlatform
        | FactorType::WebauthnRoaming
        | FactorType::Totp
        | FactorType::Phone
        | FactorType::Email
        | FactorType::PushNotification
        | FactorType::RecoveryCode => true,
    }
}

impl Change {
    fn adds(&self, key: &CredentialKey) -> bool {
        self.add.iter().any(|new| new.key == *key)
    }
}
