//! Tenant log events.

use async_trait::async_trait;
use housekey_core::id::LogId;
use housekey_core::log::{LogEvent, LogKind};
use housekey_core::port::{LogEvents, StoreError};

use crate::error::json;
use crate::row::{Columns, read_all};
use crate::tx::TenantTx;

macro_rules! log_columns {
    () => {
        "id, kind, date, description, client_id, user_id, user_name, \
         ip, user_agent, hostname, details"
    };
}

const INSERT: &str = concat!(
    "INSERT INTO log_events (tenant, ",
    log_columns!(),
    ", sequence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
     (SELECT COALESCE(MAX(sequence), 0) + 1 FROM log_events WHERE tenant = $1))"
);

const SELECT: &str = concat!(
    "SELECT ",
    log_columns!(),
    " FROM log_events WHERE tenant = $1 ORDER BY sequence DESC, id DESC LIMIT $2"
);

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
            .bind(event.ip.as_str())
            .bind(event.user_agent.as_str())
            .bind(event.hostname.as_str())
            .bind(json(&event.details)?);
        self.change(statement).await?;
        Ok(())
    }

    async fn log_events(&mut self, limit: u32) -> Result<Vec<LogEvent>, StoreError> {
        let rows = self.all(self.statement(SELECT).bind(i64::from(limit))).await?;
        read_all("log_events", &rows, read)
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
        ip: columns.get("ip")?,
        user_agent: columns.get("user_agent")?,
        hostname: columns.get("hostname")?,
        details: columns.json("details")?,
    })
}
