//! Signing keys.

use housekey_core::id::KeyId;
use housekey_core::port::StoreError;
use housekey_core::time::Timestamp;
use housekey_core::token::{KeyState, Reign, RevokedKey, StoredKey};

use crate::row::{Columns, read_all};
use crate::tx::TenantTx;

const SELECT: &str = "SELECT
    id, state, sealed_private, certificate, created_at, current_since, current_until
    FROM signing_keys WHERE tenant = $1 ORDER BY created_at, id";

const UPSERT: &str = "INSERT INTO signing_keys
    (tenant, id, state, sealed_private, certificate, created_at, current_since, current_until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state,
    current_since = excluded.current_since, current_until = excluded.current_until";

const INSERT_REVOKED: &str = "INSERT INTO revoked_keys
    (tenant, id, certificate, current_since, current_until, revoked_at)
    SELECT tenant, id, certificate, current_since, current_until, $3
    FROM signing_keys WHERE tenant = $1 AND id = $2";

const SELECT_REVOKED: &str = "SELECT id, certificate, current_since, current_until, revoked_at
    FROM revoked_keys WHERE tenant = $1 ORDER BY revoked_at DESC, id";

const DELETE: &str = "DELETE FROM signing_keys WHERE tenant = $1 AND id = $2";

/// All keys, oldest first.
pub(super) async fn all(tx: &mut TenantTx) -> Result<Vec<StoredKey>, StoreError> {
    let rows = tx.all(tx.statement(SELECT)).await?;
    read_all("signing_keys", &rows, read)
}

/// Adds keys and gives existing ones the state named here.
pub(super) async fn put(tx: &mut TenantTx, keys: &[StoredKey]) -> Result<(), StoreError> {
    for key in keys {
        let statement = tx
            .statement(UPSERT)
            .bind(key.id.as_str())
            .bind(key.state.as_str())
            .bind(key.sealed_private.as_slice())
            .bind(key.certificate.as_slice())
            .bind(key.created_at.0)
            .bind(key.reign.since.map(|since| since.0))
            .bind(key.reign.until.map(|until| until.0));
        tx.change(statement).await?;
    }
    Ok(())
}

/// Moves a key to those that were revoked, without its private part. False if there is none of that
/// id.
pub(super) async fn revoke(
    tx: &mut TenantTx,
    key: &KeyId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    tx.change(tx.statement(INSERT_REVOKED).bind(key.as_str()).bind(now.0)).await?;
    tx.changed(tx.statement(DELETE).bind(key.as_str())).await
}

/// The keys that were revoked, the newest first.
pub(super) async fn revoked(tx: &mut TenantTx) -> Result<Vec<RevokedKey>, StoreError> {
    let rows = tx.all(tx.statement(SELECT_REVOKED)).await?;
    read_all("revoked_keys", &rows, |columns| {
        Ok(RevokedKey {
            id: KeyId::from_raw(columns.get::<String>("id")?),
            certificate: columns.get("certificate")?,
            reign: reign(columns)?,
            revoked_at: columns.time("revoked_at")?,
        })
    })
}

fn reign(columns: &mut Columns<'_>) -> Result<Reign, StoreError> {
    Ok(Reign {
        since: columns.optional_time("current_since")?,
        until: columns.optional_time("current_until")?,
    })
}

fn read(columns: &mut Columns<'_>) -> Result<StoredKey, StoreError> {
    Ok(StoredKey {
        id: KeyId::from_raw(columns.get::<String>("id")?),
        state: columns.parse("state", KeyState::parse)?,
        sealed_private: columns.get("sealed_private")?,
        certificate: columns.get("certificate")?,
        created_at: columns.time("created_at")?,
        reign: reign(columns)?,
    })
}
