//! A unit of work on one connection: reads each for themselves, or one write transaction.

use housekey_core::port::StoreError;
use sqlx::any::{Any, AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{AnyConnection, Transaction};

use crate::error::{failed, other};
use crate::pool::Lease;

/// A statement with its arguments. Statements are prepared once per connection.
pub(crate) type Statement = Query<'static, Any, AnyArguments>;

/// A unit of work.
///
/// PostgreSQL accepts nothing more in a transaction in which a statement failed; so that code
/// written against SQLite does not rely on more, a unit refuses on both.
pub(crate) enum Unit {
    /// Statements that only read.
    Read(Lease),
    /// Statements that become durable together.
    Write {
        /// Rolled back when dropped.
        transaction: Transaction<'static, Any>,
        /// Whether the last statement came to its end.
        sound: bool,
    },
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
    /// The first row, if there is one.
    pub(crate) async fn one(&mut self, statement: Statement) -> Result<Option<AnyRow>, StoreError> {
        let outcome = statement.fetch_optional(self.start()?).await;
        self.finish(outcome)
    }

    /// All rows.
    pub(crate) async fn all(&mut self, statement: Statement) -> Result<Vec<AnyRow>, StoreError> {
        let outcome = statement.fetch_all(self.start()?).await;
        self.finish(outcome)
    }

    /// How many rows a write changed.
    pub(crate) async fn change(&mut self, statement: Statement) -> Result<u64, StoreError> {
        let outcome = statement.execute(self.start_write()?).await;
        Ok(self.finish(outcome)?.rows_affected())
    }

    /// The row that a write of at most one row changed, by `RETURNING`.
    pub(crate) async fn change_one(
        &mut self,
        statement: Statement,
    ) -> Result<Option<AnyRow>, StoreError> {
        let outcome = statement.fetch_optional(self.start_write()?).await;
        self.finish(outcome)
    }

    /// The rows that a write changed, by `RETURNING`.
    pub(crate) async fn change_all(
        &mut self,
        statement: Statement,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let outcome = statement.fetch_all(self.start_write()?).await;
        self.finish(outcome)
    }

    /// Makes everything durable.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Read(_) => Ok(()),
            Self::Write { sound: false, .. } => Err(other(Refusal::Unsound)),
            Self::Write { transaction, .. } => transaction.commit().await.map_err(failed),
        }
    }

    fn start_write(&mut self) -> Result<&mut AnyConnection, StoreError> {
        match self {
            Self::Read(_) => Err(other(Refusal::ReadOnly)),
            Self::Write { .. } => self.start(),
        }
    }

    /// Counts as unsound until the statement has come to its end: its future may be dropped.
    fn start(&mut self) -> Result<&mut AnyConnection, StoreError> {
        if !std::mem::replace(self.sound(), false) {
            return Err(other(Refusal::Unsound));
        }
        Ok(match self {
            Self::Read(lease) => lease.connection(),
            Self::Write { transaction, .. } => transaction,
        })
    }

    fn finish<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        *self.sound() = outcome.is_ok();
        outcome.map_err(failed)
    }

    fn sound(&mut self) -> &mut bool {
        match self {
            Self::Read(lease) => &mut lease.sound,
            Self::Write { sound, .. } => sound,
        }
    }
}
