//! Push messages: to Google, to Apple, or to a webhook.

mod apns;
mod cache;
mod fcm;
mod jwt;

use housekey_core::port::{DeliveryError, OutgoingMessage, PushCarrier, PushRoute};
use serde_json::{Map, Value, json};

use crate::http::{Http, HttpSettings, HttpSetupError, Version};
use crate::webhook;
use cache::TokenCache;

/// What carriers of push messages are spoken to with.
pub(crate) struct Push {
    /// Apple speaks HTTP/2 alone.
    http2: Http,
    tokens: TokenCache,
}

impl Push {
    pub(crate) fn new(settings: &HttpSettings) -> Result<Self, HttpSetupError> {
        let http2 = Http::new(settings, Version::Http2)?;
        Ok(Self { http2, tokens: TokenCache::default() })
    }

    /// Hands the message to the device's carrier.
    pub(crate) async fn deliver(
        &self,
        http: &Http,
        message: &OutgoingMessage,
        route: &PushRoute,
    ) -> Result<(), DeliveryError> {
        let members = message.content.data.as_ref();
        let members = members.ok_or_else(|| refused("the message carries nothing"))?;
        let push = Outgoing { message, route, members };
        match &route.carrier {
            PushCarrier::Outbox => Ok(()),
            PushCarrier::Fcm { base_url, credentials } => {
                fcm::deliver(http, &self.tokens, &push, base_url.as_deref(), credentials).await
            }
            PushCarrier::Apns { settings, key } => {
                apns::deliver(&self.http2, &self.tokens, &push, settings, key).await
            }
            PushCarrier::Webhook { url, secret } => {
                webhook::post(http, url, secret, message, &push.for_webhook()).await
            }
        }
    }
}

/// One message for one device.
struct Outgoing<'a> {
    message: &'a OutgoingMessage,
    route: &'a PushRoute,
    members: &'a Map<String, Value>,
}

impl Outgoing<'_> {
    /// Where the device is reached.
    fn address(&self) -> &str {
        self.route.address.expose()
    }

    /// Seconds until the message is worthless.
    fn lifetime(&self) -> i64 {
        self.message.dies_at.seconds_since(self.message.at).max(0)
    }

    fn for_webhook(&self) -> Value {
        json!({
            "message_type": "push",
            "tenant": self.message.tenant.as_str(),
            "recipient": { "service": self.route.service.as_str(), "token": self.address() },
            "title": self.message.content.subject,
            "body": self.message.content.text,
            "data": self.members,
            "expires_at": self.message.dies_at.rfc3339(),
        })
    }
}

fn refused(why: &str) -> DeliveryError {
    DeliveryError::Permanent(why.to_owned())
}
