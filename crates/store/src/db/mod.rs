//! An open database, and the only place that knows which engine it is.

mod postgres;
mod sqlite;

use std::time::Duration;

use async_trait::async_trait;
use housekey_core::id::TenantId;
use housekey_core::port::{Mode, Registry, Store, StoreError, Tx};
use sqlx::AnyPool;

use crate::error::{OpenError, failed};
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
    /// `sqlite://` is followed by the path, relative or absolute, of a file that is made if it does
    /// not exist; `postgres://` by what libpq understands.
    ///
    /// # Errors
    /// If there is no such database, it cannot be used, or a newer Housekey has migrated it.
    pub async fn open(url: &str, options: Options) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        if let Some(path) = url.strip_prefix("sqlite:") {
            sqlite::open(path.strip_prefix("//").unwrap_or(path), options).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            postgres::open(url, options).await
        } else {
            Err(OpenError::UnknownScheme.into())
        }
    }

    /// Waits for what is running and closes all connections.
    pub async fn close(&self) {
        self.writers.close().await;
        self.readers.close().await;
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
