//! What people allowed applications to do.

use async_trait::async_trait;
use housekey_core::access::Consent;
use housekey_core::id::{ClientId, ConsentId, ResourceServerId, UserId};
use housekey_core::port::{Consents, StoreError};

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::tx::TenantTx;

/// The columns of table `c` that [`read`] reads.
macro_rules! consent_columns {
    () => {
        "c.id, c.user_id, c.client_id, c.resource_server_id, c.scope, c.updated_at"
    };
}
pub(crate) use consent_columns;

const SELECT: &str = concat!(
    "SELECT ",
    consent_columns!(),
    " FROM consents c
      WHERE c.tenant = $1 AND c.user_id = $2 AND c.client_id = $3 AND c.resource_server_id = $4"
);

const UPSERT: &str = "INSERT INTO consents
    (tenant, id, user_id, client_id, resource_server_id, scope, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (tenant, user_id, client_id, resource_server_id) DO UPDATE SET
    id = excluded.id, scope = excluded.scope, updated_at = excluded.updated_at";

const DELETE: &str = "DELETE FROM consents WHERE tenant = $1 AND id = $2";

#[async_trait]
impl Consents for TenantTx {
    async fn consent(
        &mut self,
        user: &UserId,
        client: &ClientId,
        resource_server: &ResourceServerId,
    ) -> Result<Option<Consent>, StoreError> {
        let statement = self
            .statement(SELECT)
            .bind(user.as_str())
            .bind(client.as_str())
            .bind(resource_server.as_str());
        let row = self.one(statement).await?;
        read_one("consents", row, read)
    }

    async fn put_consent(&mut self, consent: &Consent) -> Result<(), StoreError> {
        let statement = self
            .statement(UPSERT)
            .bind(consent.id.as_str())
            .bind(consent.user_id.as_str())
            .bind(consent.client_id.as_str())
            .bind(consent.resource_server_id.as_str())
            .bind(json(&consent.scope)?)
            .bind(consent.updated_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn delete_consent(&mut self, id: &ConsentId) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE).bind(id.as_str())).await
    }
}

/// Reads [`consent_columns`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Consent, StoreError> {
    Ok(Consent {
        id: ConsentId::from_raw(columns.get::<String>("id")?),
        user_id: UserId::from_raw(columns.get::<String>("user_id")?),
        client_id: ClientId::from_raw(columns.get::<String>("client_id")?),
        resource_server_id: ResourceServerId::from_raw(
            columns.get::<String>("resource_server_id")?,
        ),
        scope: columns.json("scope")?,
        updated_at: columns.time("updated_at")?,
    })
}
