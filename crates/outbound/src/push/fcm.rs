//! Google: FCM HTTP v1, with an access token of the service account (RFC 7523).

use housekey_core::port::DeliveryError;
use housekey_core::secret::SecretText;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use super::cache::{Key, TokenCache};
use super::{Outgoing, jwt, refused};
use crate::http::{self, Http};

const BASE: &str = "https://fcm.googleapis.com";
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Seconds an assertion lives: Google takes no more than an hour.
const ASSERTION_LIFETIME: i64 = 3600;
/// Seconds before its end from which a token is not used any more.
const MARGIN: i64 = 120;

/// The service account's file, as far as it is needed.
#[derive(Deserialize)]
struct ServiceAccount {
    project_id: String,
    client_email: String,
    private_key: String,
    private_key_id: Option<String>,
    token_uri: String,
}

pub(super) async fn deliver(
    http: &Http,
    tokens: &TokenCache,
    push: &Outgoing<'_>,
    base_url: Option<&str>,
    credentials: &SecretText,
) -> Result<(), DeliveryError> {
    let account: ServiceAccount = serde_json::from_str(credentials.expose())
        .map_err(|_| refused("the service account's file cannot be read"))?;
    let key = Key::of(&["fcm", credentials.expose()]);
    let token = match tokens.find(key, push.message.at) {
        Some(token) => token,
        None => fetch_token(http, tokens, push, &account, key).await?,
    };
    let body = json!({
        "message": {
            "token": push.address(),
            "data": flat(push.members),
            "android": {
                "priority": "HIGH",
                "ttl": format!("{}s", push.lifetime()),
                "collapse_key": push.message.to,
            },
        },
    });
    let request = http
        .post(&address(base_url, &account.project_id)?)?
        .bearer_auth(token.expose())
        .header("content-type", "application/json")
        .body(body.to_string());
    let answer = http::send(request).await?;
    if answer.status == 401 {
        tokens.forget(key);
        return Err(DeliveryError::Transient("FCM answered 401".to_owned()));
    }
    outcome(answer.status, &answer.body)
}

async fn fetch_token(
    http: &Http,
    tokens: &TokenCache,
    push: &Outgoing<'_>,
    account: &ServiceAccount,
    key: Key,
) -> Result<SecretText, DeliveryError> {
    let now = push.message.at;
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": account.private_key_id });
    let claims = json!({
        "iss": account.client_email,
        "scope": SCOPE,
        "aud": account.token_uri,
        "iat": now.as_seconds(),
        "exp": now.as_seconds() + ASSERTION_LIFETIME,
    });
    let assertion = jwt::rs256(&header, &claims, &SecretText::new(&account.private_key))?;
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("grant_type", GRANT), ("assertion", assertion.expose())])
        .finish();
    let request = http
        .post(&account.token_uri)?
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let answer = http::send(request).await?;
    http::by_status("the token endpoint", answer.status)?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let (Some(token), Some(lifetime)) =
        (body["access_token"].as_str(), body["expires_in"].as_i64())
    else {
        return Err(DeliveryError::Transient("the token endpoint answered no token".to_owned()));
    };
    let token = SecretText::new(token);
    tokens.keep(key, token.clone(), now.plus_seconds(lifetime - MARGIN));
    Ok(token)
}

/// Android's data are texts, so objects travel as their JSON.
fn flat(members: &Map<String, Value>) -> Map<String, Value> {
    members
        .iter()
        .map(|(name, value)| match value {
            Value::String(_) => (name.clone(), value.clone()),
            other => (name.clone(), other.to_string().into()),
        })
        .collect()
}

fn address(base_url: Option<&str>, project: &str) -> Result<String, DeliveryError> {
    let broken = || refused("the provider's address is not a URL");
    let mut url = Url::parse(base_url.unwrap_or(BASE)).map_err(|_| broken())?;
    url.path_segments_mut().map_err(|()| broken())?.pop_if_empty().extend([
        "v1",
        "projects",
        project,
        "messages:send",
    ]);
    Ok(url.into())
}

fn outcome(status: u16, body: &[u8]) -> Result<(), DeliveryError> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let details = body["error"]["details"].as_array();
    let code = details.into_iter().flatten().find_map(|detail| detail["errorCode"].as_str());
    if status == 404 || code == Some("UNREGISTERED") {
        return Err(DeliveryError::Recipient(format!("FCM answered {status}: unregistered")));
    }
    http::by_status("FCM", status)
}
