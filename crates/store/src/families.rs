//! Token families.

use async_trait::async_trait;
use housekey_core::id::{ClientId, FamilyId, SessionId, UserId};
use housekey_core::port::{StoreError, TokenFamilies};
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;
use housekey_core::token::Family;
use housekey_core::token::dpop::Binding;
use housekey_core::user::User;

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::tx::TenantTx;
use crate::users::{self, user_columns};

const INSERT: &str = "INSERT INTO token_families
    (tenant, id, handle, user_id, client_id, issuer, session_id, audience, scope, events, heads,
     created_at, last_used_at, expires_at, idle_expires_at, revoked_at, version, dpop_jkt,
     device)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";

/// The columns of table `f` that [`read`] reads.
macro_rules! family_columns {
    () => {
        "f.id, f.handle, f.user_id, f.client_id, f.issuer, f.session_id, f.audience, f.scope, \
         f.events, f.heads, f.created_at, f.last_used_at, f.expires_at, f.idle_expires_at, \
         f.revoked_at, f.version, f.dpop_jkt, f.device, f.metadata"
    };
}
pub(crate) use family_columns;

/// How many they are.
const FAMILY_COLUMNS: usize = 19;

const SELECT: &str = concat!(
    "SELECT ",
    family_columns!(),
    " FROM token_families f WHERE f.tenant = $1 AND f.id = $2"
);

const SELECT_BY_HANDLE: &str = concat!(
    "SELECT ",
    family_columns!(),
    ", ",
    user_columns!(),
    " FROM token_families f
      LEFT JOIN users u ON u.tenant = f.tenant AND u.id = f.user_id
      WHERE f.tenant = $1 AND f.handle = $2"
);

/// Changes nothing but locks the row, where beginning a transaction does not lock everything.
const LOCK: &str = "UPDATE token_families SET version = version WHERE tenant = $1 AND handle = $2";

const ADVANCE: &str = "UPDATE token_families
    SET heads = $4, events = $5, idle_expires_at = $6, last_used_at = $7, dpop_jkt = $8,
        device = $9,
        version = version + 1
    WHERE tenant = $1 AND id = $2 AND version = $3 AND revoked_at IS NULL";

const REVOKE: &str = "UPDATE token_families SET revoked_at = $3, version = version + 1
    WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL";

const REVOKE_OF_USER: &str = "UPDATE token_families SET revoked_at = $3, version = version + 1
    WHERE tenant = $1 AND user_id = $2 AND revoked_at IS NULL AND ($4 = 1 OR handle IS NULL)
    AND ($5 IS NULL OR id <> $5)";

const TRIM: &str = "UPDATE token_families SET revoked_at = $4, version = version + 1
    WHERE tenant = $1 AND user_id = $2 AND client_id = $3
    AND handle IS NOT NULL AND revoked_at IS NULL
    AND id NOT IN (SELECT id FROM token_families
        WHERE tenant = $1 AND user_id = $2 AND client_id = $3
        AND handle IS NOT NULL AND revoked_at IS NULL
        ORDER BY created_at DESC, id DESC LIMIT $5)";

#[async_trait]
impl TokenFamilies for TenantTx {
    async fn insert_family(&mut self, family: &Family) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(family.id.as_str())
            .bind(family.handle.as_ref().map(HandleHash::as_str))
            .bind(family.user_id.as_str())
            .bind(family.client_id.as_str())
            .bind(family.issuer.as_str())
            .bind(family.session_id.as_ref().map(SessionId::as_str))
            .bind(family.audience.as_ref().map(json).transpose()?)
            .bind(json(&family.scope)?)
            .bind(json(&family.events)?)
            .bind(json(&family.heads)?)
            .bind(family.created_at.0)
            .bind(family.last_used_at.0)
            .bind(family.expires_at.map(|at| at.0))
            .bind(family.idle_expires_at.map(|at| at.0))
            .bind(family.revoked_at.map(|at| at.0))
            .bind(family.version)
            .bind(family.binding.as_ref().map(Binding::as_str))
            .bind(json(&family.device)?);
        self.change(statement).await?;
        Ok(())
    }

    async fn family_by_handle(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<(Family, Option<User>)>, StoreError> {
        let row = self.one(self.statement(SELECT_BY_HANDLE).bind(handle.as_str())).await?;
        row.map(|row| {
            let mut columns = Columns::of("token_families", &row);
            let family = read(&mut columns)?;
            let mut columns = columns.join("users", FAMILY_COLUMNS);
            let user = (!columns.is_absent()).then(|| users::read(&mut columns)).transpose()?;
            Ok((family, user))
        })
        .transpose()
    }

    async fn family(&mut self, id: &FamilyId) -> Result<Option<Family>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(id.as_str())).await?;
        read_one("token_families", row, read)
    }

    async fn lock_family(&mut self, handle: &HandleHash) -> Result<(), StoreError> {
        self.change(self.statement(LOCK).bind(handle.as_str())).await?;
        Ok(())
    }

    async fn advance_family(&mut self, family: &Family) -> Result<bool, StoreError> {
        let statement = self
            .statement(ADVANCE)
            .bind(family.id.as_str())
            .bind(family.version)
            .bind(json(&family.heads)?)
            .bind(json(&family.events)?)
            .bind(family.idle_expires_at.map(|at| at.0))
            .bind(family.last_used_at.0)
            .bind(family.binding.as_ref().map(Binding::as_str))
            .bind(json(&family.device)?);
        self.changed(statement).await
    }

    async fn revoke_family(&mut self, id: &FamilyId, now: Timestamp) -> Result<bool, StoreError> {
        self.changed(self.statement(REVOKE).bind(id.as_str()).bind(now.0)).await
    }

    async fn revoke_families_of(
        &mut self,
        user: &UserId,
        including_offline: bool,
        except: Option<&FamilyId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let statement = self
            .statement(REVOKE_OF_USER)
            .bind(user.as_str())
            .bind(now.0)
            .bind(i64::from(including_offline))
            .bind(except.map(FamilyId::as_str));
        self.change(statement).await
    }

    async fn trim_families(
        &mut self,
        user: &UserId,
        client: &ClientId,
        keep: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let statement = self
            .statement(TRIM)
            .bind(user.as_str())
            .bind(client.as_str())
            .bind(now.0)
            .bind(i64::from(keep));
        self.change(statement).await?;
        Ok(())
    }
}

/// Reads [`family_columns`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Family, StoreError> {
    Ok(Family {
        id: FamilyId::from_raw(columns.get::<String>("id")?),
        handle: columns.get::<Option<String>>("handle")?.map(HandleHash::from_raw),
        user_id: UserId::from_raw(columns.get::<String>("user_id")?),
        client_id: ClientId::from_raw(columns.get::<String>("client_id")?),
        issuer: columns.get("issuer")?,
        session_id: columns.get::<Option<String>>("session_id")?.map(SessionId::from_raw),
        audience: columns.optional_json("audience")?,
        scope: columns.json("scope")?,
        events: columns.json("events")?,
        heads: columns.json("heads")?,
        created_at: columns.time("created_at")?,
        last_used_at: columns.time("last_used_at")?,
        expires_at: columns.optional_time("expires_at")?,
        idle_expires_at: columns.optional_time("idle_expires_at")?,
        revoked_at: columns.optional_time("revoked_at")?,
        version: columns.get("version")?,
        binding: columns.get::<Option<String>>("dpop_jkt")?.map(Binding::from_raw),
        device: columns.json("device")?,
        metadata: columns.json("metadata")?,
    })
}
