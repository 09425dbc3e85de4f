//! PostgreSQL: a server that several processes may share.

mod connection;
mod write;

use std::time::Duration;

use housekey_core::port::StoreError;

pub(crate) use self::connection::Postgres;
pub(crate) use self::write::Write;
use super::{Engines, Options};
use crate::engine::Engine;
use crate::migrate::{self, Dialect};
use crate::pool::Pool;

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

const DIALECT: Dialect = Dialect {
    begin: BEGIN,
    lock: Some("SELECT pg_advisory_xact_lock(7307412051913270137)"),
    words: &[
        ("INTEGER", "BIGINT"),
        ("BLOB", "BYTEA"),
        ("COLLATE BINARY", "COLLATE \"C\""),
        (" STRICT", ""),
    ],
};

/// A connection that was idle for longer may have been cut off and is tested before it is used.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Opens the database at `url`.
pub(super) async fn open(url: &str, options: Options) -> Result<Engines, StoreError> {
    let engine = Postgres::at(url)?;
    let mut first = engine.connect().await?;
    migrate::run::<Postgres>(&mut first, &DIALECT).await?;
    Postgres::close(first).await;
    let size = options.max_connections.unwrap_or(16).max(2);
    Ok(Engines::Postgres {
        readers: Pool::new(engine.clone(), size / 2, TRUSTED_FOR),
        writers: Pool::new(engine, size - size / 2, TRUSTED_FOR),
    })
}
