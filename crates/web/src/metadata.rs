//! Discovery and keys (RFC 8414, OpenID Connect Discovery; contract 03 §2).

use axum::Json;
use axum::extract::Extension;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use housekey_core::Call;
use housekey_core::client::AssertionAlgorithm;
use housekey_core::token::dpop;
use housekey_core::token::grant::SERVED;
use http::{HeaderValue, header};
use serde_json::{Value, json};

/// `/.well-known/openid-configuration`: what this version serves, and nothing else.
pub(crate) async fn discovery(Extension(call): Extension<Call>) -> Response {
    let at = |path: &str| format!("{}{path}", call.issuer);
    let mut document = json!({
        "issuer": call.issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("oauth/token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at(".well-known/jwks.json"),
        "mfa_challenge_endpoint": at("mfa/challenge"),
        "revocation_endpoint": at("oauth/revoke"),
        "scopes_supported": [
            "openid", "profile", "offline_access", "name", "given_name", "family_name", "nickname",
            "email", "email_verified", "picture", "created_at", "phone"
        ],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": SERVED,
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["HS256", "PS256", "RS256", "RS512"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic", "client_secret_post", "private_key_jwt", "none"
        ],
        "token_endpoint_auth_signing_alg_values_supported":
            AssertionAlgorithm::ALL.map(AssertionAlgorithm::as_str),
        "claims_supported": [
            "aud", "auth_time", "created_at", "email", "email_verified", "exp", "family_name",
            "given_name", "iat", "iss", "name", "nickname", "phone_number", "picture", "sub"
        ],
        "dpop_signing_alg_values_supported": [dpop::ALGORITHM],
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "request_uri_parameter_supported": false,
        "request_parameter_supported": false,
        "claims_parameter_supported": false,
        "require_request_uri_registration": false,
    });
    if call.tenant.settings.rp_logout_discovery {
        document["end_session_endpoint"] = at("oidc/logout").into();
    }
    if call.tenant.settings.takes_pushed_requests() {
        document["pushed_authorization_request_endpoint"] = at("oauth/par").into();
    }
    if call.tenant.settings.requires_pushed_requests() {
        document["require_pushed_authorization_requests"] = true.into();
    }
    if !call.tenant.settings.acr_values_supported.is_empty() {
        document["acr_values_supported"] = json!(call.tenant.settings.acr_values_supported);
    }
    if call.tenant.settings.authorization_response_iss {
        document["authorization_response_iss_parameter_supported"] = true.into();
    }
    public(Json(document).into_response())
}

/// `/.well-known/jwks.json`: Android drops keys without `alg` and `use`, so a tenant says on purpose
/// that it wants none.
pub(crate) async fn jwks(Extension(call): Extension<Call>) -> Response {
    let names_alg = !call.tenant.settings.flag("remove_alg_from_jwks");
    let keys: Vec<Value> = call
        .tenant
        .published_keys()
        .into_iter()
        .map(|(id, own)| {
            let mut key = json!({
                "kty": "RSA",
                "use": "sig",
                "kid": id.as_str(),
                "n": own.modulus,
                "e": own.exponent,
                "x5t": own.thumbprint(),
                "x5c": [STANDARD.encode(&own.certificate)],
            });
            if names_alg {
                key["alg"] = "RS256".into();
            }
            key
        })
        .collect();
    public(Json(json!({ "keys": keys })).into_response())
}

fn public(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=15"));
    response
}
