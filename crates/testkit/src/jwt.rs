//! Tokens taken apart, and forged ones.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).expect("a compact JWS has three parts");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("parts are base64url");
    serde_json::from_slice(&bytes).expect("header and claims are JSON")
}

/// The claims, signature unseen.
#[must_use]
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header.
#[must_use]
pub fn header(token: &str) -> Value {
    part(token, 0)
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// The token with other claims under the old signature.
#[must_use]
pub fn with_claims(token: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = claims(token);
    change(&mut claims);
    let signature = token.rsplit('.').next().expect("three parts");
    format!("{}.{signature}", unsigned(&header(token), &claims))
}

/// The token under another header, and the old signature.
#[must_use]
pub fn with_header(token: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut own = header(token);
    change(&mut own);
    let signature = token.rsplit('.').next().expect("three parts");
    format!("{}.{signature}", unsigned(&own, &claims(token)))
}

/// The token without a signature, saying so (RFC 7519 §6).
#[must_use]
pub fn unsecured(token: &str) -> String {
    let mut own = header(token);
    own["alg"] = json!("none");
    format!("{}.", unsigned(&own, &claims(token)))
}

/// The token signed with HMAC under a public key taken for a secret (RFC 8725 §2.1).
#[must_use]
pub fn confused(token: &str, public_key: &[u8]) -> String {
    let mut own = header(token);
    own["alg"] = json!("HS256");
    let text = unsigned(&own, &claims(token));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, public_key), text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
}
