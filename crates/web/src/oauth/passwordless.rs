//! `POST /passwordless/start` (contract 04 §7).

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::passwordless::{Answer, Start, StartError, Started, start as begin};
use housekey_core::user::Identifier;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{accept, for_origin, in_language};
use crate::error::{OauthBody, grant_error, log_fault};
use crate::state::Web;

/// Sends a code.
pub(crate) async fn start(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let call = in_language(call, &headers);
    let (mut parameters, credentials) = match accept(&call, &headers, body).await {
        Ok(accepted) => accepted,
        Err(refusal) => return refusal,
    };
    let mut take = |name: &str| parameters.remove(name).filter(|value| !value.is_empty());
    let request = Start {
        connection: take("connection"),
        email: take("email"),
        phone_number: take("phone_number"),
        send: take("send"),
    };
    let Answer { client, outcome } = begin(&web.app, &call, &credentials, &request).await;
    let response = match outcome {
        Ok(started) => Json(wire(&started)).into_response(),
        Err(error) => refusal(&call, error).into_response(),
    };
    for_origin(response, &call, &headers, client.as_deref())
}

/// The same whoever it is: what is verified is not told before the code is typed.
fn wire(started: &Started) -> Value {
    match &started.address {
        Identifier::Phone(number) => {
            json!({ "_id": started.id, "phone_number": number, "phone_verified": false })
        }
        Identifier::Email(address) | Identifier::Username(address) => {
            json!({ "_id": started.id, "email": address, "email_verified": false })
        }
    }
}

fn refusal(call: &Call, error: StartError) -> OauthBody {
    match error {
        StartError::Client(error) => grant_error(call, error.into()),
        StartError::NotAllowed => OauthBody::new(
            StatusCode::FORBIDDEN,
            "unauthorized_client",
            "Codes instead of a password are not allowed for the client.",
        ),
        StartError::Invalid(text) => OauthBody::invalid_request(text),
        StartError::TooMany => OauthBody::too_many_requests(),
        StartError::NotSent => OauthBody::invalid_request("The code could not be sent"),
        StartError::Fault(fault) => {
            log_fault(&fault, &call.request_id);
            OauthBody::fault(call)
        }
    }
}
