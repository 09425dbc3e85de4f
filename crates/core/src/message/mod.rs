//! Messages: what Housekey tells people, and the queue they wait in.

mod content;
mod deliver;
mod queue;

pub use content::{Content, Happened, Message};
pub use deliver::deliver_due;
pub use queue::{QueuedMessage, open, queue};

use serde::{Deserialize, Serialize};

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Mail.
    Email,
}

impl Channel {
    /// The name in `/dev/outbox` and in storage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
        }
    }

    /// The channel of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        (name == Self::Email.as_str()).then_some(Self::Email)
    }
}
