//! Brings a database's schema up to date.
//!
//! A migration is written for SQLite and translated word by word. Once released it never changes;
//! a database that has a migration this version does not know is refused.

use std::borrow::Cow;

use housekey_core::port::StoreError;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::error::{OpenError, failed};
use crate::row::Columns;

/// What migrating takes on one engine.
pub(crate) struct Dialect {
    /// Begins a transaction that may write.
    pub(crate) begin: &'static str,
    /// Makes the transaction the only one that migrates, if beginning it does not.
    pub(crate) lock: Option<&'static str>,
    /// Words of a migration and what they are here.
    pub(crate) words: &'static [(&'static str, &'static str)],
}

struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "initial", sql: include_str!("../migrations/0001_initial.sql") },
    Migration { version: 2, name: "phone", sql: include_str!("../migrations/0002_phone.sql") },
    Migration { version: 3, name: "push", sql: include_str!("../migrations/0003_push.sql") },
];

/// Applies what is missing. Any number of processes may do so at once.
pub(crate) async fn run(
    connection: &mut AnyConnection,
    dialect: &Dialect,
) -> Result<(), StoreError> {
    // A database that never was migrated has no table to read; that, too, is settled below.
    if let Ok(applied) = applied(connection).await
        && missing(&applied)?.is_empty()
    {
        return Ok(());
    }
    let mut transaction = connection.begin_with(dialect.begin).await.map_err(failed)?;
    if let Some(lock) = dialect.lock {
        sqlx::query(lock).execute(&mut *transaction).await.map_err(failed)?;
    }
    execute(&mut transaction, translated(CREATE_TABLE, dialect)).await?;
    let applied = applied(&mut transaction).await?;
    for migration in missing(&applied)? {
        apply(&mut transaction, migration, dialect).await?;
    }
    transaction.commit().await.map_err(failed)
}

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version  INTEGER NOT NULL PRIMARY KEY,
    name     TEXT    NOT NULL,
    checksum INTEGER NOT NULL
) STRICT";

async fn applied(connection: &mut AnyConnection) -> Result<Vec<AnyRow>, StoreError> {
    sqlx::query("SELECT version, checksum FROM schema_migrations ORDER BY version")
        .fetch_all(connection)
        .await
        .map_err(failed)
}

fn missing(applied: &[AnyRow]) -> Result<&'static [Migration], StoreError> {
    for (at, row) in applied.iter().enumerate() {
        let mut columns = Columns::of("schema_migrations", row);
        let version: i64 = columns.get("version")?;
        let checksum: i64 = columns.get("checksum")?;
        let known = MIGRATIONS.get(at).filter(|known| known.version == version);
        let known = known.ok_or(OpenError::NewerDatabase(version))?;
        if known.checksum() != checksum {
            return Err(OpenError::ChangedMigration(version).into());
        }
    }
    Ok(&MIGRATIONS[applied.len()..])
}

async fn apply(
    connection: &mut AnyConnection,
    migration: &Migration,
    dialect: &Dialect,
) -> Result<(), StoreError> {
    execute(connection, translated(migration.sql, dialect)).await?;
    sqlx::query("INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)")
        .bind(migration.version)
        .bind(migration.name)
        .bind(migration.checksum())
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

async fn execute(connection: &mut AnyConnection, sql: Cow<'static, str>) -> Result<(), StoreError> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map_err(failed)?;
    Ok(())
}

fn translated(sql: &'static str, dialect: &Dialect) -> Cow<'static, str> {
    dialect
        .words
        .iter()
        .fold(Cow::Borrowed(sql), |sql, (word, here)| Cow::Owned(sql.replace(word, here)))
}

impl Migration {
    /// FNV-1a over the text: tells an edited file from the applied one, nothing more.
    fn checksum(&self) -> i64 {
        let hash = self.sql.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        hash.cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_from_one_without_gaps() {
        for (migration, version) in MIGRATIONS.iter().zip(1..) {
            assert_eq!(migration.version, version, "{}", migration.name);
        }
    }

    /// A released migration is frozen: databases refuse it once its text has changed.
    #[test]
    fn words_are_replaced_and_the_rest_is_kept() {
        let dialect = Dialect {
            begin: "BEGIN",
            lock: None,
            words: &[("INTEGER", "BIGINT"), (" STRICT", "")],
        };
        let sql = translated("CREATE TABLE t (a INTEGER NOT NULL, b TEXT) STRICT", &dialect);
        assert_eq!(sql, "CREATE TABLE t (a BIGINT NOT NULL, b TEXT)");
    }
}
