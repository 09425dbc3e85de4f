//! Browsers that are spared a second factor for a while.

use async_trait::async_trait;
use housekey_core::id::UserId;
use housekey_core::mfa::RememberedBrowser;
use housekey_core::port::{RememberedBrowsers, StoreError};
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;

use crate::tx::TenantTx;

const INSERT: &str = "INSERT INTO remembered_browsers
    (tenant, handle, user_id, expires_at, idle_expires_at) VALUES ($1, $2, $3, $4, $5)";

const SELECT: &str = "SELECT handle FROM remembered_browsers
    WHERE tenant = $1 AND handle = $2 AND user_id = $3 AND expires_at > $4
    AND idle_expires_at > $4";

const USE: &str = "UPDATE remembered_browsers SET idle_expires_at = $4
    WHERE tenant = $1 AND handle = $2 AND user_id = $3";

const DELETE_OF_USER: &str = "DELETE FROM remembered_browsers WHERE tenant = $1 AND user_id = $2";

#[async_trait]
impl RememberedBrowsers for TenantTx {
    async fn remember_browser(&mut self, browser: &RememberedBrowser) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(browser.handle.as_str())
            .bind(browser.user_id.as_str())
            .bind(browser.expires_at.0)
            .bind(browser.idle_expires_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn is_browser_remembered(
        &mut self,
        handle: &HandleHash,
        user: &UserId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement =
            self.statement(SELECT).bind(handle.as_str()).bind(user.as_str()).bind(now.0);
        Ok(self.one(statement).await?.is_some())
    }

    async fn use_remembered_browser(
        &mut self,
        handle: &HandleHash,
        user: &UserId,
        idle_expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement =
            self.statement(USE).bind(handle.as_str()).bind(user.as_str()).bind(idle_expires_at.0);
        self.changed(statement).await
    }

    async fn forget_browsers(&mut self, user: &UserId) -> Result<u64, StoreError> {
        self.change(self.statement(DELETE_OF_USER).bind(user.as_str())).await
    }
}
