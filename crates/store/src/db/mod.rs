//! An open database, and the only place that knows which engine it is.

mod postgres;
mod sqlite;

use std::time::Duration;

use async_trait::async_trait;
use housekey_core::id::TenantId;
use housekey_core::port::{Mode, Registry, Store, StoreError, Tx};

pub(crate) use self::postgres::Postgres;
pub(crate) use self::sqlite::{Sqlite, absolute, reader};
use crate::error::OpenError;
use crate::pool::Pool;
use crate::tx::TenantTx;
use crate::unit::Unit;

/// How long anything waits for a connection or a lock.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// What can be chosen about a database.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Connections at once; by default what suits the engine and the machine.
    pub max_connections: Option<u32>,
}

/// An open database: SQLite or PostgreSQL.
pub struct Database(Engines);

/// The engines, each with what it reads and writes through.
enum Engines {
    Sqlite { readers: Pool<Sqlite>, writer: sqlite::Writer },
    Postgres { readers: Pool<Postgres>, writers: Pool<Postgres> },
}

/// A unit of work on one of the engines.
pub(crate) enum Work {
    SqliteRead(crate::pool::Lease<Sqlite>),
    SqliteWrite(sqlite::Write),
    PostgresRead(crate::pool::Lease<Postgres>),
    PostgresWrite(postgres::Write),
}

/// What a commit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The disk.
    Full,
    /// The operating system: a crash of the server loses nothing, one of the machine may lose the
    /// last moments.
    Relaxed,
}

impl Database {
    /// Opens the database at `url` and brings its schema up to date.
    ///
    /// `sqlite://` is followed by the path, relative or absolute, of a file that is made if it does
    /// not exist; `postgres://` by what libpq understands.
    ///
    /// # Errors
    /// If there is no such database, it cannot be used, or a newer Housekey has migrated it.
    pub async fn open(url: &str, options: Options) -> Result<Self, StoreError> {
        let engines = if let Some(path) = url.strip_prefix("sqlite:") {
            sqlite::open(path.strip_prefix("//").unwrap_or(path), options).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            postgres::open(url, options).await
        } else {
            Err(OpenError::UnknownScheme.into())
        };
        engines.map(Self)
    }

    /// Waits for what is running and closes all connections.
    pub async fn close(&self) {
        match &self.0 {
            Engines::Sqlite { readers, writer } => {
                writer.close().await;
                readers.close().await;
            }
            Engines::Postgres { readers, writers } => {
                writers.close().await;
                readers.close().await;
            }
        }
    }

    /// A unit of work that only reads.
    pub(crate) async fn reading(&self) -> Result<Unit, StoreError> {
        let work = match &self.0 {
            Engines::Sqlite { readers, .. } => Work::SqliteRead(readers.lend().await?),
            Engines::Postgres { readers, .. } => Work::PostgresRead(readers.lend().await?),
        };
        Ok(Unit::new(work))
    }

    /// A unit of work that writes.
    pub(crate) async fn writing(&self, durability: Durability) -> Result<Unit, StoreError> {
        let work = match &self.0 {
            Engines::Sqlite { writer, .. } => Work::SqliteWrite(writer.begin(durability).await?),
            Engines::Postgres { writers, .. } => {
                Work::PostgresWrite(postgres::Write::begin(writers, durability).await?)
            }
        };
        Ok(Unit::new(work))
    }
}

#[async_trait]
impl Store for Database {
    async fn begin(&self, tenant: &TenantId, mode: Mode) -> Result<Box<dyn Tx>, StoreError> {
        let unit = match mode {
            Mode::Read => self.reading().await?,
            Mode::Write => self.writing(Durability::Full).await?,
            Mode::Passing => self.writing(Durability::Relaxed).await?,
        };
        Ok(Box::new(TenantTx::new(tenant, unit)))
    }

    fn registry(&self) -> &dyn Registry {
        self
    }
}
