//! Codes by which somebody signs in without a password.

use async_trait::async_trait;
use housekey_core::passwordless::PasswordlessCode;
use housekey_core::port::{PasswordlessCodes, StoreError};
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;

use crate::row::read_one;
use crate::tx::TenantTx;

const UPSERT: &str = "INSERT INTO passwordless_codes
    (tenant, name, code_mac, attempts, expires_at) VALUES ($1, $2, $3, 0, $4)
    ON CONFLICT (tenant, name) DO UPDATE SET
        code_mac = excluded.code_mac, attempts = 0, expires_at = excluded.expires_at";

const TRY: &str = "UPDATE passwordless_codes SET attempts = attempts + 1
    WHERE tenant = $1 AND name = $2 AND attempts < $3 AND expires_at > $4
    RETURNING name, code_mac";

const DELETE: &str = "DELETE FROM passwordless_codes WHERE tenant = $1 AND name = $2";

#[async_trait]
impl PasswordlessCodes for TenantTx {
    async fn put_passwordless_code(&mut self, code: &PasswordlessCode) -> Result<(), StoreError> {
        let statement = self
            .statement(UPSERT)
            .bind(code.name.as_str())
            .bind(code.mac.as_str())
            .bind(code.expires_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn try_passwordless_code(
        &mut self,
        name: &HandleHash,
        max_attempts: i64,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let statement = self.statement(TRY).bind(name.as_str()).bind(max_attempts).bind(now.0);
        let row = self.change_one(statement).await?;
        read_one("passwordless_codes", row, |columns| {
            let _name: &str = columns.get("name")?;
            columns.get("code_mac")
        })
    }

    async fn delete_passwordless_code(&mut self, name: &HandleHash) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE).bind(name.as_str())).await
    }
}
