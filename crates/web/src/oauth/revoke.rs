//! `POST /oauth/revoke` (RFC 7009).

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use http::{HeaderMap, StatusCode};

use super::client::credentials;
use super::token::read;
use super::{for_origin, refuse_foreign};
use crate::error::{OauthBody, grant_error};
use crate::state::Web;

/// Revokes a refresh token's family.
pub(crate) async fn revoke(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(parameters) = read(&headers, body).await else {
        let error = OauthBody::invalid_request("The request body could not be read");
        return for_origin(error.into_response(), &call, &headers, None);
    };
    let credentials = credentials(&headers, &parameters);
    if let Some(refusal) = refuse_foreign(&call, &headers, credentials.client_id.as_deref()) {
        return refusal;
    }
    let token = parameters.get("token").map(String::as_str);
    let revocation =
        housekey_core::token::revoke::revoke(&web.app, &call, &credentials, token).await;
    let response = match revocation.outcome {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => grant_error(&call, error).into_response(),
    };
    for_origin(response, &call, &headers, revocation.client.as_deref())
}
