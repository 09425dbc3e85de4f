//! Brings a database's schema up to date.
//!
//! A migration is written for SQLite and translated word by word. Once released it never changes;
//! a database that has a migration this version does not know is refused.

use std::borrow::Cow;

use housekey_core::port::StoreError;

use crate::engine::Engine;
use crate::error::OpenError;
use crate::row::Columns;
use crate::statement::{Row, Statement};

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
    Migration {
        version: 2,
        name: "objections",
        sql: include_str!("../migrations/0002_objections.sql"),
    },
    Migration {
        version: 3,
        name: "passkeys",
        sql: include_str!("../migrations/0003_passkeys.sql"),
    },
    Migration {
        version: 4,
        name: "consents",
        sql: include_str!("../migrations/0004_consents.sql"),
    },
    Migration { version: 5, name: "phone", sql: include_str!("../migrations/0005_phone.sql") },
    Migration { version: 6, name: "push", sql: include_str!("../migrations/0006_push.sql") },
    Migration { version: 7, name: "dpop", sql: include_str!("../migrations/0007_dpop.sql") },
    Migration { version: 8, name: "users", sql: include_str!("../migrations/0008_users.sql") },
    Migration { version: 9, name: "house", sql: include_str!("../migrations/0009_house.sql") },
    Migration {
        version: 10,
        name: "global_clients",
        sql: include_str!("../migrations/0010_global_clients.sql"),
    },
    Migration { version: 11, name: "jobs", sql: include_str!("../migrations/0011_jobs.sql") },
    Migration { version: 12, name: "mfa", sql: include_str!("../migrations/0012_mfa.sql") },
    Migration {
        version: 13,
        name: "domains_and_links",
        sql: include_str!("../migrations/0013_domains_and_links.sql"),
    },
    Migration { version: 14, name: "mfa_api", sql: include_str!("../migrations/0014_mfa_api.sql") },
];

/// Applies what is missing. Any number of processes may do so at once. A connection on which this
/// failed is of no further use.
pub(crate) async fn run<E: Engine>(
    connection: &mut E::Connection,
    dialect: &Dialect,
) -> Result<(), StoreError> {
    // A database that never was migrated has no table to read; that, too, is settled below.
    if let Ok(applied) = applied::<E>(connection).await
        && missing(&applied)?.is_empty()
    {
        return Ok(());
    }
    E::script(connection, dialect.begin).await?;
    if let Some(lock) = dialect.lock {
        E::script(connection, lock).await?;
    }
    E::script(connection, &translated(CREATE_TABLE, dialect)).await?;
    let applied = applied::<E>(connection).await?;
    for migration in missing(&applied)? {
        apply::<E>(connection, migration, dialect).await?;
    }
    E::script(connection, "COMMIT").await
}

/// How many migrations a database is missing; nothing is changed.
pub(crate) async fn pending<E: Engine>(
    connection: &mut E::Connection,
) -> Result<usize, StoreError> {
    match applied::<E>(connection).await {
        Ok(applied) => Ok(missing(&applied)?.len()),
        // It never was migrated: there is no table to read.
        Err(_) => Ok(MIGRATIONS.len()),
    }
}

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version  INTEGER NOT NULL PRIMARY KEY,
    name     TEXT    NOT NULL,
    checksum INTEGER NOT NULL
) STRICT";

async fn applied<E: Engine>(connection: &mut E::Connection) -> Result<Vec<Row>, StoreError> {
    const SELECT: &str = "SELECT version, checksum FROM schema_migrations ORDER BY version";
    E::rows(connection, Statement::new(SELECT)).await
}

fn missing(applied: &[Row]) -> Result<&'static [Migration], StoreError> {
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

async fn apply<E: Engine>(
    connection: &mut E::Connection,
    migration: &Migration,
    dialect: &Dialect,
) -> Result<(), StoreError> {
    const INSERT: &str =
        "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)";
    E::script(connection, &translated(migration.sql, dialect)).await?;
    let statement = Statement::new(INSERT)
        .bind(migration.version)
        .bind(migration.name)
        .bind(migration.checksum());
    E::change(connection, statement).await.map(drop)
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
