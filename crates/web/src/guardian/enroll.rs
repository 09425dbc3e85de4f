//! `POST …/api/enroll`.

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::Response;
use housekey_core::guardian::{self, DeviceKey, EnrolledDevice, GuardianError, NewDevice};
use housekey_core::secret::Handle;
use housekey_core::{App, Call};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::{body, credential, error};
use crate::state::Web;

/// Enrols the device that shows a ticket.
pub(crate) async fn enroll(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match run(&web.app, &call, &headers, body).await {
        Ok(enrolled) => super::json(StatusCode::OK, &wire(&enrolled)),
        Err(error) => error::render(&call, error),
    }
}

async fn run(
    app: &App,
    call: &Call,
    headers: &HeaderMap,
    body: Body,
) -> Result<EnrolledDevice, GuardianError> {
    let ticket = ticket(headers).ok_or(GuardianError::InvalidToken)?;
    let new = parse(&body::object(body).await?)?;
    guardian::enroll(app, call, &ticket, new).await
}

/// `Authorization: Ticket id="…"`.
fn ticket(headers: &HeaderMap) -> Option<Handle> {
    let parameter = credential(headers, "Ticket")?;
    let (name, value) = parameter.split_once('=')?;
    let ticket = value.trim().strip_prefix('"')?.strip_suffix('"')?;
    (name.trim() == "id" && !ticket.is_empty()).then(|| Handle::presented(ticket))
}

fn parse(members: &Map<String, Value>) -> Result<NewDevice, GuardianError> {
    let missing = |what| GuardianError::InvalidBody(what);
    let (service, address) =
        body::address(members)?.ok_or(missing("push_credentials are missing."))?;
    Ok(NewDevice {
        identifier: body::label(members, "identifier")?.ok_or(missing("identifier is missing."))?,
        name: body::label(members, "name")?.ok_or(missing("name is missing."))?,
        service,
        address,
        key: key(members)?,
    })
}

fn key(members: &Map<String, Value>) -> Result<DeviceKey, GuardianError> {
    const ERROR: &str =
        "public_key must be an RSA key of 2048 to 4096 bits for RS256, with n and e.";
    let invalid = || GuardianError::InvalidBody(ERROR);
    let key = members.get("public_key").and_then(Value::as_object).ok_or_else(invalid)?;
    let is = |name: &str, value: &str| key.get(name).is_none_or(|own| own == value);
    if key.get("kty").is_none_or(|kind| kind != "RSA") || !is("alg", "RS256") || !is("use", "sig") {
        return Err(invalid());
    }
    DeviceKey::parse(body::text(key, "n", ERROR)?, body::text(key, "e", ERROR)?).ok_or_else(invalid)
}

fn wire(enrolled: &EnrolledDevice) -> Value {
    json!({
        "id": enrolled.id.as_str(),
        "url": enrolled.url,
        "issuer": enrolled.issuer,
        "user_id": enrolled.user_id.as_str(),
        "token": enrolled.token.expose(),
        // iOS knows the algorithm in small letters only.
        "totp": {
            "secret": enrolled.totp_secret,
            "algorithm": "sha1",
            "period": 30,
            "digits": 6,
        },
    })
}
