//! `POST …/api/resolve-transaction`.

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use housekey_core::guardian::{self, GuardianError};
use housekey_core::{App, Call};
use http::{HeaderMap, StatusCode};

use super::{body, credential, error};
use crate::state::Web;

/// Takes a device's answer.
pub(crate) async fn resolve(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match run(&web.app, &call, &headers, body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error::render(&call, error),
    }
}

async fn run(app: &App, call: &Call, headers: &HeaderMap, body: Body) -> Result<(), GuardianError> {
    let bearer = credential(headers, "Bearer").ok_or(GuardianError::InvalidToken)?;
    let members = body::object(body).await?;
    let response =
        body::text(&members, "challenge_response", "challenge_response must be a text.")?;
    guardian::resolve(app, call, Some(&bearer), response).await
}
