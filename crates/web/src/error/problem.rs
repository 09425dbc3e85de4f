//! Errors of the My Account API: RFC 9457 members, sent as plain JSON because Android reads no
//! other media type (contract 01 §5).

use housekey_core::Call;
use housekey_core::account::{AccountError, Violation};
use housekey_core::factor::FactorType;
use housekey_core::factor::password::Broken;
use http::StatusCode;
use serde::Serialize;

use super::log_fault;

/// An error body with its status.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: &'static str,
    pub detail: String,
    pub status: u16,
    /// The key under which account screens look up a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub validation_errors: Vec<ValidationError>,
}

/// One thing wrong with the input.
#[derive(Debug, Serialize)]
pub(crate) struct ValidationError {
    pub detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
}

impl Problem {
    fn new(
        status: StatusCode,
        number: u16,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let status = status.as_u16();
        Self {
            kind: format!("https://auth0.com/api-errors/A0E-{status}-{number:04}"),
            title,
            detail: detail.into(),
            status,
            error: None,
            validation_errors: Vec::new(),
        }
    }

    fn keyed(self, key: &'static str) -> Self {
        Self { error: Some(key), ..self }
    }

    pub(crate) fn unknown_route(method: &str, path: &str) -> Self {
        let detail = format!("The requested resource {method} {path} was not found.");
        Self::new(StatusCode::NOT_FOUND, 1, "Not Found", detail)
    }

    pub(crate) fn unsupported_media_type() -> Self {
        let detail = "The request content type is not supported.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, 1, "Unsupported Media Type", detail)
    }

    pub(crate) fn malformed() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 1, "Bad Request", "The request is invalid.")
    }

    fn validation(errors: Vec<ValidationError>) -> Self {
        let detail = "Invalid request payload input";
        Self {
            validation_errors: errors,
            ..Self::new(StatusCode::BAD_REQUEST, 3, "Validation Error", detail)
        }
    }

    pub(crate) fn invalid_query(name: &str, detail: &str) -> Self {
        Self::validation(vec![ValidationError {
            detail: detail.to_owned(),
            field: Some(name.to_owned()),
            pointer: None,
            source: Some("query"),
        }])
    }

    pub(crate) fn invalid_body(violations: Vec<Violation>) -> Self {
        let key = violations.iter().find_map(|violation| violation.key);
        let problem = Self::validation(violations.into_iter().map(in_body).collect());
        Self { error: key, ..problem }
    }
}

fn in_body(violation: Violation) -> ValidationError {
    let name = violation.at.trim_start_matches('/');
    ValidationError {
        detail: violation.detail,
        field: (!name.is_empty()).then(|| format!("data/{name}")),
        pointer: Some(violation.at),
        source: Some("body"),
    }
}

fn unauthorized(number: u16, title: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, number, title, detail)
}

fn forbidden(detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, 1, "Forbidden", detail)
}

fn missing(detail: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, 2, "Resource Not Found", detail)
}

fn conflict(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, 1, "Conflict", detail)
}

fn too_many(detail: &str) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, 1, "Too Many Requests", detail)
}

/// The answer to an operation that was not done (contract 01 §5.3).
pub(crate) fn problem(call: &Call, method: &str, path: &str, error: AccountError) -> Problem {
    match error {
        AccountError::NotActivated => Problem::unknown_route(method, path),
        AccountError::RateLimited { .. } | AccountError::TooManyAttempts => {
            too_many("Rate limit exceeded.")
        }
        AccountError::TooManySent { again_in } => {
            let detail = format!("Rate limit exceeded. Try again in {}.", duration(again_in));
            too_many(&detail)
        }
        // Not a 5xx: clients would repeat the request, and each costs one of few attempts.
        AccountError::NotSent => forbidden("The message could not be sent.").keyed("bad_gateway"),
        AccountError::MissingToken => unauthorized(2, "Missing Token", "No auth token provided."),
        AccountError::Possession(_) | AccountError::InvalidToken => {
            unauthorized(3, "Invalid Token", "Invalid Token")
        }
        AccountError::InsufficientScope(scope) => {
            let detail = format!("The auth token lacks the required scope: {scope}");
            Problem::new(StatusCode::FORBIDDEN, 2, "Insufficient Scope", detail)
        }
        AccountError::FactorUnavailable(factor) => {
            forbidden(&unavailable(factor)).keyed("unsupported_challenge_type")
        }
        AccountError::ForeignIdentity => {
            forbidden("The connection or identity does not belong to this user.")
        }
        AccountError::Invalid(violations) => Problem::invalid_body(violations),
        AccountError::WeakPassword(broken) => Problem::invalid_body(weak_password(&broken)),
        AccountError::Attestation(refusal) => Problem {
            detail: format!("The passkey was refused: {refusal}."),
            ..Problem::malformed()
        },
        // Account screens compare these words (contract 01 §5.3).
        AccountError::WrongCode => forbidden("invalid code").keyed("invalid_code"),
        AccountError::Pending => forbidden("authorization_pending").keyed("authorization_pending"),
        AccountError::Expired => forbidden("The enrollment has expired.").keyed("expired_token"),
        AccountError::NotFound => missing("The authentication method was not found."),
        AccountError::NoSuchConsent => missing("The consent was not found."),
        AccountError::TooMany => {
            conflict("The maximum number of authentication methods is reached.")
                .keyed("too_many_entities")
        }
        AccountError::AlreadyEnrolled => Problem::new(
            StatusCode::CONFLICT,
            3,
            "Duplicate Resource",
            "This authentication method is already enrolled.",
        ),
        AccountError::AlreadyVerified => conflict("The enrollment was completed before."),
        AccountError::Needed(refusal) => conflict(refusal.text()),
        AccountError::Fault(fault) => {
            log_fault(&fault, &call.request_id);
            let detail = format!("Something went wrong on our side (request {}).", call.request_id);
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, 1, "Internal Server Error", detail)
        }
    }
}

/// Rounded up, in the unit a person would use.
fn duration(seconds: i64) -> String {
    let (count, unit) =
        if seconds < 90 { (seconds, "second") } else { ((seconds + 59) / 60, "minute") };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn unavailable(factor: FactorType) -> String {
    format!("The factor {factor} cannot be enrolled here.")
}

fn weak_password(broken: &[Broken]) -> Vec<Violation> {
    broken
        .iter()
        .map(|rule| Violation::new("/new_password", format!("{}: {}", rule.name(), rule.text())))
        .collect()
}
