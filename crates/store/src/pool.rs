//! Connections for reading.
//!
//! The driver's pool asks a connection for a sign of life whenever it comes back, which costs a
//! read of one statement as much again. Here a connection that just answered is lent out again at
//! once; only one that failed, was abandoned in the middle, or sat idle goes through that pool.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use housekey_core::port::StoreError;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::error::{failed, other};

type Shelf = Mutex<Vec<(PoolConnection<Any>, Instant)>>;

/// Lends connections.
pub(crate) struct Readers {
    source: AnyPool,
    shelf: Arc<Shelf>,
    permits: Arc<Semaphore>,
    patience: Duration,
    trusted_for: Duration,
}

/// A lent connection.
pub(crate) struct Lease {
    connection: Option<PoolConnection<Any>>,
    shelf: Arc<Shelf>,
    /// Whether the last statement came to its end.
    pub(crate) sound: bool,
    _permit: OwnedSemaphorePermit,
}

impl Readers {
    /// Lends connections of `source`, waiting up to `patience` for one. One that has been idle for
    /// longer than `trusted_for` is tested first.
    pub(crate) fn new(source: AnyPool, patience: Duration, trusted_for: Duration) -> Self {
        let size = source.options().get_max_connections();
        Self {
            source,
            shelf: Arc::default(),
            permits: Arc::new(Semaphore::new(size as usize)),
            patience,
            trusted_for,
        }
    }

    /// Lends a connection.
    pub(crate) async fn lend(&self) -> Result<Lease, StoreError> {
        let permit = timeout(self.patience, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(other)?
            .map_err(other)?;
        let connection = match self.take_trusted() {
            Some(connection) => connection,
            None => self.source.acquire().await.map_err(failed)?,
        };
        let shelf = Arc::clone(&self.shelf);
        Ok(Lease { connection: Some(connection), shelf, sound: true, _permit: permit })
    }

    fn take_trusted(&self) -> Option<PoolConnection<Any>> {
        let (connection, since) = locked(&self.shelf).pop()?;
        (since.elapsed() <= self.trusted_for).then_some(connection)
    }

    /// Closes all connections; from now on none is lent.
    pub(crate) async fn close(&self) {
        self.permits.close();
        locked(&self.shelf).clear();
        self.source.close().await;
    }
}

impl Lease {
    /// The connection.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        self.connection.as_mut().expect("a lease has its connection until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| self.sound) {
            locked(&self.shelf).push((connection, Instant::now()));
        }
    }
}

fn locked(shelf: &Shelf) -> std::sync::MutexGuard<'_, Vec<(PoolConnection<Any>, Instant)>> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}
