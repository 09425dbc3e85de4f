//! What there is about passkeys beside the credentials, which are authentication methods.

use async_trait::async_trait;

use super::StoreError;
use crate::id::UserId;
use crate::passkey::PasskeyTransaction;
use crate::secret::HandleHash;
use crate::time::Timestamp;

/// Ceremonies of apps, and who is not to be offered a passkey.
#[async_trait]
pub trait Passkeys {
    /// Adds a ceremony.
    async fn insert_passkey_transaction(
        &mut self,
        transaction: &PasskeyTransaction,
    ) -> Result<(), StoreError>;

    /// Uses a ceremony up: the ceremony for exactly one caller, expired or not.
    async fn spend_passkey_transaction(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<PasskeyTransaction>, StoreError>;

    /// Until when the user is not to be offered a passkey, if somebody asked for that.
    async fn passkeys_snoozed_until(
        &mut self,
        user: &UserId,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Has the user not be offered a passkey until then.
    async fn snooze_passkeys(&mut self, user: &UserId, until: Timestamp) -> Result<(), StoreError>;
}
