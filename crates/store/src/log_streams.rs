//! Log streams. Claiming them spans tenants: see [`claim`].

use async_trait::async_trait;
use housekey_core::id::{LogStreamId, TenantId};
use housekey_core::log::stream::{LogStream, StreamStatus};
use housekey_core::port::{ClaimedStream, LogStreams, StoreError};
use housekey_core::time::Timestamp;

use crate::error::json;
use crate::row::{Columns, read_all};
use crate::statement::Statement;
use crate::tx::TenantTx;
use crate::unit::Unit;

const SELECT: &str = "SELECT id, settings, position, attempts FROM log_streams
    WHERE tenant = $1 ORDER BY id";

const INSERT: &str = "INSERT INTO log_streams
    (tenant, id, settings, active, position, attempts, due_at) VALUES ($1, $2, $3, $4, $5, 0, 0)";

const UPDATE: &str = "UPDATE log_streams SET settings = $3, active = $4, attempts = 0, due_at = $5
    WHERE tenant = $1 AND id = $2";

const DELETE: &str = "DELETE FROM log_streams WHERE tenant = $1 AND id = $2";

const IS_DUE: &str = "SELECT id FROM log_streams WHERE active = 1 AND due_at <= $1 LIMIT 1";

/// The outer condition repeats the inner one: PostgreSQL tests it again on rows that somebody else
/// claimed while this statement waited for them.
const CLAIM: &str = "UPDATE log_streams SET due_at = $2
    WHERE active = 1 AND due_at <= $1 AND (tenant, id) IN (
        SELECT tenant, id FROM log_streams WHERE active = 1 AND due_at <= $1
        ORDER BY due_at, tenant, id LIMIT $3)
    RETURNING id, settings, position, attempts, tenant";

const CARRIED: &str = "UPDATE log_streams SET position = $3, attempts = $4, due_at = $5
    WHERE tenant = $1 AND id = $2";

#[async_trait]
impl LogStreams for TenantTx {
    async fn log_streams(&mut self) -> Result<Vec<LogStream>, StoreError> {
        let rows = self.all(self.statement(SELECT)).await?;
        read_all("log_streams", &rows, read)
    }

    async fn insert_log_stream(&mut self, stream: &LogStream) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(stream.id.as_str())
            .bind(json(&stream.settings)?)
            .bind(active(stream))
            .bind(stream.position.as_str());
        self.change(statement).await?;
        Ok(())
    }

    async fn update_log_stream(
        &mut self,
        stream: &LogStream,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        let statement = self
            .statement(UPDATE)
            .bind(stream.id.as_str())
            .bind(json(&stream.settings)?)
            .bind(active(stream))
            .bind(due_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn delete_log_stream(&mut self, id: &LogStreamId) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE).bind(id.as_str())).await
    }
}

/// Whether there is anything to claim.
pub(crate) async fn is_due(mut unit: Unit, now: Timestamp) -> Result<bool, StoreError> {
    Ok(unit.one(Statement::new(IS_DUE).bind(now.0)).await?.is_some())
}

/// Claims due streams.
pub(crate) async fn claim(
    mut unit: Unit,
    now: Timestamp,
    lease_until: Timestamp,
    limit: u32,
) -> Result<Vec<ClaimedStream>, StoreError> {
    let statement = Statement::new(CLAIM).bind(now.0).bind(lease_until.0).bind(i64::from(limit));
    let rows = unit.change_all(statement).await?;
    unit.commit().await?;
    read_all("log_streams", &rows, |columns| {
        let stream = read(columns)?;
        let tenant = TenantId::from_raw(columns.get::<String>("tenant")?);
        Ok(ClaimedStream { tenant, stream })
    })
}

/// Notes how far a stream came.
pub(crate) async fn carried(
    tx: &mut TenantTx,
    id: &LogStreamId,
    position: &str,
    attempts: i64,
    due_at: Timestamp,
) -> Result<(), StoreError> {
    let statement =
        tx.statement(CARRIED).bind(id.as_str()).bind(position).bind(attempts).bind(due_at.0);
    tx.change(statement).await?;
    Ok(())
}

fn active(stream: &LogStream) -> i64 {
    i64::from(stream.settings.status == StreamStatus::Active)
}

fn read(columns: &mut Columns<'_>) -> Result<LogStream, StoreError> {
    Ok(LogStream {
        id: LogStreamId::from_raw(columns.get::<String>("id")?),
        settings: columns.json("settings")?,
        position: columns.get("position")?,
        attempts: columns.get("attempts")?,
    })
}
