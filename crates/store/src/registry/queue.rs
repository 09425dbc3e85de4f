//! Claiming queued messages and settling what became of them.

use housekey_core::id::{MessageId, TenantId};
use housekey_core::port::{ClaimedMessage, StoreError};
use housekey_core::time::Timestamp;

use crate::outbox::{self, MESSAGE_COLUMNS, message_columns};
use crate::row::Columns;
use crate::statement::{Row, Statement};
use crate::tx::TenantTx;
use crate::unit::Unit;

/// The outer condition repeats the inner one: PostgreSQL tests it again on rows that somebody else
/// claimed while this statement waited for them.
const CLAIM: &str = concat!(
    "UPDATE outbox SET due_at = $2
     WHERE delivered_at IS NULL AND given_up = 0 AND due_at <= $1
     AND (tenant, id) IN (SELECT tenant, id FROM outbox
         WHERE delivered_at IS NULL AND given_up = 0 AND due_at <= $1
         ORDER BY due_at, sequence LIMIT $3)
     RETURNING ",
    message_columns!(),
    ", tenant, sequence"
);

const DELIVERED: &str = "UPDATE outbox SET delivered_at = $3, attempts = attempts + 1
    WHERE tenant = $1 AND id = $2 AND delivered_at IS NULL";

const RETRY: &str = "UPDATE outbox SET due_at = $3, attempts = attempts + 1
    WHERE tenant = $1 AND id = $2 AND delivered_at IS NULL";

const GIVE_UP: &str = "UPDATE outbox SET given_up = 1, attempts = attempts + 1
    WHERE tenant = $1 AND id = $2 AND delivered_at IS NULL";

/// Claims due messages, the oldest first.
pub(super) async fn claim(
    mut unit: Unit,
    now: Timestamp,
    lease_until: Timestamp,
    limit: u32,
) -> Result<Vec<ClaimedMessage>, StoreError> {
    let statement = Statement::new(CLAIM).bind(now.0).bind(lease_until.0).bind(i64::from(limit));
    let rows = unit.change_all(statement).await?;
    unit.commit().await?;
    let mut claimed: Vec<(i64, ClaimedMessage)> =
        rows.iter().map(read).collect::<Result<_, _>>()?;
    claimed.sort_by_key(|(sequence, claimed)| (claimed.message.created_at, *sequence));
    Ok(claimed.into_iter().map(|(_, claimed)| claimed).collect())
}

/// Marks a message as delivered.
pub(super) async fn delivered(
    tx: &mut TenantTx,
    id: &MessageId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.change(tx.statement(DELIVERED).bind(id.as_str()).bind(now.0)).await?;
    Ok(())
}

/// Puts a message back or gives it up.
pub(super) async fn failed(
    tx: &mut TenantTx,
    id: &MessageId,
    retry_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let statement = match retry_at {
        Some(at) => tx.statement(RETRY).bind(id.as_str()).bind(at.0),
        None => tx.statement(GIVE_UP).bind(id.as_str()),
    };
    tx.change(statement).await?;
    Ok(())
}

fn read(row: &Row) -> Result<(i64, ClaimedMessage), StoreError> {
    let mut columns = Columns::of("outbox", row);
    let message = outbox::read(&mut columns)?;
    let mut columns = columns.join("outbox", MESSAGE_COLUMNS);
    let tenant = TenantId::from_raw(columns.get::<String>("tenant")?);
    Ok((columns.get("sequence")?, ClaimedMessage { tenant, message }))
}
