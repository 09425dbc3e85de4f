//! Headers that several surfaces read or write.

use axum::response::Response;
use housekey_core::guard::Decision;
use http::{HeaderMap, HeaderValue, header};

/// Scheme and credentials of `Authorization` (RFC 9110 §11.6.2).
pub(crate) fn authorization(headers: &HeaderMap) -> Option<(&str, &str)> {
    let (scheme, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    Some((scheme, rest.trim()))
}

/// The bearer token (RFC 6750 §2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = authorization(headers)?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// Says how to authenticate, each way in a header of its own.
pub(crate) fn challenge(response: &mut Response, challenges: &[String]) {
    for challenge in challenges {
        if let Ok(challenge) = HeaderValue::from_str(challenge) {
            response.headers_mut().append(header::WWW_AUTHENTICATE, challenge);
        }
    }
}

/// Tells a client how much of its limit is left; nothing where nothing was counted.
pub(crate) fn rate_limit(headers: &mut HeaderMap, rate: Option<Decision>) {
    let Some(rate) = rate else { return };
    headers.insert("x-ratelimit-limit", HeaderValue::from(rate.limit));
    headers.insert("x-ratelimit-remaining", HeaderValue::from(rate.remaining));
    // Whole seconds, never before the bucket is full.
    headers.insert("x-ratelimit-reset", HeaderValue::from(rate.reset_at.rounded_up()));
}
