//! SQLite on one connection. Its calls return at once, so nothing here waits: a read takes
//! microseconds from the file cache, less than handing it to another thread and back. Whoever makes
//! many calls lets others run in between.

use std::path::PathBuf;

use housekey_core::port::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, ffi};
use tokio::task::coop::consume_budget;

use crate::engine::Engine;
use crate::error::other;
use crate::statement::{Row, Statement, Value};

/// More statements than there are, so that each is prepared once per connection.
const PREPARED: usize = 256;

/// Opens connections to one file.
pub(crate) struct Sqlite {
    pub(super) path: PathBuf,
    /// Run on every new connection.
    pub(super) settings: &'static str,
}

impl Sqlite {
    /// Opens a connection.
    pub(super) fn open(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        // Otherwise a statement on a table with a partial index is planned anew for each argument.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
        connection.execute_batch(self.settings).map_err(failed)?;
        Ok(connection)
    }
}

impl Engine for Sqlite {
    type Connection = Connection;

    async fn connect(&self) -> Result<Connection, StoreError> {
        self.open()
    }

    async fn is_alive(_: &mut Connection) -> bool {
        true
    }

    async fn close(connection: Connection) {
        // The connection is gone either way.
        let _ = connection.close();
    }

    async fn script(connection: &mut Connection, sql: &str) -> Result<(), StoreError> {
        connection.execute_batch(sql).map_err(failed)
    }

    async fn rows(
        connection: &mut Connection,
        statement: Statement,
    ) -> Result<Vec<Row>, StoreError> {
        consume_budget().await;
        rows(connection, &statement).map_err(failed)
    }

    async fn change(connection: &mut Connection, statement: Statement) -> Result<u64, StoreError> {
        consume_budget().await;
        let rows = change(connection, &statement).map_err(failed)?;
        u64::try_from(rows).map_err(other)
    }
}

fn rows(connection: &Connection, statement: &Statement) -> rusqlite::Result<Vec<Row>> {
    let mut prepared = prepare(connection, statement)?;
    let width = prepared.column_count();
    let mut cursor = prepared.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = cursor.next()? {
        rows.push(
            (0..width).map(|at| Ok(read(row.get_ref(at)?))).collect::<rusqlite::Result<_>>()?,
        );
    }
    Ok(rows)
}

fn change(connection: &Connection, statement: &Statement) -> rusqlite::Result<usize> {
    prepare(connection, statement)?.raw_execute()
}

/// SQLite numbers `$1`, `$2` in the order in which they occur, not by what they say.
fn prepare<'c>(
    connection: &'c Connection,
    statement: &Statement,
) -> rusqlite::Result<rusqlite::CachedStatement<'c>> {
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    for index in 1..=prepared.parameter_count() {
        let number = prepared.parameter_name(index).and_then(|name| name[1..].parse().ok());
        let argument = number.and_then(|number: usize| statement.arguments.get(number - 1));
        let argument = argument.ok_or(rusqlite::Error::InvalidParameterCount(
            statement.arguments.len(),
            prepared.parameter_count(),
        ))?;
        prepared.raw_bind_parameter(index, argument)?;
    }
    Ok(prepared)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Integer(Some(value)) => ValueRef::Integer(*value),
            Self::Text(Some(value)) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(Some(value)) => ValueRef::Blob(value),
            Self::Integer(None) | Self::Text(None) | Self::Bytes(None) => ValueRef::Null,
        }))
    }
}

/// A real number, or text that is no text, reads as null: no column of ours may hold either.
fn read(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Integer(value) => Value::Integer(Some(value)),
        ValueRef::Text(value) => Value::Text(std::str::from_utf8(value).ok().map(str::to_owned)),
        ValueRef::Blob(value) => Value::Bytes(Some(value.to_owned())),
        ValueRef::Null | ValueRef::Real(_) => Value::Integer(None),
    }
}

/// What a failed call means. The kind decides: SQLite's constraints have no names.
pub(super) fn failed(error: rusqlite::Error) -> StoreError {
    let code = error.sqlite_error().map(|error| error.extended_code);
    match code {
        Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
            StoreError::Conflict
        }
        _ => other(error),
    }
}

/// Whether somebody else holds the lock.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}
