//! Errors of the grants by which applications sign people in on pages of their own, with the texts
//! that SDKs compare (contract 04 §3, §5.2, §12.3).

use housekey_core::secret::Handle;
use housekey_core::token::grant::{Attempts, CodeOf, GrantError, MfaRequirements};
use http::StatusCode;
use serde_json::{Value, json};

use super::OauthBody;

/// auth0-spa-js, Auth0.swift and Auth0.Android know this text.
const MFA_REQUIRED: &str = "Multifactor authentication required";
/// Also the answer to a wrong code on paper.
const REJECTED: &str = "MFA Authorization rejected.";

/// The answer to such a grant that was not honoured; others have none here.
pub(super) fn embedded(error: &GrantError) -> OauthBody {
    use StatusCode as S;
    let invalid_grant = |text| OauthBody::new(S::FORBIDDEN, "invalid_grant", text);
    match error {
        GrantError::NoDefaultConnection => OauthBody::new(
            S::INTERNAL_SERVER_ERROR,
            "server_error",
            "Authorization server not configured with default connection.",
        ),
        GrantError::TooManyAttempts(of) => too_many_attempts(*of),
        GrantError::MfaRequired { requirements, token } => mfa_required(requirements, token),
        GrantError::MalformedMfaToken => malformed_mfa_token(),
        GrantError::ExpiredMfaToken => expired_mfa_token(),
        GrantError::AlreadyEnrolled => already_enrolled(),
        // Auth0.swift and Auth0.Android compare these texts.
        GrantError::WrongPassword => invalid_grant("Wrong email or password."),
        GrantError::WrongCode(of) => invalid_grant(wrong_code(*of)),
        GrantError::Rejected => invalid_grant(REJECTED),
        GrantError::InvalidOobCode => invalid_grant("Invalid oob_code."),
        GrantError::Pending => OauthBody::new(
            S::BAD_REQUEST,
            "authorization_pending",
            "Authorization pending: please repeat the request in a few seconds.",
        ),
        GrantError::SlowDown => OauthBody::new(
            S::BAD_REQUEST,
            "slow_down",
            "You are polling faster than the specified interval of 5 seconds.",
        ),
        _ => OauthBody::invalid_request("The request is not valid"),
    }
}

fn mfa_required(requirements: &MfaRequirements, token: &Handle) -> OauthBody {
    let body = OauthBody::new(StatusCode::FORBIDDEN, "mfa_required", MFA_REQUIRED);
    OauthBody {
        mfa_token: Some(token.expose().to_owned()),
        mfa_requirements: Some(mfa_requirements(requirements)),
        ..body
    }
}

fn mfa_requirements(requirements: &MfaRequirements) -> Value {
    let (name, ways) = match requirements {
        MfaRequirements::Challenge(ways) => ("challenge", ways),
        MfaRequirements::Enroll(ways) => ("enroll", ways),
    };
    let mut types: Vec<&str> = Vec::new();
    for requirement in ways.iter().map(|way| way.requirement()) {
        if !types.contains(&requirement) {
            types.push(requirement);
        }
    }
    let types: Vec<_> = types.into_iter().map(|name| json!({ "type": name })).collect();
    json!({ name: types })
}

fn wrong_code(of: CodeOf) -> &'static str {
    match of {
        CodeOf::App => "Invalid otp_code.",
        CodeOf::Sent => "Invalid binding_code.",
        CodeOf::Paper => REJECTED,
        CodeOf::Email => "Wrong email or verification code.",
        CodeOf::Sms => "Wrong phone number or verification code.",
    }
}

fn too_many_attempts(of: Attempts) -> OauthBody {
    let text = match of {
        Attempts::Password => {
            "Your account has been blocked after multiple consecutive login attempts. We've sent \
             you a notification via your preferred contact method with instructions on how to \
             unblock it."
        }
        Attempts::Code => "Too many wrong codes. Please wait before you try again.",
    };
    OauthBody::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", text)
}

/// Auth0.swift and Auth0.Android compare these texts.
pub(crate) fn malformed_mfa_token() -> OauthBody {
    OauthBody::new(StatusCode::FORBIDDEN, "invalid_grant", "Malformed mfa_token")
}

pub(crate) fn expired_mfa_token() -> OauthBody {
    OauthBody::new(StatusCode::UNAUTHORIZED, "expired_token", "mfa_token is expired")
}

pub(crate) fn already_enrolled() -> OauthBody {
    OauthBody::new(StatusCode::FORBIDDEN, "access_denied", "User is already enrolled.")
}
