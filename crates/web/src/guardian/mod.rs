//! What devices for push messages call (contract 04 §14): under `/appliance-mfa`, the same under
//! `/guardian`, and rich consents at the root.

mod body;
mod enroll;
mod error;
mod manage;
mod resolve;
mod rich_consent;

pub(crate) use enroll::enroll;
pub(crate) use manage::{leave, update};
pub(crate) use resolve::resolve;
pub(crate) use rich_consent::rich_consent;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;

/// JSON with exactly that media type: iOS takes no parameters.
fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What follows `scheme` in the `Authorization` header.
fn credential(headers: &HeaderMap, scheme: &str) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (own, credential) = value.trim().split_once(' ')?;
    let credential = credential.trim();
    (own.eq_ignore_ascii_case(scheme) && !credential.is_empty()).then(|| credential.to_owned())
}
