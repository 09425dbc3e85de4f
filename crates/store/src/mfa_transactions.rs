//! Grants that wait for a second factor.

use async_trait::async_trait;
use housekey_core::id::UserId;
use housekey_core::mfa::MfaTransaction;
use housekey_core::port::{MfaTransactions, StoreError};
use housekey_core::secret::HandleHash;

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::tx::TenantTx;

const UPSERT: &str = "INSERT INTO mfa_transactions
    (tenant, handle, user_id, state, expires_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant, handle) DO UPDATE SET
        user_id = excluded.user_id, state = excluded.state, expires_at = excluded.expires_at";

const SELECT: &str = "SELECT handle, user_id, state, expires_at FROM mfa_transactions
    WHERE tenant = $1 AND handle = $2";

const UPDATE: &str = "UPDATE mfa_transactions SET state = $3 WHERE tenant = $1 AND handle = $2";

const DELETE: &str = "DELETE FROM mfa_transactions WHERE tenant = $1 AND handle = $2";

#[async_trait]
impl MfaTransactions for TenantTx {
    async fn put_mfa_transaction(
        &mut self,
        transaction: &MfaTransaction,
    ) -> Result<(), StoreError> {
        let statement = self
            .statement(UPSERT)
            .bind(transaction.handle.as_str())
            .bind(transaction.user_id.as_str())
            .bind(json(&transaction.state)?)
            .bind(transaction.expires_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn mfa_transaction(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<MfaTransaction>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(handle.as_str())).await?;
        read_one("mfa_transactions", row, read)
    }

    async fn update_mfa_transaction(
        &mut self,
        transaction: &MfaTransaction,
    ) -> Result<bool, StoreError> {
        let statement = self
            .statement(UPDATE)
            .bind(transaction.handle.as_str())
            .bind(json(&transaction.state)?);
        self.changed(statement).await
    }

    async fn finish_mfa_transaction(&mut self, handle: &HandleHash) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE).bind(handle.as_str())).await
    }
}

fn read(columns: &mut Columns<'_>) -> Result<MfaTransaction, StoreError> {
    Ok(MfaTransaction {
        handle: HandleHash::from_raw(columns.get::<String>("handle")?),
        user_id: UserId::from_raw(columns.get::<String>("user_id")?),
        state: columns.json("state")?,
        expires_at: columns.time("expires_at")?,
    })
}
