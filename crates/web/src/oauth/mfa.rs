//! `/mfa/*`: the MFA API (contract 04 §4).

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::client::Client;
use housekey_core::factor::phone::PhoneChannel;
use housekey_core::mfa::api::{
    self, Answer, Associate, Associated, Authenticator, AuthenticatorKind, Challenge, Challenged,
    Contact, MfaError, Shown,
};
use housekey_core::mfa::{MfaTokenError, Problem, Way};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{accept, for_origin, in_language};
use crate::error::{
    OauthBody, already_enrolled, expired_mfa_token, grant_error, log_fault, malformed_mfa_token,
};
use crate::state::Web;
use crate::{body, cors};

/// The answer to a preflight of any of these endpoints.
pub(crate) async fn preflight(Extension(call): Extension<Call>, headers: HeaderMap) -> Response {
    cors::preflight(&call, &headers, "GET, POST, DELETE, OPTIONS")
}

/// Asks for a second factor.
pub(crate) async fn challenge(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let call = in_language(call, &headers);
    let (mut parameters, credentials) = match accept(&call, &headers, body).await {
        Ok(accepted) => accepted,
        Err(refusal) => return refusal,
    };
    let mut take = |name: &str| parameters.remove(name).filter(|value| !value.is_empty());
    let request = Challenge {
        mfa_token: take("mfa_token"),
        challenge_type: take("challenge_type"),
        authenticator_id: take("authenticator_id"),
        oob_channel: take("oob_channel"),
    };
    let Answer { client, outcome } = api::challenge(&web.app, &call, &credentials, &request).await;
    answer(&call, &headers, client.as_deref(), outcome.map(|own| Json(challenged(&own))))
}

fn challenged(challenged: &Challenged) -> Value {
    match challenged {
        Challenged::CodeSent(oob) => json!({
            "challenge_type": "oob", "oob_code": oob.expose(), "binding_method": "prompt",
        }),
        // Without a binding method applications ask again and again.
        Challenged::DeviceAsked(oob) => {
            json!({ "challenge_type": "oob", "oob_code": oob.expose() })
        }
        Challenged::Otp => json!({ "challenge_type": "otp" }),
        Challenged::RecoveryCode => json!({ "challenge_type": "recovery-code" }),
    }
}

/// Begins to enrol an authenticator.
pub(crate) async fn associate(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let call = in_language(call, &headers);
    let bytes = body::read(body).await;
    let parameters = bytes.and_then(|bytes| body::parameters(&headers, &bytes));
    let unreadable = || MfaError::Invalid("The request body could not be read".to_owned());
    let new = parameters.ok_or_else(unreadable).and_then(|sent| new_authenticator(&sent));
    let Answer { client, outcome } = api::associate(&web.app, &call, bearer(&headers), new).await;
    answer(&call, &headers, client.as_deref(), outcome.map(|own| Json(associated(&own))))
}

/// What a request wants to enrol. Lists come as JSON, also where a form carries them.
fn new_authenticator(parameters: &BTreeMap<String, String>) -> Result<Associate, MfaError> {
    let invalid = |text: &str| MfaError::Invalid(text.to_owned());
    let sent = |name: &str| parameters.get(name).filter(|value| !value.is_empty()).cloned();
    let one = |name: &'static str| -> Result<String, MfaError> {
        let text = sent(name).ok_or(MfaError::Missing(name))?;
        match serde_json::from_str::<Vec<String>>(&text).as_deref() {
            Ok([only]) => Ok(only.clone()),
            _ => Err(MfaError::Invalid(format!("{name} must be a list of one"))),
        }
    };
    match one("authenticator_types")?.as_str() {
        "otp" => Ok(Associate::App),
        "oob" => match one("oob_channels")?.as_str() {
            "auth0" => Ok(Associate::Device),
            "email" => Ok(Associate::Email(sent("email"))),
            "sms" => Ok(Associate::Phone(PhoneChannel::Sms, sent("phone_number"))),
            "voice" => Ok(Associate::Phone(PhoneChannel::Voice, sent("phone_number"))),
            _ => Err(invalid("oob_channels must be one of sms, voice, auth0, email")),
        },
        _ => Err(invalid("authenticator_types must be one of otp, oob")),
    }
}

fn associated(associated: &Associated) -> Value {
    let mut body = match &associated.shown {
        Shown::App { secret, barcode_uri } => json!({
            "authenticator_type": "otp", "secret": secret, "barcode_uri": barcode_uri,
        }),
        Shown::Code { oob, contact } => json!({
            "authenticator_type": "oob",
            "oob_channel": match contact {
                Contact::Email => "email",
                Contact::Phone(channel) => channel.as_str(),
            },
            "oob_code": oob.expose(),
            "binding_method": "prompt",
        }),
        Shown::Device { barcode_uri, oob } => json!({
            "authenticator_type": "oob",
            "oob_channel": "auth0",
            "oob_code": oob.expose(),
            "barcode_uri": barcode_uri,
        }),
    };
    body["id"] = associated.id.as_str().into();
    if let Some(code) = &associated.recovery_code {
        body["recovery_codes"] = json!([code]);
    }
    body
}

/// Lists authenticators.
pub(crate) async fn authenticators(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
) -> Response {
    let Answer { client, outcome } = api::list(&web.app, &call, bearer(&headers)).await;
    let list = outcome.map(|all| Json(all.iter().map(authenticator).collect::<Value>()));
    answer(&call, &headers, client.as_deref(), list)
}

fn authenticator(own: &Authenticator) -> Value {
    let (kind, name) = match own.kind {
        AuthenticatorKind::Way(Way::Otp) => ("otp", "otp"),
        AuthenticatorKind::Way(Way::RecoveryCode) => ("recovery-code", "recovery-code"),
        AuthenticatorKind::Way(way) => ("oob", way.requirement()),
        AuthenticatorKind::SecurityKey => ("webauthn-roaming", "webauthn-roaming"),
        AuthenticatorKind::Platform => ("webauthn-platform", "webauthn-platform"),
    };
    let mut body =
        json!({ "id": own.id, "authenticator_type": kind, "type": name, "active": own.active });
    if let (AuthenticatorKind::Way(way), "oob") = (own.kind, kind) {
        let channel = match way {
            Way::PushNotification => "auth0",
            other => other.as_str(),
        };
        // Some clients look for the one, some for the other.
        body["oob_channel"] = channel.into();
        body["oob_channels"] = json!([channel]);
    }
    for (name, value) in [
        ("name", own.name.clone()),
        ("created_at", own.created_at.map(|at| at.rfc3339())),
        ("last_auth", own.last_auth_at.map(|at| at.rfc3339())),
    ] {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    body
}

/// Removes an authenticator.
pub(crate) async fn remove(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Answer { client, outcome } = api::remove(&web.app, &call, bearer(&headers), &id).await;
    let outcome = match outcome {
        // Nothing but an access token is good here, so nothing else is spoken of.
        Err(MfaError::BadBearer) => {
            let text = "The access token is not valid here";
            let body = OauthBody::new(StatusCode::UNAUTHORIZED, "invalid_token", text);
            return for_origin(body.into_response(), &call, &headers, None);
        }
        other => other.map(|()| StatusCode::NO_CONTENT),
    };
    answer(&call, &headers, client.as_deref(), outcome)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn answer(
    call: &Call,
    headers: &HeaderMap,
    client: Option<&Client>,
    outcome: Result<impl IntoResponse, MfaError>,
) -> Response {
    let response = match outcome {
        Ok(answer) => answer.into_response(),
        Err(error) => mfa_error(call, error).into_response(),
    };
    for_origin(response, call, headers, client)
}

/// Contract 04 §5.2.
fn mfa_error(call: &Call, error: MfaError) -> OauthBody {
    use StatusCode as S;
    match error {
        MfaError::Client(error) => grant_error(call, error.into()),
        MfaError::NotAllowed => OauthBody::new(
            S::FORBIDDEN,
            "unauthorized_client",
            "Grant type for this second factor not allowed for the client.",
        ),
        MfaError::Missing(name) => {
            OauthBody::invalid_request(format!("Missing required parameter: {name}"))
        }
        MfaError::Invalid(text) => OauthBody::invalid_request(text),
        MfaError::InvalidPhoneNumber => {
            let text = "phone_number must be a number in international form, such as +14155550100";
            OauthBody::new(S::BAD_REQUEST, "invalid_phone_number", text)
        }
        MfaError::Token(MfaTokenError::Malformed) => malformed_mfa_token(),
        MfaError::Token(MfaTokenError::Expired) => expired_mfa_token(),
        // Auth0.Android knows this text.
        MfaError::BadBearer => {
            OauthBody::new(S::UNAUTHORIZED, "access_denied", "Invalid MFA token")
        }
        MfaError::InsufficientScope(scope) => {
            let text = format!("Insufficient scope: {scope}");
            OauthBody::new(S::UNAUTHORIZED, "invalid_token", text)
        }
        // Auth0.swift and Auth0.Android know this text.
        MfaError::UnknownAuthenticator => {
            OauthBody::new(S::NOT_FOUND, "invalid_authenticator", "Authenticator not found")
        }
        MfaError::Unsupported => OauthBody::new(
            S::FORBIDDEN,
            "unsupported_challenge_type",
            "User is not enrolled with the requested authenticator",
        ),
        MfaError::NotEnrolled => OauthBody::new(
            S::FORBIDDEN,
            "association_required",
            "User is not enrolled. You can use /mfa/associate endpoint to enroll the first \
             authenticator.",
        ),
        MfaError::AlreadyEnrolled => already_enrolled(),
        MfaError::TooMany => {
            OauthBody::invalid_request("The user has as many authenticators as allowed")
        }
        MfaError::Needed => OauthBody::new(
            S::FORBIDDEN,
            "access_denied",
            "The account cannot do without this authenticator",
        ),
        MfaError::NotSent(problem) => not_sent(problem),
        MfaError::Token(MfaTokenError::Fault(fault)) | MfaError::Fault(fault) => {
            log_fault(&fault, &call.request_id);
            OauthBody::fault(call)
        }
    }
}

fn not_sent(problem: Problem) -> OauthBody {
    let (status, error, text) = match problem {
        Problem::NotSent => {
            (StatusCode::BAD_REQUEST, "invalid_request", "The message could not be sent")
        }
        Problem::TooManyMails => {
            (StatusCode::TOO_MANY_REQUESTS, "too_many_email", "Too many mails were sent")
        }
        Problem::TooManyTexts | Problem::TooManyCalls => {
            (StatusCode::TOO_MANY_REQUESTS, "too_many_sms", "Too many messages were sent")
        }
        Problem::TooManyPushes => {
            (StatusCode::TOO_MANY_REQUESTS, "too_many_pn", "Too many push messages were sent")
        }
    };
    OauthBody::new(status, error, text)
}
