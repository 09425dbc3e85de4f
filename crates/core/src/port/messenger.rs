//! Delivering messages.

use async_trait::async_trait;

use crate::guardian::PushService;
use crate::id::{MessageId, TenantId};
use crate::log::stream::LogBatch;
use crate::message::{Channel, Content};
use crate::secret::SecretText;
use crate::tenant::phone::TwilioConfiguration;
use crate::tenant::push::ApnsSettings;
use crate::time::Timestamp;

/// A message ready to go out.
#[derive(Clone, Debug)]
pub struct OutgoingMessage {
    /// The same at each try, so that a receiver can tell a repetition.
    pub id: MessageId,
    /// Whose message it is.
    pub tenant: TenantId,
    /// How it travels.
    pub channel: Channel,
    /// Address or number.
    pub to: String,
    /// The name the sender shows: the tenant's.
    pub from_name: String,
    /// What it says.
    pub content: Content,
    /// Who takes it.
    pub route: Route,
    /// The present.
    pub at: Timestamp,
    /// When it is worthless.
    pub dies_at: Timestamp,
}

/// Who takes a message, with what they are paid with.
#[derive(Clone, Debug)]
pub enum Route {
    /// The server's mail server.
    Mail,
    /// The tenant's own mail server.
    Smtp(SmtpRoute),
    /// The tenant's telephone provider.
    Phone(PhoneRoute),
    /// A device of the tenant's people.
    Push(PushRoute),
    /// An application, with the logout token for it; its URL is what the message goes to.
    BackChannel(SecretText),
    /// Nobody: the tenant has no provider for it.
    None,
    /// Nobody: the tenant's provider, named here, is one this version does not speak with.
    Unsupported(String),
}

/// A tenant's own mail server.
#[derive(Clone, Debug)]
pub struct SmtpRoute {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// User name and password.
    pub credentials: Option<(String, SecretText)>,
    /// Who mail comes from.
    pub from: Option<String>,
}

/// A device and who carries messages to it.
#[derive(Clone, Debug)]
pub struct PushRoute {
    /// Whose device it is.
    pub service: PushService,
    /// Where it is reached.
    pub address: SecretText,
    /// Who carries.
    pub carrier: PushCarrier,
}

/// A carrier of push messages ready for use.
#[derive(Clone, Debug)]
pub enum PushCarrier {
    /// Nobody: the message stays in the outbox, where dev mode shows it.
    Outbox,
    /// Google.
    Fcm {
        /// Where the API is, if not at Google.
        base_url: Option<String>,
        /// The service account's JSON file.
        credentials: SecretText,
    },
    /// Apple.
    Apns {
        /// App, team and key.
        settings: Box<ApnsSettings>,
        /// The key as PEM.
        key: SecretText,
    },
    /// Signed requests.
    Webhook {
        /// Where to.
        url: String,
        /// What they are signed with.
        secret: SecretText,
    },
}

/// A telephone provider ready for use.
#[derive(Clone, Debug)]
pub enum PhoneRoute {
    /// Nobody: the message stays in the outbox, where dev mode shows it.
    Outbox,
    /// Twilio's API.
    Twilio {
        /// Account and sender.
        configuration: TwilioConfiguration,
        /// Auth token.
        auth_token: SecretText,
    },
    /// Signed requests.
    Webhook {
        /// Where to.
        url: String,
        /// What they are signed with.
        secret: SecretText,
    },
}

/// Why a message did not go out.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// It never will: it is refused.
    #[error("refused for good: {0}")]
    Permanent(String),
    /// It never will: nobody can be reached there.
    #[error("no such recipient: {0}")]
    Recipient(String),
    /// It may, later.
    #[error("not delivered now: {0}")]
    Transient(String),
    /// It may, once the operator has said how.
    #[error("no way out: {0}")]
    Unconfigured(String),
}

impl DeliveryError {
    /// What went wrong, without a verdict on the message.
    #[must_use]
    pub fn reason(&self) -> &str {
        let (Self::Permanent(why)
        | Self::Recipient(why)
        | Self::Transient(why)
        | Self::Unconfigured(why)) = self;
        why
    }
}

/// Sends messages out of the house.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Hands one message to the provider.
    ///
    /// # Errors
    /// If the provider did not take it.
    async fn deliver(&self, message: &OutgoingMessage) -> Result<(), DeliveryError>;

    /// Hands events to the receiver of a log stream.
    ///
    /// # Errors
    /// If it did not take them; or, as here, if this messenger carries none.
    async fn carry(&self, _batch: &LogBatch) -> Result<(), DeliveryError> {
        Err(DeliveryError::Unconfigured("events are not carried from here".to_owned()))
    }
}
