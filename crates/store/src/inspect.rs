//! Looking at a database without changing it, for whoever wants to know what is wrong.

use std::path::{Path, PathBuf};

use housekey_core::port::StoreError;
use housekey_core::time::Timestamp;

use crate::db;
use crate::engine::Engine;
use crate::error::other;
use crate::migrate::pending;
use crate::row::Columns;
use crate::statement::Statement;

/// What a database is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// A file that is not there yet; opening makes it.
    Missing {
        /// Its absolute path.
        path: PathBuf,
    },
    /// A file on this machine.
    File {
        /// Its absolute path.
        path: PathBuf,
        /// Migrations it is missing.
        pending: usize,
    },
    /// A server, with a clock of its own.
    Server {
        /// Migrations it is missing.
        pending: usize,
        /// What its clock says.
        now: Timestamp,
    },
}

/// Looks at the database at `url`.
///
/// # Errors
/// If it cannot be reached or read, or a newer Housekey has migrated it.
pub async fn inspect(url: &str) -> Result<Inspection, StoreError> {
    match url.strip_prefix("sqlite:") {
        Some(path) => file(path.strip_prefix("//").unwrap_or(path)).await,
        None => server(url).await,
    }
}

async fn file(path: &str) -> Result<Inspection, StoreError> {
    let path = db::absolute(path)?;
    if !Path::exists(&path) {
        return Ok(Inspection::Missing { path });
    }
    let engine = db::reader(path.clone());
    let mut connection = engine.connect().await?;
    let pending = pending::<db::Sqlite>(&mut connection).await?;
    db::Sqlite::close(connection).await;
    Ok(Inspection::File { path, pending })
}

async fn server(url: &str) -> Result<Inspection, StoreError> {
    const NOW: &str =
        "SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT) AS now";
    let mut connection = db::Postgres::at(url)?.connect().await?;
    let rows = db::Postgres::rows(&mut connection, Statement::new(NOW)).await?;
    let row = rows.first().ok_or_else(|| other("the database does not tell the time"))?;
    let now = Timestamp(Columns::of("clock", row).get("now")?);
    let pending = pending::<db::Postgres>(&mut connection).await?;
    db::Postgres::close(connection).await;
    Ok(Inspection::Server { pending, now })
}
