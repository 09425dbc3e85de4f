//! `POST /passkey/register` and `POST /passkey/challenge` (contract 04 §10.2, §10.3).

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::passkey::{
    BeginError, Beginning, Begun, Realm, begin_login, begin_registration,
};
use housekey_core::user::Profile;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::{accept, for_origin};
use crate::error::{OauthBody, log_fault};
use crate::state::Web;
use crate::webauthn;

/// Members of `user_profile` and the longest each may be.
const PROFILE: [(&str, usize); 8] = [
    ("email", 320),
    ("phone_number", 30),
    ("username", 128),
    ("name", 300),
    ("given_name", 150),
    ("family_name", 150),
    ("nickname", 300),
    ("picture", 2048),
];
/// Members of `user_metadata`, and the longest each may be.
const MAX_METADATA: usize = 10;
const MAX_METADATA_VALUE: usize = 500;

/// Begins signing somebody up.
pub(crate) async fn register(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (parameters, credentials) = match accept(&call, &headers, body).await {
        Ok(accepted) => accepted,
        Err(refusal) => return refusal,
    };
    let profile = match profile(&parameters) {
        Ok(profile) => profile,
        Err(text) if credentials.client_id.is_some() => {
            let error = OauthBody::invalid_request(text);
            return for_origin(error.into_response(), &call, &headers, None);
        }
        // Who does not say who asks is told that first.
        Err(_) => Profile::default(),
    };
    let realm = realm(&parameters);
    let begun = begin_registration(&web.app, &call, &credentials, &realm, profile).await;
    answer(&call, &headers, begun, webauthn::creation_options)
}

/// Begins signing somebody in.
pub(crate) async fn challenge(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (parameters, credentials) = match accept(&call, &headers, body).await {
        Ok(accepted) => accepted,
        Err(refusal) => return refusal,
    };
    let begun = begin_login(&web.app, &call, &credentials, &realm(&parameters)).await;
    answer(&call, &headers, begun, webauthn::request_options)
}

fn answer<O>(
    call: &Call,
    headers: &HeaderMap,
    beginning: Beginning<O>,
    wire: impl FnOnce(&O) -> Value,
) -> Response {
    let response = match beginning.outcome {
        Ok(Begun { auth_session, options }) => Json(json!({
            "auth_session": auth_session.expose(),
            "authn_params_public_key": wire(&options),
        }))
        .into_response(),
        Err(error) => begin_error(call, error).into_response(),
    };
    for_origin(response, call, headers, beginning.client.as_deref())
}

fn begin_error(call: &Call, error: BeginError) -> OauthBody {
    use StatusCode as S;
    match error {
        BeginError::ClientMissing => OauthBody::new(
            S::UNAUTHORIZED,
            "invalid_client",
            "Missing required parameter: client_id",
        ),
        BeginError::ClientRefused => {
            OauthBody::new(S::UNAUTHORIZED, "invalid_client", "Unauthorized")
        }
        BeginError::NotAllowed => OauthBody::new(
            S::FORBIDDEN,
            "unauthorized_client",
            "Passkeys are not allowed for the client.",
        ),
        BeginError::Invalid(text) => OauthBody::invalid_request(text),
        BeginError::TooMany => OauthBody::too_many_requests(),
        BeginError::Fault(fault) => {
            log_fault(&fault, &call.request_id);
            OauthBody::fault(call)
        }
    }
}

fn realm(parameters: &BTreeMap<String, String>) -> Realm {
    let sent = |name: &str| parameters.get(name).filter(|value| !value.is_empty()).cloned();
    Realm { connection: sent("realm"), organization: sent("organization") }
}

/// The profile of a new account; members nobody knows are refused inside `user_profile` alone.
fn profile(parameters: &BTreeMap<String, String>) -> Result<Profile, String> {
    let mut members = object(parameters, "user_profile")?;
    let mut texts: [Option<String>; PROFILE.len()] = Default::default();
    for ((name, most), text) in PROFILE.iter().zip(&mut texts) {
        *text = match members.remove(*name) {
            None | Some(Value::Null) => None,
            Some(Value::String(value)) if is_plain(&value, *most) => {
                Some(value.trim().to_owned()).filter(|value| !value.is_empty())
            }
            Some(_) => {
                return Err(format!(
                    "user_profile.{name} must be a text of at most {most} characters"
                ));
            }
        };
    }
    if let Some(name) = members.keys().next() {
        return Err(format!("user_profile.{name} is not known"));
    }
    let user_metadata = metadata(object(parameters, "user_metadata")?)?;
    let [email, phone_number, username, name, given_name, family_name, nickname, picture] = texts;
    Ok(Profile {
        email,
        phone_number,
        username,
        name,
        given_name,
        family_name,
        nickname,
        picture,
        user_metadata,
        ..Profile::default()
    })
}

fn metadata(members: Map<String, Value>) -> Result<Map<String, Value>, String> {
    let well_formed = |value: &Value| {
        value.as_str().is_some_and(|text| text.chars().count() <= MAX_METADATA_VALUE)
    };
    if members.len() <= MAX_METADATA && members.values().all(well_formed) {
        Ok(members)
    } else {
        Err(format!("user_metadata must have at most {MAX_METADATA} texts"))
    }
}

fn object(parameters: &BTreeMap<String, String>, name: &str) -> Result<Map<String, Value>, String> {
    let Some(text) = parameters.get(name).filter(|text| !text.is_empty()) else {
        return Ok(Map::new());
    };
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(format!("{name} must be an object")),
    }
}

fn is_plain(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}
