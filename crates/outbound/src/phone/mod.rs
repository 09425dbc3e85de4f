//! Text messages and calls through a tenant's provider.

mod twilio;

use housekey_core::message::Channel;
use housekey_core::port::{DeliveryError, OutgoingMessage, PhoneRoute};
use serde_json::json;

use crate::http::Http;
use crate::webhook;

/// Hands the message to whom `route` names.
pub(crate) async fn deliver(
    http: &Http,
    message: &OutgoingMessage,
    route: &PhoneRoute,
) -> Result<(), DeliveryError> {
    match route {
        PhoneRoute::Outbox => Ok(()),
        PhoneRoute::Twilio { configuration, auth_token } => {
            twilio::deliver(http, message, configuration, auth_token).await
        }
        PhoneRoute::Webhook { url, secret } => {
            let content = &message.content;
            let body = json!({
                "message_type": message.content.template.unwrap_or("otp_verify"),
                "tenant": message.tenant.as_str(),
                "recipient": message.to,
                "from": content.from,
                "delivery_method": if is_call(message) { "voice" } else { "text" },
                "as_text": content.text,
                "as_voice": content.spoken,
                "code": content.code,
            });
            webhook::post(http, url, secret, message, &body).await
        }
    }
}

fn is_call(message: &OutgoingMessage) -> bool {
    message.channel == Channel::Voice
}
