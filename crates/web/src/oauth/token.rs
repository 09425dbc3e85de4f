//! `POST /oauth/token` (contract 03 §6).

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::token::TokenResponse;
use housekey_core::token::grant::{PasskeyResponse, TokenRequest, exchange};
use http::{HeaderMap, Method, Uri};
use serde::Serialize;

use super::{accept, for_origin, no_store};
use crate::dpop;
use crate::error::grant_error;
use crate::state::Web;
use crate::webauthn;

/// Exchanges a grant.
pub(crate) async fn token(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (parameters, credentials) = match accept(&call, &headers, body).await {
        Ok(accepted) => accepted,
        Err(refusal) => return refusal,
    };
    let proof = dpop::proof(&headers, method.as_str(), uri.path());
    let request = request(parameters);
    let exchange = exchange(&web.app, &call, &credentials, &request, proof.as_ref()).await;
    let mut response = match exchange.outcome {
        Ok(tokens) => Json(WireTokens::from(tokens)).into_response(),
        Err(error) => grant_error(&call, error).into_response(),
    };
    dpop::offer_nonce(&mut response, &web.app, &call, &headers);
    for_origin(no_store(response), &call, &headers, exchange.client.as_deref())
}

fn request(mut parameters: BTreeMap<String, String>) -> TokenRequest {
    let mut take = |name: &str| parameters.remove(name).filter(|value| !value.is_empty());
    TokenRequest {
        grant_type: take("grant_type"),
        code: take("code"),
        code_verifier: take("code_verifier"),
        redirect_uri: take("redirect_uri"),
        refresh_token: take("refresh_token"),
        username: take("username"),
        password: take("password"),
        otp: take("otp"),
        mfa_token: take("mfa_token"),
        oob_code: take("oob_code"),
        binding_code: take("binding_code"),
        recovery_code: take("recovery_code"),
        audience: take("audience"),
        scope: take("scope"),
        realm: take("realm"),
        organization: take("organization"),
        auth_session: take("auth_session"),
        authn_response: take("authn_response").map(|text| authn_response(&text)),
    }
}

/// An object in a JSON body, JSON text in a form; some SDKs send the text in JSON, too.
fn authn_response(text: &str) -> PasskeyResponse {
    let Ok(json) = serde_json::from_str(text) else {
        return PasskeyResponse::Unreadable("authn_response must be JSON".to_owned());
    };
    let outcome = if webauthn::is_registration(&json) {
        webauthn::registration(&json, false).map(PasskeyResponse::Registration)
    } else {
        webauthn::authentication(&json).map(PasskeyResponse::Login)
    };
    outcome.unwrap_or_else(|violations| {
        let first = violations.first().map(|one| format!("{} {}", one.at, one.detail));
        PasskeyResponse::Unreadable(format!("authn_response{}", first.unwrap_or_default()))
    })
}

#[derive(Serialize)]
struct WireTokens {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    expires_in: i64,
    token_type: &'static str,
    /// The code on paper that takes the place of the one that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_code: Option<String>,
}

impl From<TokenResponse> for WireTokens {
    fn from(tokens: TokenResponse) -> Self {
        Self {
            access_token: tokens.access_token,
            id_token: tokens.id_token,
            refresh_token: tokens.refresh_token.map(|token| token.expose().to_owned()),
            scope: tokens.scope.to_string(),
            expires_in: tokens.expires_in,
            token_type: tokens.token_type.as_str(),
            recovery_code: tokens.recovery_code,
        }
    }
}
