//! Error bodies of the Management API, with the texts that tools compare (contract 05 §2.1).

use axum::Json;
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::manage::{ManageError, Refusal, Thing, Whose};
use housekey_core::token::ClientTokenError;
use http::StatusCode;
use serde::Serialize;

use crate::error::log_fault;

/// An error body.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorBody {
    status_code: u16,
    error: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Attributes>,
}

/// What some answers to bad tokens repeat.
#[derive(Debug, Serialize)]
struct Attributes {
    error: String,
}

impl ErrorBody {
    pub(super) fn new(
        status: StatusCode,
        code: Option<&'static str>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status_code: status.as_u16(),
            error: status.canonical_reason().unwrap_or_default(),
            message: message.into(),
            error_code: code,
            attributes: None,
        }
    }

    fn bad(code: &'static str, why: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some(code), why)
    }

    fn bad_token(message: &str) -> Self {
        let attributes = Some(Attributes { error: message.to_owned() });
        Self { attributes, ..Self::new(StatusCode::UNAUTHORIZED, None, message) }
    }

    pub(super) fn insufficient_scope(scopes: &str) -> Self {
        let message = format!("Insufficient scope, expected any of: {scopes}");
        Self::new(StatusCode::FORBIDDEN, Some("insufficient_scope"), message)
    }

    /// Whether somebody asked too often.
    pub(super) fn is_rate_limited(&self) -> bool {
        self.status_code == StatusCode::TOO_MANY_REQUESTS.as_u16()
    }

    /// What happened, for the log.
    pub(super) fn refusal(&self) -> Refusal<'_> {
        Refusal { status: self.status_code, code: self.error_code, message: &self.message }
    }

    fn limit_reached(whose: Whose) -> Self {
        let whose = match whose {
            Whose::Tenant => "tenant",
            Whose::User => "user",
        };
        let text = format!("You reached the limit of entities of this type for this {whose}.");
        Self::new(StatusCode::FORBIDDEN, Some("too_many_entities"), text)
    }

    pub(super) fn from_error(error: ManageError, call: &Call) -> Self {
        use StatusCode as S;
        match error {
            ManageError::MissingToken => Self::new(S::UNAUTHORIZED, None, "Missing authentication"),
            ManageError::BadToken(why) => Self::bad_token(match why {
                ClientTokenError::Expired => "Expired token received for JSON Web Token validation",
                ClientTokenError::BadSignature => {
                    "Invalid signature received for JSON Web Token validation"
                }
                ClientTokenError::Invalid => "Invalid token",
            }),
            ManageError::InsufficientScope(scopes) => Self::insufficient_scope(&scopes.join(",")),
            ManageError::RateLimited => Self::new(
                S::TOO_MANY_REQUESTS,
                Some("too_many_requests"),
                "Global limit has been reached",
            ),
            ManageError::NotFound(thing) => {
                let (code, message) = missing(thing);
                Self::new(S::NOT_FOUND, code, message)
            }
            ManageError::InvalidBody(why) => Self::bad("invalid_body", why),
            ManageError::InvalidPath(why) => Self::bad("invalid_uri", why),
            ManageError::InvalidQuery(why) => Self::bad("invalid_query_string", why),
            ManageError::InvalidHeader(why) => Self::bad("invalid_header", why),
            ManageError::InvalidPaging(why) => Self::bad("invalid_paging", why),
            ManageError::NotSupported(why) => Self::bad("operation_not_supported", why),
            ManageError::LimitReached(whose) => Self::limit_reached(whose),
            ManageError::Forbidden(why) => {
                Self::new(S::FORBIDDEN, Some("operation_not_supported"), why)
            }
            ManageError::ManyDomains => Self::new(
                S::CONFLICT,
                Some("custom_domain_conflict"),
                "The tenant has multiple verified custom domains.",
            ),
            ManageError::UserExists => {
                Self::new(S::CONFLICT, Some("auth0_idp_error"), "The user already exists.")
            }
            ManageError::TooLong(most) => {
                let text = format!("Payload content length greater than maximum allowed: {most}.");
                Self::new(S::PAYLOAD_TOO_LARGE, None, text)
            }
            ManageError::Busy(why) => Self::new(S::TOO_MANY_REQUESTS, None, why),
            ManageError::TooBroad => Self::new(
                S::SERVICE_UNAVAILABLE,
                None,
                "The query leads to too many users to look at. Add a condition that fewer meet.",
            ),
            ManageError::Conflict(what) => Self::new(S::CONFLICT, Some("conflict"), what),
            ManageError::Fault(fault) => {
                log_fault(&fault, &call.request_id);
                let text = format!("Something went wrong (request {}).", call.request_id);
                Self::new(S::INTERNAL_SERVER_ERROR, None, text)
            }
        }
    }
}

fn missing(thing: Thing) -> (Option<&'static str>, &'static str) {
    match thing {
        Thing::AuthenticationMethod => (None, "The authentication method does not exist."),
        Thing::Client => (Some("inexistent_client"), "The client does not exist"),
        Thing::ClientGrant => (Some("inexistent_client_grant"), "The client grant does not exist"),
        Thing::EmailProvider => {
            (Some("inexistent_email_provider"), "There is not a configured email provider")
        }
        Thing::EmailTemplate => (Some("inexistent_email_template"), "The template does not exist."),
        Thing::PhoneTemplate => (None, "The template does not exist."),
        Thing::PageTemplate => {
            (Some("inexistent_templates_universal_login"), "Template does not exist.")
        }
        Thing::Theme => (
            Some("theme_not_found"),
            "There was an error retrieving branding settings: invalid theme ID",
        ),
        Thing::Key => (None, "The signing key does not exist"),
        Thing::CustomDomain => {
            (Some("custom_domain_not_found"), "The custom domain does not exist")
        }
        Thing::LogStream => (None, "log stream not found"),
        Thing::LogEvent => (Some("inexistent_log"), "The log does not exist"),
        Thing::Credential => {
            (Some("inexistent_client_credential"), "The client credential does not exist")
        }
        Thing::Connection => (Some("inexistent_connection"), "The connection does not exist"),
        Thing::Identity => (Some("inexistent_identity"), "The user has no such identity."),
        Thing::Organization => (None, "No organization found by that id or name"),
        Thing::Job => (Some("inexistent_job"), "The job does not exist"),
        Thing::Part => (None, "Not Found"),
        Thing::Grant => (None, "The grant does not exist."),
        Thing::RefreshToken => (None, "The refresh token does not exist."),
        Thing::Session => (None, "The session does not exist."),
        Thing::Role => (Some("inexistent_role"), "The role does not exist."),
        Thing::User => (Some("inexistent_user"), "The user does not exist."),
        Thing::ResourceServer => {
            (Some("inexistent_resource_server"), "The resource server does not exist")
        }
    }
}

impl IntoResponse for ErrorBody {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status_code);
        (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(self)).into_response()
    }
}
