//! SQLite: a file beside the server.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use housekey_core::port::StoreError;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection};
use tokio::time::{sleep, timeout};

use super::{Database, Options, PATIENCE};
use crate::error::{Exhausted, OpenError, failed, other};
use crate::migrate::{self, Dialect};
use crate::pool::{Policy, Readers};

/// A write transaction takes the one write lock at its beginning: taking it later, after a read,
/// fails when somebody else wrote in between.
const DIALECT: Dialect = Dialect { begin: "BEGIN IMMEDIATE", lock: None, words: &[] };

/// For every connection. A commit is on disk before it is answered. A megabyte of cache each keeps
/// an idle server small; the operating system caches the file anyway.
const SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; \
    PRAGMA synchronous = FULL; PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY; \
    PRAGMA journal_size_limit = 16777216";

/// Opens the file at `path`.
pub(super) async fn open(path: &str, options: Options) -> Result<Database, StoreError> {
    let connect: AnyConnectOptions = file_url(path)?.parse().map_err(failed)?;
    let mut first = connect.connect().await.map_err(failed)?;
    enter_wal(&mut first).await?;
    migrate::run(&mut first, &DIALECT).await?;
    first.close().await.map_err(failed)?;
    Ok(Database {
        readers: Readers::new(Policy {
            connect: connect.clone(),
            settings: SETTINGS,
            size: options.max_connections.unwrap_or_else(one_per_core).max(1),
            patience: PATIENCE,
            trusted_for: Duration::MAX,
        }),
        writers: writer(connect),
        begin: DIALECT.begin,
    })
}

fn one_per_core() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    u32::try_from(cores).unwrap_or(u32::MAX).clamp(2, 8)
}

/// One connection, because there is one write lock: waiting for a connection is fair and ends at
/// once, waiting for the lock polls.
fn writer(connect: AnyConnectOptions) -> AnyPool {
    AnyPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|connection, _| {
            Box::pin(async {
                sqlx::raw_sql(SETTINGS).execute(connection).await?;
                Ok(())
            })
        })
        .connect_lazy_with(connect)
}

/// The driver's URL for the file at `path`, which is made, for its owner alone, if it is missing.
fn file_url(path: &str) -> Result<String, StoreError> {
    if path.is_empty() || path == ":memory:" || path.contains('?') {
        return Err(OpenError::NotAFile.into());
    }
    let file = |source| OpenError::File { path: path.to_owned(), source };
    let absolute = std::path::absolute(path).map_err(file)?;
    make_private(&absolute).map_err(file)?;
    let encoded = absolute.to_str().ok_or(OpenError::NotAFile)?.bytes().map(encoded);
    Ok(format!("sqlite://{}", encoded.collect::<String>()))
}

fn encoded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' => char::from(byte).into(),
        _ => format!("%{byte:02X}"),
    }
}

fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Lets readers and the writer not wait for each other. The file remembers it. Changing to it needs
/// the file for itself and does not wait for others who just opened it, so this does.
async fn enter_wal(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let entering = async {
        loop {
            match sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&mut *connection).await {
                Err(error) if is_busy(&error) => sleep(Duration::from_millis(10)).await,
                outcome => return outcome.map(drop).map_err(failed),
            }
        }
    };
    timeout(PATIENCE, entering).await.map_err(|_| other(Exhausted))?
}

fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: i32 = 5;
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}
