//! Signed requests in the form of the Standard Webhooks specification: the id, the time and the
//! body are signed with HMAC-SHA256, so that a receiver knows who sent them, when, and whether it
//! has seen them before.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use housekey_core::port::{DeliveryError, OutgoingMessage};
use housekey_core::secret::SecretText;
use serde_json::Value;

use crate::http::{self, Http};

/// Posts `body` for `message` to `url`.
pub(crate) async fn post(
    http: &Http,
    url: &str,
    secret: &SecretText,
    message: &OutgoingMessage,
    body: &Value,
) -> Result<(), DeliveryError> {
    let body = body.to_string();
    let (id, at) = (message.id.as_str(), message.at.as_seconds());
    let request = http
        .post(url)?
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", at.to_string())
        .header("webhook-signature", signature(secret, id, at, &body))
        .body(body);
    let answer = http::send(request).await?;
    if answer.status == 422 && says_unknown(&answer.body) {
        return Err(DeliveryError::Recipient("the webhook knows no such recipient".to_owned()));
    }
    http::by_status("the webhook", answer.status)
}

pub(crate) fn signature(secret: &SecretText, id: &str, at: i64, body: &str) -> String {
    let signed = format!("{id}.{at}.{body}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key(secret));
    format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes())))
}

/// `whsec_` and base64, as the specification writes secrets; anything else is taken as it is.
fn key(secret: &SecretText) -> Vec<u8> {
    let text = secret.expose();
    text.strip_prefix("whsec_")
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .unwrap_or_else(|| text.as_bytes().to_vec())
}

fn says_unknown(body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body["error"] == "invalid_recipient"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn signs_as_the_specification_says() {
        let secret = SecretText::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = signature(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
