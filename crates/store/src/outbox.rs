//! Queued messages of one tenant. Claiming and settling them spans tenants: `registry/queue.rs`.

use async_trait::async_trait;
use housekey_core::id::MessageId;
use housekey_core::message::{Channel, QueuedMessage};
use housekey_core::port::{Outbox, StoreError};

use crate::row::{Columns, read_all};
use crate::tx::TenantTx;

/// The columns that [`read`] reads.
macro_rules! message_columns {
    () => {
        "id, channel, address, sealed_payload, created_at, dies_at, due_at, attempts, delivered_at"
    };
}
pub(crate) use message_columns;

/// How many they are.
pub(crate) const MESSAGE_COLUMNS: usize = 9;

const INSERT: &str = concat!(
    "INSERT INTO outbox (tenant, ",
    message_columns!(),
    ", given_up, sequence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0,
     (SELECT COALESCE(MAX(sequence), 0) + 1 FROM outbox WHERE tenant = $1))"
);

const SELECT: &str = concat!(
    "SELECT ",
    message_columns!(),
    " FROM outbox WHERE tenant = $1 AND ($2 IS NULL OR address = $2)
      ORDER BY sequence DESC, id DESC LIMIT $3"
);

const CLEAR: &str = "DELETE FROM outbox WHERE tenant = $1";

#[async_trait]
impl Outbox for TenantTx {
    async fn enqueue(&mut self, message: &QueuedMessage) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(message.id.as_str())
            .bind(message.channel.as_str())
            .bind(message.to.as_str())
            .bind(message.sealed_payload.as_slice())
            .bind(message.created_at.0)
            .bind(message.dies_at.0)
            .bind(message.due_at.0)
            .bind(message.attempts)
            .bind(message.delivered_at.map(|at| at.0));
        self.change(statement).await?;
        Ok(())
    }

    async fn messages(
        &mut self,
        to: Option<&str>,
        limit: u32,
    ) -> Result<Vec<QueuedMessage>, StoreError> {
        let rows = self.all(self.statement(SELECT).bind(to).bind(i64::from(limit))).await?;
        read_all("outbox", &rows, read)
    }

    async fn clear_outbox(&mut self) -> Result<(), StoreError> {
        self.change(self.statement(CLEAR)).await?;
        Ok(())
    }
}

/// Reads [`message_columns`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<QueuedMessage, StoreError> {
    Ok(QueuedMessage {
        id: MessageId::from_raw(columns.get::<String>("id")?),
        channel: columns.parse("channel", Channel::parse)?,
        to: columns.get("address")?,
        sealed_payload: columns.get("sealed_payload")?,
        created_at: columns.time("created_at")?,
        dies_at: columns.time("dies_at")?,
        due_at: columns.time("due_at")?,
        attempts: columns.get("attempts")?,
        delivered_at: columns.optional_time("delivered_at")?,
    })
}
