//! `POST /oauth/revoke` (RFC 7009).

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use http::{HeaderMap, StatusCode};

use super::{accept, for_origin};
use crate::error::grant_error;
use crate::state::Web;

/// Revokes a refresh token's family.
pub(crate) async fn revoke(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (parameters, credentials) = match accept(&call, &headers, body).await {
        Ok(accepted) => accepted,
        Err(refusal) => return refusal,
    };
    let token = parameters.get("token").map(String::as_str);
    let revocation =
        housekey_core::token::revoke::revoke(&web.app, &call, &credentials, token).await;
    let response = match revocation.outcome {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => grant_error(&call, error).into_response(),
    };
    for_origin(response, &call, &headers, revocation.client.as_deref())
}
