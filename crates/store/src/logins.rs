//! Login transactions.

use async_trait::async_trait;
use housekey_core::login::LoginTransaction;
use housekey_core::port::{LoginTransactions, StoreError};
use housekey_core::secret::HandleHash;

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::tx::TenantTx;

const INSERT: &str = "INSERT INTO login_transactions
    (tenant, handle, browser, state, expires_at, version) VALUES ($1, $2, $3, $4, $5, $6)";

const SELECT: &str = "SELECT handle, browser, state, expires_at, version
    FROM login_transactions WHERE tenant = $1 AND handle = $2";

const ADVANCE: &str = "UPDATE login_transactions
    SET browser = $3, state = $4, expires_at = $5, version = version + 1
    WHERE tenant = $1 AND handle = $2 AND version = $6";

const FINISH: &str = "DELETE FROM login_transactions WHERE tenant = $1 AND handle = $2";

#[async_trait]
impl LoginTransactions for TenantTx {
    async fn insert_login(&mut self, login: &LoginTransaction) -> Result<(), StoreError> {
        self.write_login(INSERT, login).await?;
        Ok(())
    }

    async fn login(&mut self, handle: &HandleHash) -> Result<Option<LoginTransaction>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(handle.as_str())).await?;
        read_one("login_transactions", row, read)
    }

    async fn advance_login(&mut self, login: &LoginTransaction) -> Result<bool, StoreError> {
        self.write_login(ADVANCE, login).await
    }

    async fn finish_login(&mut self, handle: &HandleHash) -> Result<bool, StoreError> {
        self.changed(self.statement(FINISH).bind(handle.as_str())).await
    }
}

impl TenantTx {
    async fn write_login(
        &mut self,
        sql: &'static str,
        login: &LoginTransaction,
    ) -> Result<bool, StoreError> {
        let statement = self
            .statement(sql)
            .bind(login.handle.as_str())
            .bind(login.browser.as_str())
            .bind(json(&login.state)?)
            .bind(login.expires_at.0)
            .bind(login.version);
        self.changed(statement).await
    }
}

fn read(columns: &mut Columns<'_>) -> Result<LoginTransaction, StoreError> {
    Ok(LoginTransaction {
        handle: HandleHash::from_raw(columns.get::<String>("handle")?),
        browser: HandleHash::from_raw(columns.get::<String>("browser")?),
        state: columns.json("state")?,
        expires_at: columns.time("expires_at")?,
        version: columns.get("version")?,
    })
}
