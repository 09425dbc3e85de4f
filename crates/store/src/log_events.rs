//! Tenant log events.

use async_trait::async_trait;
use housekey_core::id::LogId;
use housekey_core::log::{LogEvent, LogKind};
use housekey_core::port::{LogEvents, LogIndex, LogStretch, StoreError};
use housekey_core::time::Timestamp;

use crate::error::json;
use crate::row::{Columns, read_all, read_one};
use crate::tx::TenantTx;

macro_rules! log_columns {
    () => {
        "id, kind, date, description, client_id, user_id, user_name, connection_id, \
         ip, user_agent, hostname, details"
    };
}

const INSERT: &str = concat!(
    "INSERT INTO log_events (tenant, ",
    log_columns!(),
    ", sequence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)"
);

const SELECT: &str =
    concat!("SELECT ", log_columns!(), " FROM log_events WHERE tenant = $1 AND id = $2");

/// A stretch of the log from `$2` up to `$3`, both left out.
macro_rules! stretch {
    ($and:literal, $order:literal) => {
        concat!(
            "SELECT ",
            log_columns!(),
            " FROM log_events WHERE tenant = $1 AND id > $2 AND id < $3 ",
            $and,
            " ORDER BY id ",
            $order,
            " LIMIT $4"
        )
    };
}

const PURGE: &str = "DELETE FROM log_events WHERE tenant = $1 AND id IN
    (SELECT id FROM log_events WHERE tenant = $1 AND id < $2 ORDER BY id LIMIT $3)";

#[async_trait]
impl LogEvents for TenantTx {
    async fn log(&mut self, event: &LogEvent) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(event.id.as_str())
            .bind(event.kind.code())
            .bind(event.date.0)
            .bind(event.description.as_str())
            .bind(event.client_id.as_deref())
            .bind(event.user_id.as_deref())
            .bind(event.user_name.as_deref())
            .bind(event.connection_id.as_deref())
            .bind(event.ip.as_str())
            .bind(event.user_agent.as_str())
            .bind(event.hostname.as_str())
            .bind(json(&event.details)?);
        self.change(statement).await?;
        Ok(())
    }

    async fn log_event(&mut self, id: &LogId) -> Result<Option<LogEvent>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(id.as_str())).await?;
        read_one("log_events", row, read)
    }

    async fn log_stretch(&mut self, stretch: &LogStretch) -> Result<Vec<LogEvent>, StoreError> {
        let (sql, of) = match (&stretch.of, stretch.oldest_first) {
            (LogIndex::All, true) => (stretch!("", "ASC"), None),
            (LogIndex::All, false) => (stretch!("", "DESC"), None),
            (LogIndex::Kind(kind), true) => (stretch!("AND kind = $5", "ASC"), Some(kind)),
            (LogIndex::Kind(kind), false) => (stretch!("AND kind = $5", "DESC"), Some(kind)),
            (LogIndex::User(user), true) => (stretch!("AND user_id = $5", "ASC"), Some(user)),
            (LogIndex::User(user), false) => (stretch!("AND user_id = $5", "DESC"), Some(user)),
        };
        let statement = self
            .statement(sql)
            .bind(stretch.after.as_str())
            .bind(stretch.before.as_str())
            .bind(i64::from(stretch.take));
        let statement = match of {
            Some(value) => statement.bind(value.as_str()),
            None => statement,
        };
        let rows = self.all(statement).await?;
        read_all("log_events", &rows, read)
    }

    async fn purge_log(&mut self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let statement = self.statement(PURGE).bind(LogId::floor(before)).bind(i64::from(limit));
        self.change(statement).await
    }
}

fn read(columns: &mut Columns<'_>) -> Result<LogEvent, StoreError> {
    Ok(LogEvent {
        id: LogId::from_raw(columns.get::<String>("id")?),
        kind: columns.parse("kind", LogKind::parse)?,
        date: columns.time("date")?,
        description: columns.get("description")?,
        client_id: columns.get("client_id")?,
        user_id: columns.get("user_id")?,
        user_name: columns.get("user_name")?,
        connection_id: columns.get("connection_id")?,
        ip: columns.get("ip")?,
        user_agent: columns.get("user_agent")?,
        hostname: columns.get("hostname")?,
        details: columns.json("details")?,
    })
}
