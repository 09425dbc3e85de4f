//! Questions to devices. Answering one and using an approval up are one statement each.

use async_trait::async_trait;
use housekey_core::guardian::{PushTransaction, RichConsent, State};
use housekey_core::id::{MethodId, UserId};
use housekey_core::port::{PushTransactions, StoreError};
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::tx::TenantTx;

macro_rules! columns {
    () => {
        "handle, token, challenge, user_id, device_id, consent, state, reason, created_at, \
         expires_at"
    };
}

const INSERT: &str = concat!(
    "INSERT INTO push_transactions (tenant, ",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
);

const BY_HANDLE: &str =
    concat!("SELECT ", columns!(), " FROM push_transactions WHERE tenant = $1 AND handle = $2");

const BY_TOKEN: &str =
    concat!("SELECT ", columns!(), " FROM push_transactions WHERE tenant = $1 AND token = $2");

const SUPERSEDE: &str = "UPDATE push_transactions SET state = 'superseded'
    WHERE tenant = $1 AND device_id = $2 AND state IN ('pending', 'accepted')";

const RESOLVE: &str = "UPDATE push_transactions SET state = $3, reason = $4
    WHERE tenant = $1 AND token = $2 AND state = 'pending' AND expires_at > $5";

const SPEND: &str = concat!(
    "UPDATE push_transactions SET state = 'spent'
     WHERE tenant = $1 AND handle = $2 AND state = 'accepted' AND expires_at > $3 RETURNING ",
    columns!()
);

#[async_trait]
impl PushTransactions for TenantTx {
    async fn insert_push_transaction(
        &mut self,
        transaction: &PushTransaction,
    ) -> Result<(), StoreError> {
        let consent = transaction.consent.as_ref().map(json).transpose()?;
        let statement = self
            .statement(INSERT)
            .bind(transaction.handle.as_str())
            .bind(transaction.token.as_str())
            .bind(transaction.challenge.as_str())
            .bind(transaction.user_id.as_str())
            .bind(transaction.device_id.as_str())
            .bind(consent)
            .bind(transaction.state.as_str())
            .bind(transaction.reason.as_deref())
            .bind(transaction.created_at.0)
            .bind(transaction.expires_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn supersede_push_transactions(&mut self, device: &MethodId) -> Result<(), StoreError> {
        self.change(self.statement(SUPERSEDE).bind(device.as_str())).await?;
        Ok(())
    }

    async fn push_transaction(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<PushTransaction>, StoreError> {
        let row = self.one(self.statement(BY_HANDLE).bind(handle.as_str())).await?;
        read_one("push_transactions", row, read)
    }

    async fn push_transaction_by_token(
        &mut self,
        token: &HandleHash,
    ) -> Result<Option<PushTransaction>, StoreError> {
        let row = self.one(self.statement(BY_TOKEN).bind(token.as_str())).await?;
        read_one("push_transactions", row, read)
    }

    async fn resolve_push_transaction(
        &mut self,
        token: &HandleHash,
        accepted: bool,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let state = if accepted { State::Accepted } else { State::Rejected };
        let statement = self
            .statement(RESOLVE)
            .bind(token.as_str())
            .bind(state.as_str())
            .bind(reason)
            .bind(now.0);
        self.changed(statement).await
    }

    async fn spend_push_transaction(
        &mut self,
        handle: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<PushTransaction>, StoreError> {
        let statement = self.statement(SPEND).bind(handle.as_str()).bind(now.0);
        let row = self.change_one(statement).await?;
        read_one("push_transactions", row, read)
    }
}

fn read(columns: &mut Columns<'_>) -> Result<PushTransaction, StoreError> {
    Ok(PushTransaction {
        handle: HandleHash::from_raw(columns.get::<String>("handle")?),
        token: HandleHash::from_raw(columns.get::<String>("token")?),
        challenge: HandleHash::from_raw(columns.get::<String>("challenge")?),
        user_id: UserId::from_raw(columns.get::<String>("user_id")?),
        device_id: MethodId::from_raw(columns.get::<String>("device_id")?),
        consent: columns.optional_json::<RichConsent>("consent")?,
        state: columns.parse("state", State::parse)?,
        reason: columns.get("reason")?,
        created_at: columns.time("created_at")?,
        expires_at: columns.time("expires_at")?,
    })
}
