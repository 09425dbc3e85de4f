//! SQLite: a file beside the server.

mod connection;
mod writer;

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use housekey_core::port::StoreError;
use rusqlite::Connection;
use tokio::time::{sleep, timeout};

use self::connection::{failed, is_busy};
use super::{Engines, Options, PATIENCE};
use crate::error::{Exhausted, OpenError, other};
use crate::migrate::{self, Dialect};
use crate::pool::Pool;

pub(crate) use self::connection::Sqlite;
pub(crate) use self::writer::{Write, Writer};

const DIALECT: Dialect = Dialect { begin: "BEGIN IMMEDIATE", lock: None, words: &[] };

/// For every connection. A commit is on disk before it is answered. A megabyte of cache each keeps
/// an idle server small; the operating system caches the file anyway.
macro_rules! settings {
    ($($more:literal)?) => {
        concat!(
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -1024; \
             PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216; ",
            $($more)?
        )
    };
}

/// Waits for others inside SQLite: for a connection whose thread nobody else needs.
const PATIENT: &str = settings!("PRAGMA busy_timeout = 5000");

/// Readers wait for nobody but a process that just opens the file.
const READING: &str = settings!("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON");

/// Waiting for another process's writes is left to [`Writer`].
const WRITING: &str = settings!("PRAGMA busy_timeout = 0");

/// Opens the file at `path`.
pub(super) async fn open(path: &str, options: Options) -> Result<Engines, StoreError> {
    let path = file(path)?;
    let engine = |settings| Sqlite { path: path.clone(), settings };
    let mut first = engine(PATIENT).open()?;
    timeout(PATIENCE, enter_wal(&mut first)).await.map_err(|_| other(Exhausted))??;
    migrate::run::<Sqlite>(&mut first, &DIALECT).await?;
    first.close().map_err(|(_, error)| failed(error))?;
    let readers = options.max_connections.unwrap_or_else(one_per_core).max(1);
    Ok(Engines::Sqlite {
        readers: Pool::new(engine(READING), readers, Duration::MAX),
        writer: Writer::new(engine(WRITING)),
    })
}

fn one_per_core() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    u32::try_from(cores).unwrap_or(u32::MAX).clamp(2, 8)
}

/// Opens connections that only read the file at `path`, which has to be there.
pub(crate) fn reader(path: PathBuf) -> Sqlite {
    Sqlite { path, settings: READING }
}

/// The file at `path`, which is made, for its owner alone, if it is missing.
fn file(path: &str) -> Result<PathBuf, StoreError> {
    let absolute = absolute(path)?;
    make_private(&absolute).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
    Ok(absolute)
}

/// The absolute path of the file at `path`.
pub(crate) fn absolute(path: &str) -> Result<PathBuf, StoreError> {
    if path.is_empty() || path == ":memory:" || path.contains('?') {
        return Err(OpenError::NotAFile.into());
    }
    let failed = |source| OpenError::File { path: path.to_owned(), source }.into();
    std::path::absolute(path).map_err(failed)
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
async fn enter_wal(connection: &mut Connection) -> Result<(), StoreError> {
    loop {
        let outcome = connection.execute_batch("PRAGMA journal_mode = WAL");
        match outcome {
            Err(error) if is_busy(&error) => sleep(Duration::from_millis(10)).await,
            outcome => return outcome.map_err(failed),
        }
    }
}
