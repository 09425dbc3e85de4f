//! Everything that leaves the house, by the way it takes.

use async_trait::async_trait;
use housekey_core::log::stream::LogBatch;
use housekey_core::port::{DeliveryError, Messenger, OutgoingMessage, Route};

use crate::http::{Http, HttpSettings, HttpSetupError, Version};
use crate::push::Push;
use crate::{SmtpMessenger, back_channel, events, mail, phone};

/// Delivers messages of every channel.
pub struct Deliveries {
    mail: Option<SmtpMessenger>,
    http: Http,
    push: Push,
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
        let http = Http::new(settings, Version::Any)?;
        Ok(Self { mail, http, push: Push::new(settings)? })
    }
}

#[async_trait]
impl Messenger for Deliveries {
    async fn deliver(&self, message: &OutgoingMessage) -> Result<(), DeliveryError> {
        match (&message.route, &self.mail) {
            (Route::Mail, Some(mail)) => mail.deliver(message).await,
            (Route::Phone(route), _) => phone::deliver(&self.http, message, route).await,
            (Route::Push(route), _) => self.push.deliver(&self.http, message, route).await,
            (Route::BackChannel(token), _) => {
                back_channel::deliver(&self.http, message, token).await
            }
            (Route::Smtp(route), _) => {
                mail::tenant::deliver(message, route, self.http.allow_private).await
            }
            (Route::Unsupported(who), _) => {
                Err(unconfigured(&format!("this version of Housekey does not speak with {who}")))
            }
            (Route::Mail, None) => Err(unconfigured("the configuration has no [mail]")),
            (Route::None, _) => Err(unconfigured("the tenant has no provider for it")),
        }
    }

    async fn carry(&self, batch: &LogBatch) -> Result<(), DeliveryError> {
        events::carry(&self.http, batch).await
    }
}

fn unconfigured(why: &str) -> DeliveryError {
    DeliveryError::Unconfigured(why.to_owned())
}
