//! What clients made for one use only.

use async_trait::async_trait;
use housekey_core::port::{Replays, StoreError};
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;

use crate::tx::TenantTx;

/// Whoever is second waits until the first commits, and then changes nothing.
const INSERT: &str = "INSERT INTO replays (tenant, handle, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT (tenant, handle) DO NOTHING";

#[async_trait]
impl Replays for TenantTx {
    async fn spend_once(&mut self, id: &HandleHash, until: Timestamp) -> Result<bool, StoreError> {
        self.changed(self.statement(INSERT).bind(id.as_str()).bind(until.0)).await
    }
}
