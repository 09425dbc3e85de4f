//! Passwords and their predecessors.

use housekey_core::id::UserId;
use housekey_core::port::StoreError;
use housekey_core::time::Timestamp;
use housekey_core::user::Password;

use crate::row::Columns;
use crate::statement::Row;
use crate::tx::TenantTx;

/// The columns of table `p` that [`read`] reads.
macro_rules! password_columns {
    () => {
        "p.user_id, p.hash, p.created_at, p.changed_at"
    };
}
pub(crate) use password_columns;

/// How many they are.
pub(crate) const PASSWORD_COLUMNS: usize = 4;

/// Changes nothing but locks the row, so that two changes at once both reach the history.
const LOCK: &str = "UPDATE passwords SET hash = hash WHERE tenant = $1 AND user_id = $2
    RETURNING user_id, hash";

const UPSERT: &str = "INSERT INTO passwords (tenant, user_id, hash, created_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant, user_id)
    DO UPDATE SET hash = excluded.hash, changed_at = excluded.created_at";

const RETIRE: &str = "INSERT INTO password_history (tenant, user_id, hash, position)
    VALUES ($1, $2, $3, (SELECT COALESCE(MAX(position), 0) + 1 FROM password_history
        WHERE tenant = $1 AND user_id = $2))";

const FORGET: &str = "DELETE FROM password_history WHERE tenant = $1 AND user_id = $2
    AND position <= (SELECT MAX(position) FROM password_history
        WHERE tenant = $1 AND user_id = $2) - $3";

const DELETE: &str = "DELETE FROM passwords WHERE tenant = $1 AND user_id = $2";

const REHASH: &str = "UPDATE passwords SET hash = $4
    WHERE tenant = $1 AND user_id = $2 AND hash = $3";

const NEWEST: &str = "SELECT user_id, hash FROM (
        SELECT user_id, hash, 1 AS present, 0 AS position FROM passwords
            WHERE tenant = $1 AND user_id = $2
        UNION ALL
        SELECT user_id, hash, 0 AS present, position FROM password_history
            WHERE tenant = $1 AND user_id = $2
    ) AS known ORDER BY present DESC, position DESC LIMIT $3";

/// Reads [`password_columns`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Option<Password>, StoreError> {
    if columns.is_absent() {
        return Ok(None);
    }
    let _user: &str = columns.get("user_id")?;
    Ok(Some(Password {
        hash: columns.get("hash")?,
        created_at: columns.time("created_at")?,
        changed_at: columns.optional_time("changed_at")?,
        identity: None,
    }))
}

/// Sets the password and moves the previous one to the history.
pub(crate) async fn set(
    tx: &mut TenantTx,
    user: &UserId,
    hash: &str,
    keep_history: u32,
    now: Timestamp,
) -> Result<(), StoreError> {
    let previous = tx.change_one(tx.statement(LOCK).bind(user.as_str())).await?;
    let upsert = tx.statement(UPSERT).bind(user.as_str()).bind(hash).bind(now.0);
    tx.change(upsert).await?;
    if let Some(previous) = previous {
        let previous = read_hash("passwords", &previous)?;
        tx.change(tx.statement(RETIRE).bind(user.as_str()).bind(previous)).await?;
        let keep = i64::from(keep_history);
        tx.change(tx.statement(FORGET).bind(user.as_str()).bind(keep)).await?;
    }
    Ok(())
}

/// Removes the password.
pub(crate) async fn delete(tx: &mut TenantTx, user: &UserId) -> Result<bool, StoreError> {
    tx.changed(tx.statement(DELETE).bind(user.as_str())).await
}

/// Replaces the hash of an unchanged password.
pub(crate) async fn rehash(
    tx: &mut TenantTx,
    user: &UserId,
    old: &str,
    new: &str,
) -> Result<(), StoreError> {
    tx.change(tx.statement(REHASH).bind(user.as_str()).bind(old).bind(new)).await?;
    Ok(())
}

/// The newest hashes, the present one first.
pub(crate) async fn newest(
    tx: &mut TenantTx,
    user: &UserId,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let statement = tx.statement(NEWEST).bind(user.as_str()).bind(i64::from(limit));
    let rows = tx.all(statement).await?;
    rows.iter().map(|row| read_hash("password_history", row)).collect()
}

fn read_hash(table: &'static str, row: &Row) -> Result<String, StoreError> {
    let mut columns = Columns::of(table, row);
    let _user: &str = columns.get("user_id")?;
    columns.get("hash")
}
