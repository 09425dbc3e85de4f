//! Authorization codes. A spent code stays until it would have expired: its replay must be noticed.

use async_trait::async_trait;
use housekey_core::id::FamilyId;
use housekey_core::port::{AuthorizationCodes, StoreError};
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;
use housekey_core::token::AuthorizationCode;

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::tx::TenantTx;

const INSERT: &str = "INSERT INTO authorization_codes
    (tenant, handle, family_id, decision, expires_at) VALUES ($1, $2, $3, $4, $5)";

const SPEND: &str = "UPDATE authorization_codes SET used_at = $3
    WHERE tenant = $1 AND handle = $2 AND used_at IS NULL
    RETURNING handle, family_id, decision, expires_at";

const FAMILY_OF_SPENT: &str = "SELECT handle, family_id FROM authorization_codes
    WHERE tenant = $1 AND handle = $2 AND used_at IS NOT NULL";

#[async_trait]
impl AuthorizationCodes for TenantTx {
    async fn insert_code(&mut self, code: &AuthorizationCode) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(code.handle.as_str())
            .bind(code.family_id.as_str())
            .bind(json(&code.authorization)?)
            .bind(code.expires_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn spend_code(
        &mut self,
        handle: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<AuthorizationCode>, StoreError> {
        let row = self.change_one(self.statement(SPEND).bind(handle.as_str()).bind(now.0)).await?;
        read_one("authorization_codes", row, read)
    }

    async fn family_of_spent_code(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<FamilyId>, StoreError> {
        let row = self.one(self.statement(FAMILY_OF_SPENT).bind(handle.as_str())).await?;
        read_one("authorization_codes", row, |columns| {
            let _handle: &str = columns.get("handle")?;
            read_family(columns)
        })
    }
}

fn read(columns: &mut Columns<'_>) -> Result<AuthorizationCode, StoreError> {
    Ok(AuthorizationCode {
        handle: HandleHash::from_raw(columns.get::<String>("handle")?),
        family_id: read_family(columns)?,
        authorization: columns.json("decision")?,
        expires_at: columns.time("expires_at")?,
    })
}

fn read_family(columns: &mut Columns<'_>) -> Result<FamilyId, StoreError> {
    Ok(FamilyId::from_raw(columns.get::<String>("family_id")?))
}
