//! Mail over SMTP (RFC 5321).

mod compose;
mod html;
mod outcome;
pub(crate) mod tenant;
mod transport;

use self::compose::Sender;
use async_trait::async_trait;
use housekey_core::port::{DeliveryError, Messenger, OutgoingMessage};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::SecretString;

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314 §3.3).
    Implicit,
    /// Plain at first, then STARTTLS (RFC 3207); without it nothing is sent.
    Starttls,
    /// None: for a relay on this machine.
    None,
}

/// Which mail server to use and how.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Host name; the server's certificate has to be for it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// PEM of a certificate authority to trust besides the public ones.
    pub ca_certificate: Option<Vec<u8>>,
    /// User name and password.
    pub credentials: Option<(String, SecretString)>,
    /// The sender's address; the name beside it is the tenant's.
    pub from: String,
}

/// Why a mail server cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The sender is not an address.
    #[error("{0} is not a mail address")]
    From(String),
    /// The certificate authority does not parse.
    #[error("the certificate authority is not a PEM certificate")]
    CaCertificate,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up for {0}")]
    Tls(String),
}

/// Whether `text` can be a sender.
#[must_use]
pub fn is_mail_address(text: &str) -> bool {
    text.parse::<Address>().is_ok()
}

/// Delivers messages as mail.
pub struct SmtpMessenger {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
}

impl SmtpMessenger {
    /// A messenger that connects when the first message is due. Needs a running Tokio runtime.
    ///
    /// # Errors
    /// See [`SetupError`].
    pub fn new(settings: &SmtpSettings) -> Result<Self, SetupError> {
        let from = settings.from.parse().map_err(|_| SetupError::From(settings.from.clone()))?;
        Ok(Self { transport: transport::build(settings)?, from })
    }
}

impl SmtpMessenger {
    /// Connects, protects the connection and logs in, and sends nothing.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn probe(&self) -> Result<(), DeliveryError> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(DeliveryError::Transient("the mail server hung up".to_owned())),
            Err(error) => Err(outcome::of(&error)),
        }
    }
}

#[async_trait]
impl Messenger for SmtpMessenger {
    async fn deliver(&self, message: &OutgoingMessage) -> Result<(), DeliveryError> {
        let mail = compose::mail(message, &self.from, Sender::Shared)?;
        self.transport.send(mail).await.map(drop).map_err(|error| outcome::of(&error))
    }
}
