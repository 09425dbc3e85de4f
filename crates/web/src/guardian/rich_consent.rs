//! `GET /rich-consents/{id}`: what exactly is to be approved.

use axum::extract::{Extension, OriginalUri, Path, State};
use axum::response::Response;
use housekey_core::Call;
use housekey_core::guardian::{self, PushTransaction, RichConsent};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{credential, error};
use crate::state::Web;

const SCHEME: &str = "MFA-DPoP";

/// The details, for the device that was asked.
pub(crate) async fn rich_consent(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let url = format!("{}{}", call.issuer.trim_end_matches('/'), uri.path());
    let token = credential(&headers, SCHEME);
    let proof = headers.get(SCHEME).and_then(|value| value.to_str().ok());
    let found = guardian::rich_consent(&web.app, &call, &id, &url, token.as_deref(), proof).await;
    match found {
        Ok((consent, transaction)) => super::json(StatusCode::OK, &wire(&consent, &transaction)),
        Err(error) => error::render(&call, error),
    }
}

fn wire(consent: &RichConsent, transaction: &PushTransaction) -> Value {
    let details = &consent.requested_details;
    let mut requested = json!({ "audience": details.audience, "scope": details.scope });
    if let Some(message) = &details.binding_message {
        requested["binding_message"] = message.as_str().into();
    }
    if let Some(authorization) = &details.authorization_details {
        requested["authorization_details"] = authorization.clone().into();
    }
    json!({
        "id": consent.id.as_str(),
        "requested_details": requested,
        // Texts: iOS reads no numbers here.
        "created_at": transaction.created_at.rfc3339(),
        "expires_at": transaction.expires_at.rfc3339(),
    })
}
