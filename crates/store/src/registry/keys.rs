//! Signing keys.

use housekey_core::id::KeyId;
use housekey_core::port::StoreError;
use housekey_core::token::{KeyState, StoredKey};

use crate::row::{Columns, read_all};
use crate::tx::TenantTx;

const SELECT: &str = "SELECT id, state, sealed_private, certificate, created_at
    FROM signing_keys WHERE tenant = $1 ORDER BY created_at, id";

const UPSERT: &str = "INSERT INTO signing_keys
    (tenant, id, state, sealed_private, certificate, created_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state";

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
            .bind(key.created_at.0);
        tx.change(statement).await?;
    }
    Ok(())
}

/// Removes a key. False if there is none of that id.
pub(super) async fn delete(tx: &mut TenantTx, key: &KeyId) -> Result<bool, StoreError> {
    tx.changed(tx.statement(DELETE).bind(key.as_str())).await
}

fn read(columns: &mut Columns<'_>) -> Result<StoredKey, StoreError> {
    Ok(StoredKey {
        id: KeyId::from_raw(columns.get::<String>("id")?),
        state: columns.parse("state", KeyState::parse)?,
        sealed_private: columns.get("sealed_private")?,
        certificate: columns.get("certificate")?,
        created_at: columns.time("created_at")?,
    })
}
