//! Apple: one HTTP/2 request per message, authorized by a provider token.

use housekey_core::port::DeliveryError;
use housekey_core::secret::SecretText;
use housekey_core::tenant::push::ApnsSettings;
use serde_json::{Value, json};
use url::Url;

use super::cache::{Key, TokenCache};
use super::{Outgoing, jwt, refused};
use crate::http::{self, Http};

const PRODUCTION: &str = "https://api.push.apple.com";
const SANDBOX: &str = "https://api.sandbox.push.apple.com";
/// The category whose actions apps handle (contract 04 §14.5).
const CATEGORY: &str = "com.auth0.notification.authentication";
/// Seconds a provider token is used: Apple wants new ones after 20 and before 60 minutes.
const TOKEN_LIFETIME: i64 = 2400;

pub(super) async fn deliver(
    http2: &Http,
    tokens: &TokenCache,
    push: &Outgoing<'_>,
    settings: &ApnsSettings,
    key: &SecretText,
) -> Result<(), DeliveryError> {
    let cached = Key::of(&["apns", &settings.team_id, &settings.key_id, key.expose()]);
    let token = provider_token(tokens, cached, push, settings, key)?;
    let body = json!({
        "aps": {
            "alert": {
                "title": push.message.content.subject,
                "body": push.message.content.text,
            },
            "category": CATEGORY,
            "sound": "default",
        },
        "mfa": push.members,
    });
    let request = http2
        .post(&address(settings, push.address())?)?
        .bearer_auth(token.expose())
        .header("apns-topic", &settings.bundle_id)
        .header("apns-push-type", "alert")
        .header("apns-priority", "10")
        .header("apns-expiration", push.message.dies_at.as_seconds().to_string())
        .header("apns-collapse-id", &push.message.to)
        .header("content-type", "application/json")
        .body(body.to_string());
    let answer = http::send(request).await?;
    outcome(tokens, cached, answer.status, &answer.body)
}

fn provider_token(
    tokens: &TokenCache,
    cached: Key,
    push: &Outgoing<'_>,
    settings: &ApnsSettings,
    key: &SecretText,
) -> Result<SecretText, DeliveryError> {
    let now = push.message.at;
    if let Some(token) = tokens.find(cached, now) {
        return Ok(token);
    }
    let header = json!({ "alg": "ES256", "kid": settings.key_id });
    let claims = json!({ "iss": settings.team_id, "iat": now.as_seconds() });
    let token = jwt::es256(&header, &claims, key)?;
    tokens.keep(cached, token.clone(), now.plus_seconds(TOKEN_LIFETIME));
    Ok(token)
}

fn address(settings: &ApnsSettings, device: &str) -> Result<String, DeliveryError> {
    let broken = || refused("the provider's address is not a URL");
    let apples = if settings.sandbox { SANDBOX } else { PRODUCTION };
    let base = settings.base_url.as_deref().unwrap_or(apples);
    let mut url = Url::parse(base).map_err(|_| broken())?;
    url.path_segments_mut().map_err(|()| broken())?.pop_if_empty().extend(["3", "device", device]);
    Ok(url.into())
}

fn outcome(
    tokens: &TokenCache,
    cached: Key,
    status: u16,
    body: &[u8],
) -> Result<(), DeliveryError> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let reason = body["reason"].as_str().unwrap_or_default();
    match (status, reason) {
        (410, _) | (400, "BadDeviceToken" | "DeviceTokenNotForTopic") => {
            Err(DeliveryError::Recipient(format!("APNs answered {status}")))
        }
        (403, "ExpiredProviderToken") => {
            tokens.forget(cached);
            Err(DeliveryError::Transient("APNs answered 403: the token is too old".to_owned()))
        }
        _ => http::by_status("APNs", status),
    }
}
