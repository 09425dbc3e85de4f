//! What a database engine does.

use housekey_core::port::StoreError;

use crate::statement::{Row, Statement};

/// What both engines do on one connection. Statements of a transaction are begun and ended by
/// whoever holds the connection.
pub(crate) trait Engine: Send + Sync + 'static {
    /// An open connection.
    type Connection: Send + 'static;

    /// Opens a connection and sets it up.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, StoreError>> + Send;

    /// Whether the connection still answers.
    fn is_alive(connection: &mut Self::Connection) -> impl Future<Output = bool> + Send;

    /// Takes leave.
    fn close(connection: Self::Connection) -> impl Future<Output = ()> + Send;

    /// Runs statements without arguments or results.
    fn script(
        connection: &mut Self::Connection,
        sql: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// All rows that a statement finds, or changes and returns.
    fn rows(
        connection: &mut Self::Connection,
        statement: Statement,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;

    /// How many rows a statement changes.
    fn change(
        connection: &mut Self::Connection,
        statement: Statement,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
