//! A unit of work on one connection: reads each for themselves, or one write transaction.

use housekey_core::port::StoreError;

use crate::db::{Postgres, Sqlite, Work};
use crate::engine::Engine;
use crate::error::other;
use crate::pool::Lease;
use crate::statement::{Row, Statement};

/// A unit of work.
///
/// PostgreSQL accepts nothing more in a transaction in which a statement failed; so that code
/// written against SQLite does not rely on more, a unit refuses on both.
pub(crate) struct Unit {
    work: Work,
    /// Whether the last statement came to its end.
    sound: bool,
}

/// Why a unit refuses a statement.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("a read transaction was asked to write")]
    ReadOnly,
    #[error("an earlier statement of this transaction failed")]
    Unsound,
}

impl Unit {
    /// A unit that has done nothing yet.
    pub(crate) fn new(work: Work) -> Self {
        Self { work, sound: true }
    }

    /// The first row, if there is one.
    pub(crate) async fn one(&mut self, statement: Statement) -> Result<Option<Row>, StoreError> {
        Ok(self.all(statement).await?.into_iter().next())
    }

    /// All rows.
    pub(crate) async fn all(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        self.start()?;
        let outcome = match &mut self.work {
            Work::SqliteRead(lease) => Sqlite::rows(lease.connection(), statement).await,
            Work::SqliteWrite(write) => Sqlite::rows(write.connection(), statement).await,
            Work::PostgresRead(lease) => rows(lease, statement).await,
            Work::PostgresWrite(write) => rows(write.lease(), statement).await,
        };
        self.sound = outcome.is_ok();
        outcome
    }

    /// How many rows a write changed.
    pub(crate) async fn change(&mut self, statement: Statement) -> Result<u64, StoreError> {
        self.may_write()?;
        self.start()?;
        let outcome = match &mut self.work {
            Work::SqliteRead(lease) => Sqlite::change(lease.connection(), statement).await,
            Work::PostgresRead(lease) => change(lease, statement).await,
            Work::SqliteWrite(write) => Sqlite::change(write.connection(), statement).await,
            Work::PostgresWrite(write) => change(write.lease(), statement).await,
        };
        self.sound = outcome.is_ok();
        outcome
    }

    /// The row that a write of at most one row changed, by `RETURNING`.
    pub(crate) async fn change_one(
        &mut self,
        statement: Statement,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.change_all(statement).await?.into_iter().next())
    }

    /// The rows that a write changed, by `RETURNING`.
    pub(crate) async fn change_all(
        &mut self,
        statement: Statement,
    ) -> Result<Vec<Row>, StoreError> {
        self.may_write()?;
        self.all(statement).await
    }

    /// Makes everything durable.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self.work {
            Work::SqliteRead(_) | Work::PostgresRead(_) => Ok(()),
            _ if !self.sound => Err(other(Refusal::Unsound)),
            Work::SqliteWrite(write) => write.commit().await,
            Work::PostgresWrite(write) => write.commit().await,
        }
    }

    fn may_write(&self) -> Result<(), StoreError> {
        match self.work {
            Work::SqliteRead(_) | Work::PostgresRead(_) => Err(other(Refusal::ReadOnly)),
            Work::SqliteWrite(_) | Work::PostgresWrite(_) => Ok(()),
        }
    }

    /// Counts as unsound until the statement has come to its end: its future may be dropped.
    fn start(&mut self) -> Result<(), StoreError> {
        if std::mem::replace(&mut self.sound, false) {
            Ok(())
        } else {
            Err(other(Refusal::Unsound))
        }
    }
}

async fn rows(lease: &mut Lease<Postgres>, statement: Statement) -> Result<Vec<Row>, StoreError> {
    lease.sound = false;
    let outcome = Postgres::rows(lease.connection(), statement).await;
    lease.sound = still_answers(&outcome);
    outcome
}

async fn change(lease: &mut Lease<Postgres>, statement: Statement) -> Result<u64, StoreError> {
    lease.sound = false;
    let outcome = Postgres::change(lease.connection(), statement).await;
    lease.sound = still_answers(&outcome);
    outcome
}

/// Whether a connection is of further use. After most failures that is not worth finding out.
fn still_answers<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Ok(_) | Err(StoreError::Conflict))
}
