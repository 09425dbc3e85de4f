//! Reading what devices send.

use axum::body::Body;
use housekey_core::guardian::{GuardianError, PushService};
use housekey_core::secret::SecretText;
use serde_json::{Map, Value};

use crate::body;

/// The longest identifier or name, in characters.
const MAX_NAME: usize = 256;
/// The longest address of a device, in bytes: carriers' are a few hundred.
const MAX_ADDRESS: usize = 4096;

/// The body as a JSON object, whatever media type it claims.
pub(super) async fn object(body: Body) -> Result<Map<String, Value>, GuardianError> {
    let bytes = body::read(body).await;
    match bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        Some(Value::Object(members)) => Ok(members),
        _ => Err(GuardianError::InvalidBody("The body must be a JSON object.")),
    }
}

/// A text that is there.
pub(super) fn text<'a>(
    members: &'a Map<String, Value>,
    name: &str,
    error: &'static str,
) -> Result<&'a str, GuardianError> {
    let text = members.get(name).and_then(Value::as_str).map(str::trim);
    text.filter(|text| !text.is_empty()).ok_or(GuardianError::InvalidBody(error))
}

/// The device's `identifier` or `name`, if it is there.
pub(super) fn label(
    members: &Map<String, Value>,
    name: &str,
) -> Result<Option<String>, GuardianError> {
    const ERROR: &str = "identifier and name must be texts of 1 to 256 characters.";
    if !members.contains_key(name) {
        return Ok(None);
    }
    let text = text(members, name, ERROR)?;
    let is_fine = text.chars().count() <= MAX_NAME && !text.chars().any(char::is_control);
    if is_fine { Ok(Some(text.to_owned())) } else { Err(GuardianError::InvalidBody(ERROR)) }
}

/// `push_credentials`, if they are there.
pub(super) fn address(
    members: &Map<String, Value>,
) -> Result<Option<(PushService, SecretText)>, GuardianError> {
    const ERROR: &str = "push_credentials must name a service (GCM or APNS) and a token.";
    let Some(credentials) = members.get("push_credentials") else { return Ok(None) };
    let credentials = credentials.as_object().ok_or(GuardianError::InvalidBody(ERROR))?;
    let service = PushService::parse(text(credentials, "service", ERROR)?);
    let service = service.ok_or(GuardianError::InvalidBody(ERROR))?;
    let token = text(credentials, "token", ERROR)?;
    if token.len() > MAX_ADDRESS || token.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(GuardianError::InvalidBody(ERROR));
    }
    Ok(Some((service, SecretText::new(token))))
}
