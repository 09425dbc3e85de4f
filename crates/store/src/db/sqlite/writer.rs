//! The one connection that writes, and what it makes durable.
//!
//! A commit costs a wait for the disk, whatever it contains. So units of work that come while
//! others wait share one transaction: each is a savepoint in it, which its failure undoes alone,
//! and none is answered before the transaction they share is on the disk. Whoever is in line when
//! the first of them ends goes along; whoever comes later takes the next.

use std::sync::Arc;
use std::time::Duration;

use housekey_core::port::StoreError;
use rusqlite::Connection;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::time::{sleep, timeout};

use super::connection::{Sqlite, failed, is_busy};
use crate::db::{Durability, PATIENCE};
use crate::error::{Exhausted, other};

/// Lends the writing connection, in the order in which it was asked for.
pub(crate) struct Writer {
    batch: Arc<Mutex<Batch>>,
}

/// A unit of work that has the connection to itself. Undone when dropped.
pub(crate) struct Write {
    batch: Option<OwnedMutexGuard<Batch>>,
}

/// The transaction that is open, and who waits for its end.
struct Batch {
    /// `None` once closed.
    engine: Option<Sqlite>,
    connection: Option<Connection>,
    /// What the open transaction was begun for.
    open: Option<Durability>,
    /// What the connection is set to.
    set_to: Option<Durability>,
    waiting: Vec<oneshot::Sender<Result<(), Lost>>>,
}

/// What became of a shared transaction that did not commit.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the transaction could not be made durable: {0}")]
struct Lost(Arc<str>);

/// The database was closed.
#[derive(Debug, thiserror::Error)]
#[error("the database is closed")]
struct Closed;

impl Writer {
    /// The writer of one file; it opens the file when it is first needed.
    pub(super) fn new(engine: Sqlite) -> Self {
        let batch = Batch {
            engine: Some(engine),
            connection: None,
            open: None,
            set_to: None,
            waiting: Vec::new(),
        };
        Self { batch: Arc::new(Mutex::new(batch)) }
    }

    /// Begins a unit of work.
    pub(crate) async fn begin(&self, durability: Durability) -> Result<Write, StoreError> {
        let beginning = async {
            let mut batch = Arc::clone(&self.batch).lock_owned().await;
            batch.open(durability).await?;
            Ok::<_, StoreError>(batch)
        };
        let batch = timeout(PATIENCE, beginning).await.map_err(|_| other(Exhausted))??;
        let write = Write { batch: Some(batch) };
        write.batch().run("SAVEPOINT unit")?;
        Ok(write)
    }

    /// Waits for what is running and closes the connection; from now on nothing begins.
    pub(crate) async fn close(&self) {
        let mut batch = self.batch.lock().await;
        batch.commit();
        batch.engine = None;
        batch.close_connection();
    }
}

impl Write {
    /// The connection.
    pub(crate) fn connection(&mut self) -> &mut Connection {
        let batch = self.batch.as_mut().expect("a unit of work has its batch until it ends");
        batch.connection.as_mut().expect("an open transaction has a connection")
    }

    fn batch(&self) -> &Batch {
        self.batch.as_ref().expect("a unit of work has its batch until it ends")
    }

    /// Makes the unit of work durable, as far as was asked for when it began.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.batch().run("RELEASE unit")?;
        let mut batch = self.batch.take().expect("a unit of work has its batch until it ends");
        let (sender, outcome) = oneshot::channel();
        let is_first = batch.waiting.is_empty();
        batch.waiting.push(sender);
        if batch.open == Some(Durability::Relaxed) {
            batch.commit();
        } else if is_first {
            let shared = Arc::clone(OwnedMutexGuard::mutex(&batch));
            drop(batch);
            // Gets in line behind those who wait already.
            tokio::task::spawn_blocking(move || shared.blocking_lock().commit());
        } else {
            drop(batch);
        }
        outcome.await.map_err(other)?.map_err(other)
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if let Some(batch) = &mut self.batch {
            batch.undo_unit();
        }
    }
}

impl Batch {
    /// Has a transaction open that will be as durable as asked for.
    async fn open(&mut self, durability: Durability) -> Result<(), StoreError> {
        if self.open == Some(Durability::Relaxed) && durability == Durability::Full {
            self.commit();
        }
        if self.open.is_some() {
            return Ok(());
        }
        if self.connection.is_none() {
            let engine = self.engine.as_ref().ok_or_else(|| other(Closed))?;
            self.connection = Some(engine.open()?);
            self.set_to = None;
        }
        if self.set_to != Some(durability) {
            self.set_to(durability)?;
        }
        self.begin().await?;
        self.open = Some(durability);
        Ok(())
    }

    /// Not a prepared statement: this one takes effect while it is being prepared.
    fn set_to(&mut self, durability: Durability) -> Result<(), StoreError> {
        let connection = self.connection.as_ref().ok_or_else(|| other(Closed))?;
        let setting = match durability {
            Durability::Full => "PRAGMA synchronous = FULL",
            Durability::Relaxed => "PRAGMA synchronous = NORMAL",
        };
        connection.execute_batch(setting).map_err(failed)?;
        self.set_to = Some(durability);
        Ok(())
    }

    /// Takes the write lock at once: taking it later, after a read, fails when somebody else wrote
    /// in between. Another process may hold it; waiting for that must not hold up this thread.
    async fn begin(&mut self) -> Result<(), StoreError> {
        loop {
            let outcome = self.execute("BEGIN IMMEDIATE");
            match outcome {
                Err(error) if is_busy(&error) => sleep(Duration::from_millis(2)).await,
                outcome => return outcome.map_err(failed),
            }
        }
    }

    /// Ends the open transaction and tells everybody who waits for it.
    fn commit(&mut self) {
        if self.open.take().is_none() {
            return;
        }
        let outcome = self.execute("COMMIT").map_err(|error| Lost(error.to_string().into()));
        if outcome.is_err() {
            self.close_connection();
        }
        self.tell(&outcome);
    }

    /// Undoes the unit of work that is running, and nothing else.
    fn undo_unit(&mut self) {
        // After some failures SQLite itself undoes the whole transaction.
        let whole = self.connection.as_ref().is_none_or(Connection::is_autocommit);
        let undone = if whole {
            false
        } else if self.waiting.is_empty() {
            self.open = None;
            self.execute("ROLLBACK").is_ok()
        } else {
            self.execute("ROLLBACK TO unit").and_then(|()| self.execute("RELEASE unit")).is_ok()
        };
        if !undone {
            self.open = None;
            self.close_connection();
            self.tell(&Err(Lost("an earlier statement ended it".into())));
        }
    }

    /// Closing undoes whatever is open.
    fn close_connection(&mut self) {
        self.connection = None;
    }

    fn tell(&mut self, outcome: &Result<(), Lost>) {
        for waiting in self.waiting.drain(..) {
            // Who no longer waits needs no answer.
            let _ = waiting.send(outcome.clone());
        }
    }

    fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.execute(sql).map_err(failed)
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        let connection = self.connection.as_ref().ok_or(rusqlite::Error::InvalidQuery)?;
        connection.prepare_cached(sql)?.raw_execute().map(drop)
    }
}
