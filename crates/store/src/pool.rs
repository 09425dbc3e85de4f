//! Connections for reading.
//!
//! The driver's own pool asks a connection for a sign of life whenever it comes back, which costs
//! as much again as a read of one statement. Here a connection that just answered is lent out again
//! at once; one that failed, or was abandoned in the middle of a statement, is closed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use housekey_core::port::StoreError;
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::error::{Exhausted, failed, other};

/// How connections are made and kept.
pub(crate) struct Policy {
    /// Where to.
    pub(crate) connect: AnyConnectOptions,
    /// Run on every new connection.
    pub(crate) settings: &'static str,
    /// How many at most.
    pub(crate) size: u32,
    /// How long to wait for one.
    pub(crate) patience: Duration,
    /// One that was idle for longer is tested before it is lent.
    pub(crate) trusted_for: Duration,
}

/// Lends connections.
pub(crate) struct Readers {
    policy: Policy,
    shelf: Arc<Shelf>,
    permits: Arc<Semaphore>,
}

type Shelf = Mutex<Vec<(AnyConnection, Instant)>>;

/// A lent connection.
pub(crate) struct Lease {
    connection: Option<AnyConnection>,
    shelf: Arc<Shelf>,
    /// Whether the last statement came to its end.
    pub(crate) sound: bool,
    // Dropped after the connection is back on the shelf.
    _permit: OwnedSemaphorePermit,
}

impl Readers {
    /// Lends connections; the first is made when it is needed.
    pub(crate) fn new(policy: Policy) -> Self {
        let permits = Arc::new(Semaphore::new(policy.size as usize));
        Self { policy, shelf: Arc::default(), permits }
    }

    /// Lends a connection.
    pub(crate) async fn lend(&self) -> Result<Lease, StoreError> {
        timeout(self.policy.patience, self.wait()).await.map_err(|_| other(Exhausted))?
    }

    async fn wait(&self) -> Result<Lease, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(other)?;
        let connection = match self.take().await {
            Some(connection) => connection,
            None => self.connect().await.map_err(failed)?,
        };
        Ok(Lease {
            connection: Some(connection),
            shelf: Arc::clone(&self.shelf),
            sound: true,
            _permit: permit,
        })
    }

    async fn take(&self) -> Option<AnyConnection> {
        let (mut connection, since) = locked(&self.shelf).pop()?;
        let trusted = since.elapsed() <= self.policy.trusted_for;
        (trusted || connection.ping().await.is_ok()).then_some(connection)
    }

    async fn connect(&self) -> Result<AnyConnection, sqlx::Error> {
        let mut connection = self.policy.connect.connect().await?;
        sqlx::raw_sql(self.policy.settings).execute(&mut connection).await?;
        Ok(connection)
    }

    /// Waits until all connections are back and closes them; from now on none is lent.
    pub(crate) async fn close(&self) {
        // Fails if this was called before: then there is nothing left to do.
        let Ok(_all) = self.permits.acquire_many(self.policy.size).await else { return };
        self.permits.close();
        let idle = std::mem::take(&mut *locked(&self.shelf));
        for (connection, _) in idle {
            // The connection is gone either way.
            let _ = connection.close().await;
        }
    }
}

impl Lease {
    /// The connection.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        self.connection.as_mut().expect("a lease has its connection until it is dropped")
    }
}

impl Drop for Lease {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a connection sat idle is no domain time"
    )]
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| self.sound) {
            locked(&self.shelf).push((connection, Instant::now()));
        }
    }
}

fn locked(shelf: &Shelf) -> MutexGuard<'_, Vec<(AnyConnection, Instant)>> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}
