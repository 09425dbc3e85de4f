//! Links by which people object to a change. A used one is gone.

use async_trait::async_trait;
use housekey_core::account::Objection;
use housekey_core::id::{MethodId, UserId};
use housekey_core::port::{Objections, StoreError};
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::tx::TenantTx;

macro_rules! objection_columns {
    () => {
        "handle, user_id, method_id, happened, address, ip, user_agent, created_at, expires_at"
    };
}

const INSERT: &str = concat!(
    "INSERT INTO objections (tenant, ",
    objection_columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);

const SELECT: &str = concat!(
    "SELECT ",
    objection_columns!(),
    " FROM objections WHERE tenant = $1 AND handle = $2 AND expires_at > $3"
);

const SPEND: &str = concat!(
    "DELETE FROM objections WHERE tenant = $1 AND handle = $2 AND expires_at > $3 RETURNING ",
    objection_columns!()
);

#[async_trait]
impl Objections for TenantTx {
    async fn insert_objection(&mut self, objection: &Objection) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(objection.handle.as_str())
            .bind(objection.user_id.as_str())
            .bind(objection.method_id.as_ref().map(MethodId::as_str))
            .bind(json(&objection.happened)?)
            .bind(objection.address.as_str())
            .bind(objection.ip.as_str())
            .bind(objection.user_agent.as_str())
            .bind(objection.created_at.0)
            .bind(objection.expires_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn objection(
        &mut self,
        handle: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<Objection>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(handle.as_str()).bind(now.0)).await?;
        read_one("objections", row, read)
    }

    async fn spend_objection(
        &mut self,
        handle: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<Objection>, StoreError> {
        let row = self.change_one(self.statement(SPEND).bind(handle.as_str()).bind(now.0)).await?;
        read_one("objections", row, read)
    }
}

fn read(columns: &mut Columns<'_>) -> Result<Objection, StoreError> {
    Ok(Objection {
        handle: HandleHash::from_raw(columns.get::<String>("handle")?),
        user_id: UserId::from_raw(columns.get::<String>("user_id")?),
        method_id: columns.get::<Option<String>>("method_id")?.map(MethodId::from_raw),
        happened: columns.json("happened")?,
        address: columns.get("address")?,
        ip: columns.get("ip")?,
        user_agent: columns.get("user_agent")?,
        created_at: columns.time("created_at")?,
        expires_at: columns.time("expires_at")?,
    })
}
