//! What happens around every handler: the tenant is found, the request is logged once, and what
//! goes wrong unexpectedly becomes a plain 500.

mod drain;

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::error::Fault;
use http::{HeaderMap, StatusCode, header};

use crate::error::fault;
use crate::host::{Arrival, told_by_proxy};
use crate::state::Web;

pub(crate) use drain::drain;

/// The longest `User-Agent` or `Accept-Language` worth keeping.
const MAX_HEADER: usize = 512;

/// Finds the tenant by the host, makes the request's [`Call`], and logs one line.
pub(crate) async fn enter(State(web): State<Web>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let route = parts
        .extensions
        .get::<MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let method = parts.method.clone();
    let started = web.app.clock().now();
    let request_id = web.app.random().base64url(12);
    let call = match Arrival::of(&parts, peer, web.scheme, &web.proxies) {
        None => Ok(None),
        Some(arrival) => call(&web, arrival, &parts.headers, request_id.clone()).await,
    };
    let (tenant, response) = match call {
        Ok(Some(call)) => {
            let tenant = call.tenant.id.to_string();
            parts.extensions.insert(call);
            (tenant, next.run(Request::from_parts(parts, body)).await)
        }
        Ok(None) => ("-".to_owned(), unknown_host()),
        Err(error) => ("-".to_owned(), fault(&error, &request_id)),
    };
    let took_ms = web.app.clock().now().0 - started.0;
    let status = response.status().as_u16();
    tracing::info!(target: "housekey::request", %method, route, status, tenant, took_ms, request_id);
    response
}

async fn call(
    web: &Web,
    arrival: Arrival,
    headers: &HeaderMap,
    request_id: String,
) -> Result<Option<Call>, Fault> {
    let now = web.app.clock().now();
    let Some(tenant) = web.app.directory().by_host(&arrival.host, now).await? else {
        return Ok(None);
    };
    let domain = tenant.domains().find(|domain| domain.verified && domain.host == arrival.host);
    let told =
        domain.and_then(|domain| told_by_proxy(domain, headers, arrival.trusted, &web.proxies));
    let text = |name| {
        let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        text.chars().take(MAX_HEADER).collect::<String>()
    };
    Ok(Some(Call {
        tenant,
        issuer: format!("{}://{}/", arrival.scheme.as_str(), arrival.host),
        host: arrival.host,
        now,
        ip: told.unwrap_or(arrival.client_ip),
        user_agent: text(header::USER_AGENT),
        accept_language: text(header::ACCEPT_LANGUAGE),
        request_id,
    }))
}

/// Before any routing, so that nobody makes us speak for a host that is not ours.
fn unknown_host() -> Response {
    (StatusCode::NOT_FOUND, "There is no tenant on this host.\n").into_response()
}

/// Headers that belong on every answer.
pub(crate) async fn harden(request: Request, next: Next) -> Response<Body> {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert("x-content-type-options", http::HeaderValue::from_static("nosniff"));
    headers.entry("referrer-policy").or_insert(http::HeaderValue::from_static("same-origin"));
    response
}
