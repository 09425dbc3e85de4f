//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4; contract 03 §11.7).

use serde::Serialize;
use serde_json::{Value, json};

use super::queue::told;
use super::{Message, QueuedMessage};
use crate::app::App;
use crate::error::Fault;
use crate::secret::SecretText;
use crate::tenant::LoadedTenant;
use crate::time::Timestamp;
use crate::token::SigningAlgorithm;

/// Seconds one is good. Each try has one of its own.
const LIFETIME: i64 = 120;
/// Random bytes of its id.
const ID_BYTES: usize = 16;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    sid: &'a str,
    trace_id: &'a str,
    events: Value,
}

/// The token that a queued message brings now.
pub(super) fn logout_token(
    app: &App,
    tenant: &LoadedTenant,
    queued: &QueuedMessage,
    now: Timestamp,
) -> Result<SecretText, Fault> {
    let message = told(app, &tenant.id, queued)?;
    let Message::LogoutToken { issuer, client, user, session } = &message else {
        return Err(Fault::new("the message is about no session"));
    };
    let claims = Claims {
        iss: issuer,
        sub: user.as_str(),
        aud: client.as_str(),
        iat: now.as_seconds(),
        exp: now.as_seconds() + LIFETIME,
        jti: app.random().base64url(ID_BYTES),
        sid: session.as_str(),
        trace_id: queued.id.as_str(),
        events: json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
    };
    let token = tenant.signing_key()?.sign_as(SigningAlgorithm::Rs256, "JWT", &claims)?;
    Ok(SecretText::new(token))
}
