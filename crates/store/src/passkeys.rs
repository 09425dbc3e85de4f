//! Passkey ceremonies of apps, and who is not to be offered a passkey.

use async_trait::async_trait;
use housekey_core::id::UserId;
use housekey_core::passkey::PasskeyTransaction;
use housekey_core::port::{Passkeys, StoreError};
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::tx::TenantTx;

const INSERT: &str = "INSERT INTO passkey_transactions
    (tenant, handle, state, expires_at) VALUES ($1, $2, $3, $4)";

const SPEND: &str = "DELETE FROM passkey_transactions WHERE tenant = $1 AND handle = $2
    RETURNING handle, state, expires_at";

const SELECT_SNOOZE: &str =
    "SELECT user_id, until FROM passkey_snoozes WHERE tenant = $1 AND user_id = $2";

const SNOOZE: &str = "INSERT INTO passkey_snoozes (tenant, user_id, until) VALUES ($1, $2, $3)
    ON CONFLICT (tenant, user_id) DO UPDATE SET until = excluded.until";

#[async_trait]
impl Passkeys for TenantTx {
    async fn insert_passkey_transaction(
        &mut self,
        transaction: &PasskeyTransaction,
    ) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(transaction.handle.as_str())
            .bind(json(&transaction.state)?)
            .bind(transaction.expires_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn spend_passkey_transaction(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<PasskeyTransaction>, StoreError> {
        let row = self.change_one(self.statement(SPEND).bind(handle.as_str())).await?;
        read_one("passkey_transactions", row, read)
    }

    async fn passkeys_snoozed_until(
        &mut self,
        user: &UserId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let row = self.one(self.statement(SELECT_SNOOZE).bind(user.as_str())).await?;
        read_one("passkey_snoozes", row, |columns| {
            let _user: &str = columns.get("user_id")?;
            columns.time("until")
        })
    }

    async fn snooze_passkeys(&mut self, user: &UserId, until: Timestamp) -> Result<(), StoreError> {
        self.change(self.statement(SNOOZE).bind(user.as_str()).bind(until.0)).await?;
        Ok(())
    }
}

fn read(columns: &mut Columns<'_>) -> Result<PasskeyTransaction, StoreError> {
    Ok(PasskeyTransaction {
        handle: HandleHash::from_raw(columns.get::<String>("handle")?),
        state: columns.json("state")?,
        expires_at: columns.time("expires_at")?,
    })
}
