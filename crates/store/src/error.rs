//! From what the driver reports to what the port promises.

use housekey_core::port::StoreError;
use serde::Serialize;

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// Neither `sqlite:` nor `postgres:`.
    #[error("a database URL begins with sqlite:// or postgres://")]
    UnknownScheme,
    /// A SQLite URL that does not just name a file.
    #[error("a SQLite URL is sqlite:// and the path of a file, without parameters")]
    NotAFile,
    /// The file can be neither found nor made.
    #[error("{path}: {source}")]
    File {
        /// As configured, made absolute.
        path: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Somebody ran a newer Housekey on this database.
    #[error("the database has migration {0}, which this version of Housekey does not know")]
    NewerDatabase(i64),
    /// An applied migration is not the one this version has under that number.
    #[error("migration {0} differs from the one that was applied to the database")]
    ChangedMigration(i64),
}

/// No connection became free in time.
#[derive(Debug, thiserror::Error)]
#[error("all connections to the database are busy, or it does not answer")]
pub(crate) struct Exhausted;

impl From<OpenError> for StoreError {
    fn from(error: OpenError) -> Self {
        other(error)
    }
}

/// Any other failure.
pub(crate) fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Database(error.into())
}

/// A document's stored form.
pub(crate) fn json(document: &(impl Serialize + ?Sized)) -> Result<String, StoreError> {
    serde_json::to_string(document).map_err(other)
}
