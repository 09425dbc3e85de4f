//! PostgreSQL on one connection.

use std::borrow::Cow;
use std::sync::Arc;

use housekey_core::port::StoreError;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Row as _, TypeInfo};

use crate::engine::Engine;
use crate::error::other;
use crate::statement::{Row, Statement, Value};

/// More statements than there are, so that each is prepared once per connection.
const PREPARED: usize = 256;

/// Opens connections to one database.
#[derive(Clone)]
pub(crate) struct Postgres(Arc<PgConnectOptions>);

impl Postgres {
    /// The database at `url`.
    pub(crate) fn at(url: &str) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse().map_err(failed)?;
        Ok(Self(Arc::new(options.statement_cache_capacity(PREPARED))))
    }
}

impl Engine for Postgres {
    type Connection = PgConnection;

    async fn connect(&self) -> Result<PgConnection, StoreError> {
        self.0.connect().await.map_err(failed)
    }

    async fn is_alive(connection: &mut PgConnection) -> bool {
        connection.ping().await.is_ok()
    }

    async fn close(connection: PgConnection) {
        // The connection is gone either way.
        let _ = connection.close().await;
    }

    async fn script(connection: &mut PgConnection, sql: &str) -> Result<(), StoreError> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop).map_err(failed)
    }

    async fn rows(
        connection: &mut PgConnection,
        statement: Statement,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = query(statement).fetch_all(connection).await.map_err(failed)?;
        rows.iter().map(read_row).collect::<Result<_, _>>().map_err(failed)
    }

    async fn change(
        connection: &mut PgConnection,
        statement: Statement,
    ) -> Result<u64, StoreError> {
        Ok(query(statement).execute(connection).await.map_err(failed)?.rows_affected())
    }
}

fn query(statement: Statement) -> Query<'static, sqlx::Postgres, PgArguments> {
    let query = match statement.sql {
        Cow::Borrowed(sql) => sqlx::query(sql),
        // Of too many forms to be worth keeping.
        Cow::Owned(sql) => sqlx::query(AssertSqlSafe(sql)).persistent(false),
    };
    statement.arguments.into_iter().fold(query, |query, value| match value {
        Value::Integer(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    })
}

fn read_row(row: &PgRow) -> Result<Row, sqlx::Error> {
    let columns = row.columns().iter().enumerate();
    columns.map(|(at, column)| read(row, at, column.type_info().name())).collect()
}

fn read(row: &PgRow, at: usize, kind: &str) -> Result<Value, sqlx::Error> {
    Ok(match kind {
        "INT8" => Value::Integer(row.try_get(at)?),
        "INT4" => Value::Integer(row.try_get::<Option<i32>, _>(at)?.map(i64::from)),
        "BYTEA" => Value::Bytes(row.try_get(at)?),
        _ => Value::Text(row.try_get(at)?),
    })
}

/// What a failed statement means. The kind decides, never a constraint's name: SQLite has none.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    let conflict = error.as_database_error().is_some_and(DatabaseError::is_unique_violation);
    if conflict { StoreError::Conflict } else { other(error) }
}
