//! Messages to deliver and events to remember; written with the fact they stem from.

use async_trait::async_trait;

use super::StoreError;
use crate::id::{LogId, LogStreamId};
use crate::log::LogEvent;
use crate::log::stream::LogStream;
use crate::message::QueuedMessage;
use crate::time::Timestamp;

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

/// A stretch of the log, in the order of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogStretch {
    /// Which events.
    pub of: LogIndex,
    /// Ids above this one.
    pub after: String,
    /// Ids below this one.
    pub before: String,
    /// From which end.
    pub oldest_first: bool,
    /// How many at most.
    pub take: u32,
}

impl LogStretch {
    /// The newest events.
    #[must_use]
    pub fn newest(take: u32) -> Self {
        Self {
            of: LogIndex::All,
            after: String::new(),
            before: LogId::END.to_owned(),
            oldest_first: false,
            take,
        }
    }
}

/// What an index finds events by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogIndex {
    /// Their ids alone.
    All,
    /// What happened, by its code.
    Kind(String),
    /// The user.
    User(String),
}

/// Tenant log events.
#[async_trait]
pub trait LogEvents {
    /// Adds an event.
    async fn log(&mut self, event: &LogEvent) -> Result<(), StoreError>;

    /// The event of that id.
    async fn log_event(&mut self, id: &LogId) -> Result<Option<LogEvent>, StoreError>;

    /// A stretch of the log.
    async fn log_stretch(&mut self, stretch: &LogStretch) -> Result<Vec<LogEvent>, StoreError>;

    /// The newest `limit` events, newest first.
    async fn log_events(&mut self, limit: u32) -> Result<Vec<LogEvent>, StoreError> {
        self.log_stretch(&LogStretch::newest(limit)).await
    }

    /// Removes up to `limit` events from before an instant, oldest first; how many.
    async fn purge_log(&mut self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}

/// Log streams.
#[async_trait]
pub trait LogStreams {
    /// All of the tenant's, by their ids.
    async fn log_streams(&mut self) -> Result<Vec<LogStream>, StoreError>;

    /// Adds a stream, due at once.
    async fn insert_log_stream(&mut self, stream: &LogStream) -> Result<(), StoreError>;

    /// Replaces a stream's settings; it is due at `due_at` and begins to count failures anew.
    async fn update_log_stream(
        &mut self,
        stream: &LogStream,
        due_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Removes a stream. False if there is none.
    async fn delete_log_stream(&mut self, id: &LogStreamId) -> Result<bool, StoreError>;
}
