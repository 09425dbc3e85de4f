//! Messages to deliver and events to remember; written with the fact they stem from.

use async_trait::async_trait;

use super::StoreError;
use crate::log::LogEvent;
use crate::message::QueuedMessage;

/// Queued messages.
#[async_trait]
pub trait Outbox {
    /// Queues a message.
    async fn enqueue(&mut self, message: &QueuedMessage) -> Result<(), StoreError>;

    /// The newest `limit` messages, newest first, delivered or not; of one address if given.
    async fn messages(
        &mut self,
        to: Option<&str>,
        limit: u32,
    ) -> Result<Vec<QueuedMessage>, StoreError>;

    /// Removes all messages of the tenant.
    async fn clear_outbox(&mut self) -> Result<(), StoreError>;
}

/// Tenant log events.
#[async_trait]
pub trait LogEvents {
    /// Adds an event.
    async fn log(&mut self, event: &LogEvent) -> Result<(), StoreError>;

    /// The newest `limit` events, newest first.
    async fn log_events(&mut self, limit: u32) -> Result<Vec<LogEvent>, StoreError>;
}
