//! PostgreSQL: a server that several processes may share.

use std::time::Duration;

use housekey_core::port::StoreError;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, ConnectOptions, Connection};

use super::{Database, Options, PATIENCE};
use crate::error::failed;
use crate::migrate::{self, Dialect};
use crate::pool::{Policy, Readers};

const DIALECT: Dialect = Dialect {
    begin: "BEGIN ISOLATION LEVEL READ COMMITTED",
    lock: Some("SELECT pg_advisory_xact_lock(7307412051913270137)"),
    words: &[("INTEGER", "BIGINT"), ("BLOB", "BYTEA"), (" STRICT", "")],
};

/// A connection that was idle for longer may have been cut off and is tested before it is used.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Opens the database at `url`.
pub(super) async fn open(url: &str, options: Options) -> Result<Database, StoreError> {
    let connect: AnyConnectOptions = url.parse().map_err(failed)?;
    let mut first = connect.connect().await.map_err(failed)?;
    migrate::run(&mut first, &DIALECT).await?;
    first.close().await.map_err(failed)?;
    let size = options.max_connections.unwrap_or(16).max(2);
    Ok(Database {
        readers: Readers::new(Policy {
            connect: connect.clone(),
            settings: "",
            size: size / 2,
            patience: PATIENCE,
            trusted_for: TRUSTED_FOR,
        }),
        writers: writers(connect, size - size / 2),
        begin: DIALECT.begin,
    })
}

fn writers(connect: AnyConnectOptions, size: u32) -> AnyPool {
    AnyPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection, state| {
            Box::pin(async move {
                if state.idle_for > TRUSTED_FOR {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(connect)
}
