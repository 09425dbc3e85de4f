//! Everything that leaves the house, by the way it takes.

use async_trait::async_trait;
use housekey_core::port::{DeliveryError, Messenger, OutgoingMessage, Route};

use crate::http::{Http, HttpSettings, HttpSetupError, Version};
use crate::{SmtpMessenger, phone};

/// Delivers messages of every channel.
pub struct Deliveries {
    mail: Option<SmtpMessenger>,
    http: Http,
}

impl Deliveries {
    /// A messenger over a mail server, if there is one, and over HTTP.
    ///
    /// # Errors
    /// See [`HttpSetupError`].
    pub fn new(
        mail: Option<SmtpMessenger>,
        settings: &HttpSettings,
    ) -> Result<Self, HttpSetupError> {
        Ok(Self { mail, http: Http::new(settings, Version::Any)? })
    }
}

#[async_trait]
impl Messenger for Deliveries {
    async fn deliver(&self, message: &OutgoingMessage) -> Result<(), DeliveryError> {
        match (&message.route, &self.mail) {
            (Route::Mail, Some(mail)) => mail.deliver(message).await,
            (Route::Phone(route), _) => phone::deliver(&self.http, message, route).await,
            (Route::Mail, None) => Err(unconfigured("the configuration has no [mail]")),
            (Route::None, _) => Err(unconfigured("the tenant has no provider for it")),
        }
    }
}

fn unconfigured(why: &str) -> DeliveryError {
    DeliveryError::Unconfigured(why.to_owned())
}
