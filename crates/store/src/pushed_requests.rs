//! Authorization requests that were pushed.

use async_trait::async_trait;
use housekey_core::id::ClientId;
use housekey_core::login::PushedRequest;
use housekey_core::port::{PushedRequests, StoreError};
use housekey_core::secret::HandleHash;

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::tx::TenantTx;

const INSERT: &str = "INSERT INTO pushed_requests
    (tenant, handle, client_id, params, expires_at) VALUES ($1, $2, $3, $4, $5)";

const SPEND: &str = "DELETE FROM pushed_requests
    WHERE tenant = $1 AND handle = $2 AND client_id = $3
    RETURNING handle, client_id, params, expires_at";

#[async_trait]
impl PushedRequests for TenantTx {
    async fn insert_pushed_request(&mut self, request: &PushedRequest) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(request.handle.as_str())
            .bind(request.client_id.as_str())
            .bind(json(&request.params)?)
            .bind(request.expires_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn spend_pushed_request(
        &mut self,
        handle: &HandleHash,
        client: &ClientId,
    ) -> Result<Option<PushedRequest>, StoreError> {
        let statement = self.statement(SPEND).bind(handle.as_str()).bind(client.as_str());
        let row = self.change_one(statement).await?;
        read_one("pushed_requests", row, read)
    }
}

fn read(columns: &mut Columns<'_>) -> Result<PushedRequest, StoreError> {
    Ok(PushedRequest {
        handle: HandleHash::from_raw(columns.get::<String>("handle")?),
        client_id: ClientId::from_raw(columns.get::<String>("client_id")?),
        params: columns.json("params")?,
        expires_at: columns.time("expires_at")?,
    })
}
