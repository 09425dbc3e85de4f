//! `/oauth/*`, `/mfa/*`, `/passkey/*`, `/passwordless/*` and `/userinfo`.

mod client;
pub(crate) mod mfa;
mod par;
pub(crate) mod passkey;
pub(crate) mod passwordless;
mod revoke;
mod token;
mod userinfo;

pub(crate) use par::par;
pub(crate) use revoke::revoke;
pub(crate) use token::token;
pub(crate) use userinfo::userinfo;

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::Extension;
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::client::{Client, ClientCredentials};
use housekey_core::id::ClientId;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::error::OauthBody;
use crate::{body, cors};

/// The answer to a preflight of any of these endpoints.
pub(crate) async fn preflight(Extension(call): Extension<Call>, headers: HeaderMap) -> Response {
    cors::preflight(&call, &headers, "GET, POST, OPTIONS")
}

/// Answers are never stored (RFC 6749 §5.1).
fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// The parameters of a client's request, in either encoding, and what it authenticates with; or
/// the answer that ends it here.
async fn accept(
    call: &Call,
    headers: &HeaderMap,
    body: Body,
) -> Result<(BTreeMap<String, String>, ClientCredentials), Response> {
    let bytes = body::read(body).await;
    let Some(parameters) = bytes.and_then(|bytes| body::parameters(headers, &bytes)) else {
        let error = OauthBody::invalid_request("The request body could not be read");
        return Err(for_origin(error.into_response(), call, headers, None));
    };
    let credentials = client::credentials(headers, &parameters);
    match refuse_foreign(call, headers, credentials.client_id.as_deref()) {
        Some(refusal) => Err(refusal),
        None => Ok((parameters, credentials)),
    }
}

/// The same call in the language that an application shows its own pages in, where it says so
/// (contract 04 §0).
fn in_language(call: Call, headers: &HeaderMap) -> Call {
    match headers.get("x-request-language").and_then(|value| value.to_str().ok()) {
        Some(languages) => Call { accept_language: languages.to_owned(), ..call },
        None => call,
    }
}

/// Lets the client's own origins read the answer.
fn for_origin(
    mut response: Response,
    call: &Call,
    headers: &HeaderMap,
    client: Option<&Client>,
) -> Response {
    cors::expose(&mut response, call, headers, client);
    no_store(response)
}

/// The refusal, if a script of a foreign origin asks for a public client's tokens. Asked before
/// the grant is looked at, so that a refused request uses nothing up; a client that authenticates
/// with a secret speaks for itself wherever its request was forwarded from (contract 03 §13).
fn refuse_foreign(call: &Call, headers: &HeaderMap, client_id: Option<&str>) -> Option<Response> {
    let origin = cors::origin(call, headers)?;
    let client = call.tenant.client(&ClientId::from_raw(client_id?))?;
    if !client.settings.is_public() || cors::allows(call, origin, Some(client)) {
        return None;
    }
    let text = format!("Origin {origin} is not allowed.");
    Some(no_store((StatusCode::FORBIDDEN, text).into_response()))
}
