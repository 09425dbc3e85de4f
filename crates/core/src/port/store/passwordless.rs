//! Codes by which somebody signs in without a password.

use async_trait::async_trait;

use super::StoreError;
use crate::passwordless::PasswordlessCode;
use crate::secret::HandleHash;
use crate::time::Timestamp;

/// Codes by which somebody signs in without a password.
#[async_trait]
pub trait PasswordlessCodes {
    /// Stores a code in the place of an earlier one of the same name.
    async fn put_passwordless_code(&mut self, code: &PasswordlessCode) -> Result<(), StoreError>;

    /// Counts a try at a code that is not over and was tried less often than that: its keyed hash.
    async fn try_passwordless_code(
        &mut self,
        name: &HandleHash,
        max_attempts: i64,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError>;

    /// Uses a code up.
    async fn delete_passwordless_code(&mut self, name: &HandleHash) -> Result<bool, StoreError>;
}
