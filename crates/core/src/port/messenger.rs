//! Delivering messages.

use async_trait::async_trait;

use crate::message::Content;

/// A message ready to go out.
#[derive(Clone, Debug)]
pub struct OutgoingMessage {
    /// Address or number.
    pub to: String,
    /// The name the sender shows: the tenant's.
    pub from_name: String,
    /// What it says.
    pub content: Content,
}

/// Why a message did not go out.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// It never will: the address is refused.
    #[error("refused for good: {0}")]
    Permanent(String),
    /// It may, later.
    #[error("not delivered now: {0}")]
    Transient(String),
}

/// Sends messages out of the house.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Hands one message to the provider.
    ///
    /// # Errors
    /// If the provider did not take it.
    async fn deliver(&self, message: &OutgoingMessage) -> Result<(), DeliveryError>;
}
