//! Errors of the OAuth endpoints (RFC 6749 §5.2) with the statuses and texts that SDKs compare
//! (contract 03 §7). Never with `WWW-Authenticate`: it makes the body unreadable to several SDKs.

use axum::Json;
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::token::dpop::ProofError;
use housekey_core::token::grant::GrantError;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use super::embedded::embedded;
use super::log_fault;

/// An OAuth error body.
#[derive(Debug, Serialize)]
pub(crate) struct OauthBody {
    #[serde(skip)]
    pub status: StatusCode,
    pub error: &'static str,
    pub error_description: String,
    /// What waits for a second factor (contract 04 §3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mfa_token: Option<String>,
    /// What a second factor can be given, or enrolled, with (contract 04 §3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mfa_requirements: Option<Value>,
}

impl OauthBody {
    pub(crate) fn new(
        status: StatusCode,
        error: &'static str,
        description: impl Into<String>,
    ) -> Self {
        let error_description = description.into();
        Self { status, error, error_description, mfa_token: None, mfa_requirements: None }
    }

    pub(crate) fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    pub(crate) fn too_many_requests() -> Self {
        let text = "Too many requests. Please wait a minute and try again.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", text)
    }

    pub(crate) fn fault(call: &Call) -> Self {
        let text = format!("Something went wrong on our side (request {}).", call.request_id);
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", text)
    }
}

impl IntoResponse for OauthBody {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

/// Why a client gets nothing at an API.
fn denial(error: &GrantError) -> String {
    match error {
        GrantError::NotAuthorized { audience } => {
            format!("Client is not authorized to access resource server \"{audience}\"")
        }
        GrantError::NoDefaultAudience => {
            "Non-global clients are not allowed access to APIv1".to_owned()
        }
        GrantError::UnknownAudience { audience } => format!("Service not found: {audience}"),
        GrantError::NoClientGrant { audience } => format!(
            "Client is not authorized to access \"{audience}\". You need to create a \
             \"client-grant\" associated to this API."
        ),
        GrantError::ScopeNotGranted(scope) => {
            let names = scope.iter().collect::<Vec<_>>().join(", ");
            format!("Client has not been granted scopes: {names}")
        }
        _ => String::new(),
    }
}

/// The answer to a grant that was not honoured.
pub(crate) fn grant_error(call: &Call, error: GrantError) -> OauthBody {
    use StatusCode as S;
    let invalid_grant = |text: &str| OauthBody::new(S::FORBIDDEN, "invalid_grant", text);
    match error {
        GrantError::ClientMissing
        | GrantError::ClientMalformed(_)
        | GrantError::ClientRefused
        | GrantError::MissingParameter(_)
        | GrantError::UnsupportedGrantType(_)
        | GrantError::GrantNotAllowed(_) => unasked(&error),
        GrantError::InvalidCode => invalid_grant("Invalid authorization code"),
        GrantError::InvalidVerifier => invalid_grant("Failed to verify code verifier"),
        GrantError::WrongRedirectUri { sent, expected } => wrong_redirect_uri(&sent, &expected),
        // auth0-spa-js, Auth0.swift and Auth0.Android compare this text.
        GrantError::InvalidRefreshToken => invalid_grant("Unknown or invalid refresh token."),
        // Auth0.swift and Auth0.Android compare this text and the status.
        GrantError::UserGone => {
            invalid_grant("The refresh_token was generated for a user who doesn't exist anymore.")
        }
        // auth0-spa-js signs out locally on this text.
        GrantError::UserBlocked => {
            OauthBody::new(S::UNAUTHORIZED, "unauthorized", "user is blocked")
        }
        GrantError::NotAuthorized { .. }
        | GrantError::NoDefaultAudience
        | GrantError::UnknownAudience { .. }
        | GrantError::NoClientGrant { .. }
        | GrantError::ScopeNotGranted(_) => {
            OauthBody::new(S::FORBIDDEN, "access_denied", denial(&error))
        }
        GrantError::InvalidParameter(text) => OauthBody::invalid_request(text),
        GrantError::InvalidPasskeySession
        | GrantError::UnknownPasskey
        | GrantError::PasskeyRefused(_)
        | GrantError::WrongKey => invalid_grant(&unproved(&error)),
        GrantError::NoDefaultConnection
        | GrantError::TooManyAttempts(_)
        | GrantError::MfaRequired { .. }
        | GrantError::MalformedMfaToken
        | GrantError::ExpiredMfaToken
        | GrantError::AlreadyEnrolled
        | GrantError::WrongPassword
        | GrantError::WrongCode(_)
        | GrantError::Rejected
        | GrantError::InvalidOobCode
        | GrantError::Pending
        | GrantError::SlowDown => embedded(&error),
        GrantError::Unmet => unmet(),
        GrantError::UserExists => OauthBody::invalid_request("The user already exists."),
        GrantError::TooMany => OauthBody::too_many_requests(),
        GrantError::Proof(error) => proof_error(call, error),
        GrantError::Fault(fault) => {
            log_fault(&fault, &call.request_id);
            OauthBody::fault(call)
        }
    }
}

/// What is wrong before the grant is looked at: who asks, and by which grant type.
fn unasked(error: &GrantError) -> OauthBody {
    use StatusCode as S;
    match error {
        GrantError::ClientMissing => OauthBody::new(
            S::UNAUTHORIZED,
            "invalid_client",
            "Missing required parameter: client_id",
        ),
        GrantError::ClientMalformed(why) => OauthBody::new(S::UNAUTHORIZED, "invalid_client", *why),
        GrantError::UnsupportedGrantType(name) => OauthBody::new(
            S::FORBIDDEN,
            "unsupported_grant_type",
            format!("Unsupported grant type: {name}"),
        ),
        GrantError::GrantNotAllowed(name) => OauthBody::new(
            S::FORBIDDEN,
            "unauthorized_client",
            format!("Grant type '{name}' not allowed for the client."),
        ),
        GrantError::MissingParameter(name) => {
            OauthBody::invalid_request(format!("Missing required parameter: {name}"))
        }
        _ => OauthBody::new(S::UNAUTHORIZED, "access_denied", "Unauthorized"),
    }
}

fn wrong_redirect_uri(sent: &str, expected: &str) -> OauthBody {
    let text = format!("The redirect URI is wrong. You sent {sent}, and we expected {expected}");
    OauthBody::new(StatusCode::FORBIDDEN, "unauthorized_client", text)
}

fn unmet() -> OauthBody {
    let text = "The last authentication is too long ago for this API. Please log in again.";
    OauthBody::new(StatusCode::FORBIDDEN, "unmet_authentication_requirements", text)
}

/// Why what was presented does not prove who presents it.
fn unproved(error: &GrantError) -> String {
    match error {
        GrantError::InvalidPasskeySession => "Unknown or expired auth_session.".to_owned(),
        GrantError::UnknownPasskey => "The passkey is not known.".to_owned(),
        GrantError::PasskeyRefused(refusal) => format!("The passkey was refused: {refusal}."),
        GrantError::WrongKey => {
            "The DPoP proof is not by the key that the code was asked for with".to_owned()
        }
        _ => String::new(),
    }
}

fn proof_error(call: &Call, error: ProofError) -> OauthBody {
    let refused = |code, text| OauthBody::new(StatusCode::BAD_REQUEST, code, text);
    match error {
        ProofError::Invalid(why) => refused("invalid_dpop_proof", why),
        // What clients go by is the code, and they come again with the nonce in the headers.
        ProofError::NonceWanted => {
            refused("use_dpop_nonce", "Authorization server requires nonce in DPoP proof")
        }
        ProofError::Fault(fault) => {
            log_fault(&fault, &call.request_id);
            OauthBody::fault(call)
        }
    }
}
