//! `/authorize` and `/authorize/resume` (contract 03 §3).

use axum::body::Body;
use axum::extract::{Extension, RawQuery, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::login::{
    AuthorizeError, AuthorizeOutcome, AuthorizeParams, Resumed, authorize, resume,
};
use http::{HeaderMap, StatusCode};

use crate::error::fault;
use crate::page::{enrollment_done, error_page, login_error, screen_url, visitor};
use crate::respond::{answer, redirect};
use crate::state::Web;
use crate::{body, cookie};

/// `GET /authorize`.
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let pairs = body::pairs(query.unwrap_or_default().as_bytes());
    handle(&web, &call, pairs, &headers).await
}

/// `POST /authorize`: the same parameters as a form (OpenID Connect Core §3.1.2.1).
pub(crate) async fn post(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let pairs = match body::read(body).await {
        Some(bytes) if body::is(&headers, "application/x-www-form-urlencoded") => {
            body::pairs(&bytes)
        }
        _ => None,
    };
    handle(&web, &call, pairs, &headers).await
}

async fn handle(
    web: &Web,
    call: &Call,
    pairs: Option<Vec<(String, String)>>,
    headers: &HeaderMap,
) -> Response {
    let Some(pairs) = pairs else {
        let text = "The parameters could not be read";
        return error_page(web, call, StatusCode::BAD_REQUEST, "invalid_request", text);
    };
    let params = AuthorizeParams::new(pairs);
    match authorize(&web.app, call, &params, &cookie::all(headers)).await {
        Ok(AuthorizeOutcome::Respond(response, cookies)) => answer(web, call, response, &cookies),
        Ok(AuthorizeOutcome::Interact(interaction)) => {
            let url = screen_url(interaction.screen, interaction.state.expose());
            let mut response = redirect(&url);
            cookie::set_browser(response.headers_mut(), call, &interaction.browser);
            response
        }
        Err(AuthorizeError::Page(error)) => {
            error_page(web, call, StatusCode::BAD_REQUEST, error.code, &error.description)
        }
        Err(AuthorizeError::Fault(error)) => fault(&error, &call.request_id).into_response(),
    }
}

/// `GET /authorize/resume?state=…`.
pub(crate) async fn resume_transaction(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let visitor = visitor(query.as_deref(), &headers);
    match resume(&web.app, &call, &visitor, &cookie::all(&headers)).await {
        Ok(Resumed::Show(screen)) => redirect(&screen_url(screen, visitor.state.expose())),
        Ok(Resumed::Enrolled) => enrollment_done(&web, &call),
        Ok(Resumed::Respond(response, cookies)) => answer(&web, &call, response, &cookies),
        Err(error) => login_error(&web, &call, &visitor, error),
    }
}
