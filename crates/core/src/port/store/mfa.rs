//! Grants that wait for a second factor.

use async_trait::async_trait;

use super::StoreError;
use crate::mfa::MfaTransaction;
use crate::secret::HandleHash;

/// Grants that wait for a second factor.
#[async_trait]
pub trait MfaTransactions {
    /// Adds one, or begins anew the one of the same handle.
    async fn put_mfa_transaction(&mut self, transaction: &MfaTransaction)
    -> Result<(), StoreError>;

    /// The one behind an `mfa_token`, expired or not.
    async fn mfa_transaction(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<MfaTransaction>, StoreError>;

    /// Stores how far it is. False if it is gone. The caller holds the user's lock.
    async fn update_mfa_transaction(
        &mut self,
        transaction: &MfaTransaction,
    ) -> Result<bool, StoreError>;

    /// Removes it; true for exactly one caller.
    async fn finish_mfa_transaction(&mut self, handle: &HandleHash) -> Result<bool, StoreError>;
}
