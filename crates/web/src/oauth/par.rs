//! `POST /oauth/par` (RFC 9126, contract 03 §11.5).

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::login::{AuthorizeParams, PushError, PushedUri, push};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::json;

use super::{client, for_origin, refuse_foreign};
use crate::error::{OauthBody, grant_error, log_fault};
use crate::state::Web;
use crate::{body, dpop};

/// The longest request.
const MAX_REQUEST: usize = 10 * 1024;

/// Takes an authorization request.
pub(crate) async fn par(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(pairs) = form(&headers, body).await else {
        let text = "The request body must be a form of at most 10 KB";
        let error = OauthBody::invalid_request(text);
        return for_origin(error.into_response(), &call, &headers, None);
    };
    let parameters: BTreeMap<_, _> = pairs.iter().cloned().collect();
    let credentials = client::credentials(&headers, &parameters);
    if let Some(refusal) = refuse_foreign(&call, &headers, credentials.client_id.as_deref()) {
        return refusal;
    }
    let proof = dpop::proof(&headers, method.as_str(), uri.path());
    let params = AuthorizeParams::new(pairs);
    let pushed = push(&web.app, &call, &credentials, params, proof.as_ref()).await;
    let mut response = match pushed.outcome {
        Ok(PushedUri { uri, expires_in }) => {
            let body = json!({ "request_uri": uri.expose(), "expires_in": expires_in });
            (StatusCode::CREATED, Json(body)).into_response()
        }
        Err(error) => push_error(&call, error).into_response(),
    };
    dpop::offer_nonce(&mut response, &web.app, &call, &headers);
    for_origin(response, &call, &headers, pushed.client.as_deref())
}

async fn form(headers: &HeaderMap, body: Body) -> Option<Vec<(String, String)>> {
    let bytes = body::read(body).await?;
    let is_form = body::is(headers, "application/x-www-form-urlencoded");
    (is_form && bytes.len() <= MAX_REQUEST).then(|| body::pairs(&bytes)).flatten()
}

fn push_error(call: &Call, error: PushError) -> OauthBody {
    match error {
        PushError::Client(error) => grant_error(call, error.into()),
        PushError::Proof(error) => grant_error(call, error.into()),
        PushError::Request(error) => {
            OauthBody::new(StatusCode::BAD_REQUEST, error.code, error.description)
        }
        PushError::Fault(fault) => {
            log_fault(&fault, &call.request_id);
            OauthBody::fault(call)
        }
    }
}
