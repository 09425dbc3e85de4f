//! Errors as the SDKs read them: `{statusCode, errorCode, error, message}` (contract 04 §14.7).

use axum::response::Response;
use housekey_core::Call;
use housekey_core::guardian::GuardianError;
use http::StatusCode;

use super::json;
use crate::error::log_fault;

/// The answer to a request that was not done.
pub(super) fn render(call: &Call, error: GuardianError) -> Response {
    let (status, code, message) = match error {
        GuardianError::InvalidToken => {
            (StatusCode::UNAUTHORIZED, "invalid_token", "The credential is missing or not valid.")
        }
        GuardianError::NoTicket => (
            StatusCode::NOT_FOUND,
            "enrollment_transaction_not_found",
            "The enrollment was not found, was used, or has expired.",
        ),
        GuardianError::NoDevice => {
            (StatusCode::NOT_FOUND, "device_account_not_found", "The device was not found.")
        }
        GuardianError::NoTransaction => (
            StatusCode::NOT_FOUND,
            "login_transaction_not_found",
            "The transaction was not found, was answered, or has expired.",
        ),
        GuardianError::NoConsent => (
            StatusCode::NOT_FOUND,
            "login_transaction_not_found",
            "There is nothing to read about this transaction.",
        ),
        GuardianError::InvalidBody(what) => (StatusCode::BAD_REQUEST, "invalid_body", what),
        GuardianError::Needed(why) => (StatusCode::CONFLICT, "enrollment_conflict", why.text()),
        GuardianError::Disabled => (
            StatusCode::FORBIDDEN,
            "feature_disabled_by_admin",
            "Push notifications are switched off.",
        ),
        GuardianError::Fault(fault) => {
            log_fault(&fault, &call.request_id);
            let message = "Something went wrong on our side.";
            (StatusCode::INTERNAL_SERVER_ERROR, "server_error", message)
        }
    };
    let body = serde_json::json!({
        "statusCode": status.as_u16(),
        "errorCode": code,
        "error": status.canonical_reason().unwrap_or_default(),
        "message": message,
    });
    json(status, &body)
}
