//! Connections that are lent out again and again.
//!
//! A connection that just answered is lent at once, without asking it for a sign of life; one that
//! failed, or was abandoned in the middle of a statement, is closed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use housekey_core::port::StoreError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::db::PATIENCE;
use crate::engine::Engine;
use crate::error::{Exhausted, other};

/// Lends connections; the first is made when it is needed.
pub(crate) struct Pool<E: Engine> {
    engine: E,
    size: u32,
    /// A connection that was idle for longer is tested before it is lent.
    trusted_for: Duration,
    shelf: Arc<Shelf<E>>,
    permits: Arc<Semaphore>,
}

type Shelf<E> = Mutex<Vec<(<E as Engine>::Connection, Instant)>>;

/// A lent connection.
pub(crate) struct Lease<E: Engine> {
    connection: Option<E::Connection>,
    shelf: Arc<Shelf<E>>,
    /// Whether the connection may be lent again.
    pub(crate) sound: bool,
    // Dropped after the connection is back on the shelf.
    _permit: OwnedSemaphorePermit,
}

impl<E: Engine> Pool<E> {
    /// A pool of at most `size` connections.
    pub(crate) fn new(engine: E, size: u32, trusted_for: Duration) -> Self {
        let permits = Arc::new(Semaphore::new(size as usize));
        Self { engine, size, trusted_for, shelf: Arc::default(), permits }
    }

    /// Lends a connection.
    pub(crate) async fn lend(&self) -> Result<Lease<E>, StoreError> {
        // Usually one is free, and no clock needs to be set.
        let permit = match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned())
                .await
                .map_err(|_| other(Exhausted))?
                .map_err(other)?,
        };
        let connection = match self.take().await {
            Some(connection) => connection,
            None => {
                timeout(PATIENCE, self.engine.connect()).await.map_err(|_| other(Exhausted))??
            }
        };
        Ok(Lease {
            connection: Some(connection),
            shelf: Arc::clone(&self.shelf),
            sound: true,
            _permit: permit,
        })
    }

    async fn take(&self) -> Option<E::Connection> {
        let (mut connection, since) = locked::<E>(&self.shelf).pop()?;
        let trusted = since.elapsed() <= self.trusted_for;
        (trusted || E::is_alive(&mut connection).await).then_some(connection)
    }

    /// Waits until all connections are back and closes them; from now on none is lent.
    pub(crate) async fn close(&self) {
        // Fails if this was called before: then there is nothing left to do.
        let Ok(_all) = self.permits.acquire_many(self.size).await else { return };
        self.permits.close();
        let idle = std::mem::take(&mut *locked::<E>(&self.shelf));
        for (connection, _) in idle {
            E::close(connection).await;
        }
    }
}

impl<E: Engine> Lease<E> {
    /// The connection.
    pub(crate) fn connection(&mut self) -> &mut E::Connection {
        self.connection.as_mut().expect("a lease has its connection until it is dropped")
    }
}

impl<E: Engine> Drop for Lease<E> {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a connection sat idle is no domain time"
    )]
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| self.sound) {
            locked::<E>(&self.shelf).push((connection, Instant::now()));
        }
    }
}

fn locked<E: Engine>(shelf: &Shelf<E>) -> MutexGuard<'_, Vec<(E::Connection, Instant)>> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}
