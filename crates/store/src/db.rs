//! Opening a database, and everything that depends on which engine it is.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use housekey_core::id::TenantId;
use housekey_core::port::{Mode, Registry, Store, StoreError, Tx};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection};
use tokio::time::{Instant, sleep};

use crate::error::{OpenError, failed};
use crate::migrate::{self, Dialect};
use crate::pool::Readers;
use crate::tx::TenantTx;
use crate::unit::Unit;

/// How long anything waits for a connection or a lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// What can be chosen about a database.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Connections at once; by default what suits the engine and the machine.
    pub max_connections: Option<u32>,
}

/// An open database: SQLite or PostgreSQL.
pub struct Database {
    readers: Readers,
    writers: AnyPool,
    begin: &'static str,
}

impl Database {
    /// Opens the database at `url` and brings its schema up to date.
    ///
    /// `sqlite://` is followed by a path, relative or absolute, of a file that is made if it does
    /// not exist; `postgres://` by what libpq understands.
    ///
    /// # Errors
    /// If there is no such database, it cannot be used, or a newer Housekey has migrated it.
    pub async fn open(url: &str, options: Options) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        if let Some(path) = url.strip_prefix("sqlite:") {
            open_sqlite(path.strip_prefix("//").unwrap_or(path), options).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            open_postgres(url, options).await
        } else {
            Err(OpenError::UnknownScheme.into())
        }
    }

    /// Waits for running transactions and closes all connections.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }

    /// A unit of work that only reads.
    pub(crate) async fn reading(&self) -> Result<Unit, StoreError> {
        self.readers.lend().await.map(Unit::Read)
    }

    /// A unit of work that writes.
    pub(crate) async fn writing(&self) -> Result<Unit, StoreError> {
        let transaction = self.writers.begin_with(self.begin).await.map_err(failed)?;
        Ok(Unit::Write { transaction, sound: true })
    }
}

#[async_trait]
impl Store for Database {
    async fn begin(&self, tenant: &TenantId, mode: Mode) -> Result<Box<dyn Tx>, StoreError> {
        let unit = match mode {
            Mode::Read => self.reading().await?,
            Mode::Write => self.writing().await?,
        };
        Ok(Box::new(TenantTx::new(tenant, unit)))
    }

    fn registry(&self) -> &dyn Registry {
        self
    }
}

/// A write transaction takes SQLite's one write lock at its beginning: taking it later, after a
/// read, fails when somebody else wrote in between.
const SQLITE: Dialect = Dialect { begin: "BEGIN IMMEDIATE", lock: None, words: &[] };

/// For every connection. A commit is on disk before it is answered; a megabyte of cache each keeps
/// an idle server small, the operating system caches the file anyway.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; \
    PRAGMA synchronous = FULL; PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY; \
    PRAGMA journal_size_limit = 16777216";

/// One writer, because SQLite has one write lock: waiting for a connection is fair and wakes up at
/// once, waiting for the lock polls.
async fn open_sqlite(path: &str, options: Options) -> Result<Database, StoreError> {
    let connect = sqlite_url(path)?.parse::<AnyConnectOptions>().map_err(failed)?;
    let mut first = connect.connect().await.map_err(failed)?;
    enter_wal(&mut first).await?;
    migrate::run(&mut first, &SQLITE).await?;
    first.close().await.map_err(failed)?;
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let readers =
        options.max_connections.unwrap_or_else(|| cores.clamp(2, 8).try_into().unwrap_or(8));
    Ok(Database {
        readers: Readers::new(sqlite_pool(connect.clone(), readers), PATIENCE, Duration::MAX),
        writers: sqlite_pool(connect, 1),
        begin: SQLITE.begin,
    })
}

fn sqlite_pool(connect: AnyConnectOptions, size: u32) -> AnyPool {
    AnyPoolOptions::new()
        .max_connections(size.max(1))
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|connection, _| {
            Box::pin(async {
                sqlx::raw_sql(SQLITE_SETTINGS).execute(connection).await?;
                Ok(())
            })
        })
        .connect_lazy_with(connect)
}

/// The driver's URL for the file at `path`, which is made, for its owner alone, if it is missing.
fn sqlite_url(path: &str) -> Result<String, StoreError> {
    if path.is_empty() || path == ":memory:" || path.contains('?') {
        return Err(OpenError::NotAFile.into());
    }
    let file = |source| OpenError::File { path: path.to_owned(), source };
    let absolute = std::path::absolute(path).map_err(file)?;
    make_private(&absolute).map_err(file)?;
    let mut url = "sqlite://".to_owned();
    for byte in absolute.to_str().ok_or(OpenError::NotAFile)?.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' => url.push(byte.into()),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(url)
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

/// Lets readers and the writer not wait for each other. The file remembers it; changing to it asks
/// for the file alone and does not wait for others who have just opened it, so this does.
async fn enter_wal(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let end = Instant::now() + PATIENCE;
    loop {
        match sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&mut *connection).await {
            Ok(_) => return Ok(()),
            Err(error) if is_busy(&error) && Instant::now() < end => {
                sleep(Duration::from_millis(10)).await;
            }
            Err(error) => return Err(failed(error)),
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: i32 = 5;
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

const POSTGRES: Dialect = Dialect {
    begin: "BEGIN ISOLATION LEVEL READ COMMITTED",
    lock: Some("SELECT pg_advisory_xact_lock(7307412051913270137)"),
    words: &[("INTEGER", "BIGINT"), ("BLOB", "BYTEA"), (" STRICT", "")],
};

/// A connection that was idle for longer may have been cut off and is tested before it is used.
const POSTGRES_TRUSTED_FOR: Duration = Duration::from_secs(1);

async fn open_postgres(url: &str, options: Options) -> Result<Database, StoreError> {
    let connect: AnyConnectOptions = url.parse().map_err(failed)?;
    let mut first = connect.connect().await.map_err(failed)?;
    migrate::run(&mut first, &POSTGRES).await?;
    first.close().await.map_err(failed)?;
    let size = options.max_connections.unwrap_or(16).max(2);
    let (readers, writers) = (size / 2, size - size / 2);
    Ok(Database {
        readers: Readers::new(
            postgres_pool(connect.clone(), readers),
            PATIENCE,
            POSTGRES_TRUSTED_FOR,
        ),
        writers: postgres_pool(connect, writers),
        begin: POSTGRES.begin,
    })
}

fn postgres_pool(connect: AnyConnectOptions, size: u32) -> AnyPool {
    AnyPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection, state| {
            Box::pin(async move {
                if state.idle_for > POSTGRES_TRUSTED_FOR {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(connect)
}
