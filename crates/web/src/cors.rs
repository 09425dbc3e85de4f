//! Cross-origin calls (contract 01 §8, 03 §13).

use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::client::Client;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// Headers a script may read; SDKs cannot do without `Location`.
const EXPOSED: &str = "Location, DPoP-Nonce, WWW-Authenticate, Retry-After, X-RateLimit-Limit, \
                       X-RateLimit-Remaining, X-RateLimit-Reset, X-Auth0-Error-Kind";
/// Headers SDKs send, for preflights that ask for none.
const ALLOWED: &str = "Authorization, Content-Type, Accept, DPoP, Auth0-Client, Auth0-Scope";

/// The `Origin` of a request, unless it is our own.
pub(crate) fn origin<'a>(call: &Call, headers: &'a HeaderMap) -> Option<&'a str> {
    let origin = headers.get(header::ORIGIN)?.to_str().ok()?;
    (origin != call.issuer.trim_end_matches('/')).then_some(origin)
}

/// Whether scripts of `origin` may read an answer: to `client`, or, while that is not known, to
/// any of the tenant's clients.
pub(crate) fn allows(call: &Call, origin: &str, client: Option<&Client>) -> bool {
    match client {
        Some(client) => client.allows_origin(origin, &call.issuer),
        None => call.tenant.clients().any(|client| client.allows_origin(origin, &call.issuer)),
    }
}

/// Lets scripts of the request's origin read the answer, if they may.
pub(crate) fn expose(
    response: &mut Response,
    call: &Call,
    request: &HeaderMap,
    client: Option<&Client>,
) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin(call, request).filter(|origin| allows(call, origin, client)) else {
        return;
    };
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}

/// The answer to a preflight. It names no client, so any of the tenant's will do.
pub(crate) fn preflight(call: &Call, request: &HeaderMap, methods: &'static str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    expose(&mut response, call, request, None);
    let headers = response.headers_mut();
    if headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        let asked = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
        let allowed = asked.cloned().unwrap_or(HeaderValue::from_static(ALLOWED));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}
