//! Messages: what Housekey tells people, and the queue they wait in.

mod addressee;
mod content;
mod deliver;
mod logout_token;
mod plain_text;
mod queue;
pub mod template;
pub(crate) mod trial;
pub(crate) mod variables;
mod words;
mod written;

pub use addressee::Addressee;
pub use content::{Content, Happened, Message};
pub use deliver::{Delivery, deliver_due, deliver_now};
pub(crate) use queue::announce;
pub use queue::{QueuedMessage, hold, open, queue};
pub use template::PhoneContent;

use serde::{Deserialize, Serialize};

use crate::factor::phone::PhoneChannel;

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Mail.
    Email,
    /// Text message.
    Sms,
    /// Call.
    Voice,
    /// Push message to a device.
    Push,
    /// Request to an application's back channel.
    Logout,
}

impl Channel {
    /// Every channel.
    const ALL: [Self; 5] = [Self::Email, Self::Sms, Self::Voice, Self::Push, Self::Logout];

    /// The name in `/dev/outbox` and in storage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::Push => "push",
            Self::Logout => "logout",
        }
    }

    /// The channel of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == name)
    }
}

impl From<PhoneChannel> for Channel {
    fn from(channel: PhoneChannel) -> Self {
        match channel {
            PhoneChannel::Sms => Self::Sms,
            PhoneChannel::Voice => Self::Voice,
        }
    }
}
