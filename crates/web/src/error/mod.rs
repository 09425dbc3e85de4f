//! Outcomes that are errors, one renderer for each surface's form.

mod oauth;
mod problem;

pub(crate) use oauth::{
    OauthBody, already_enrolled, expired_mfa_token, grant_error, malformed_mfa_token,
};
pub(crate) use problem::{Problem, problem};

use axum::Json;
use axum::response::{IntoResponse, Response};
use housekey_core::error::Fault;
use http::StatusCode;
use serde_json::json;

/// Logs a fault once, with its chain; the client gets the request's id and nothing else.
pub(crate) fn fault(fault: &Fault, request_id: &str) -> Response {
    log_fault(fault, request_id);
    let body = json!({
        "error": "server_error",
        "error_description": format!("Something went wrong on our side (request {request_id})."),
    });
    (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
}

pub(crate) fn log_fault(fault: &Fault, request_id: &str) {
    tracing::error!(request_id, error = fault.chain(), "request failed");
}
