//! Drawing pages, and the pages that say something went wrong.

use axum::response::{Html, IntoResponse, Response};
use housekey_core::Call;
use housekey_core::error::Fault;
use housekey_core::login::{LoginError, Visitor};
use http::StatusCode;

use super::prompt;
use crate::error::log_fault;
use crate::respond::redirect;
use crate::security;
use crate::state::Web;
use crate::view::{Brand, Color, ErrorPage, Frame, Link, Page, WebAddress, error_text};

/// A page, drawn and with its headers.
pub(crate) fn show<P: Page>(
    web: &Web,
    call: &Call,
    status: StatusCode,
    client_name: Option<String>,
    page: impl FnOnce(Frame) -> P,
) -> Response {
    let nonce = web.app.random().base64url(16);
    let brand = brand(call);
    let language = call.language();
    let frame = Frame {
        language: language.clone(),
        nonce: nonce.clone(),
        tenant_name: call.tenant.friendly_name().to_owned(),
        client_name,
        support_url: call.tenant.settings.support_url.clone(),
        brand: brand.clone(),
    };
    let page = page(frame);
    let texts = prompt::texts(&call.tenant, page.screen(), &language);
    match web.renderer.render_with(&page, &texts) {
        Ok(html) => {
            let mut response = (status, Html(html)).into_response();
            security::page(response.headers_mut(), &nonce, &brand);
            response
        }
        Err(error) => {
            log_fault(&Fault::new(error), &call.request_id);
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The tenant's look, as far as pages have it.
fn brand(call: &Call) -> Brand {
    let settings = &call.tenant.settings;
    let own = &settings.branding;
    let color = |text: Option<&str>| text.and_then(Color::parse);
    let address = |text: Option<&String>| text.and_then(|text| WebAddress::parse(text));
    Brand {
        primary: color(own.primary.as_deref()),
        page_background: color(own.page_background.as_ref().and_then(|own| own.as_str())),
        logo: address(own.logo_url.as_ref().or(settings.picture_url.as_ref())),
        favicon: address(own.favicon_url.as_ref()),
        font: address(own.font_url.as_ref()),
    }
}

/// The error page: ours, or that of the tenant.
pub(crate) fn error_page(
    web: &Web,
    call: &Call,
    status: StatusCode,
    error: &str,
    description: &str,
) -> Response {
    if let Some(url) = &call.tenant.settings.error_page_url {
        let separator = if url.contains('?') { '&' } else { '?' };
        let [error, description, tracking] = [error, description, &call.request_id].map(encode);
        return redirect(&format!(
            "{url}{separator}error={error}&error_description={description}&tracking={tracking}"
        ));
    }
    show(web, call, status, None, |frame| ErrorPage {
        frame,
        error: error.to_owned(),
        error_description: description.to_owned(),
        tracking_id: call.request_id.clone(),
        retry: None,
    })
}

/// The answer when a page of a transaction cannot be shown or answered.
pub(crate) fn login_error(
    web: &Web,
    call: &Call,
    visitor: &Visitor,
    error: LoginError,
) -> Response {
    match error {
        LoginError::TransactionNotFound => lost(web, call, "transaction-not-found"),
        LoginError::Forged => lost(web, call, "session-mismatch"),
        LoginError::Elsewhere => {
            let state = encode(visitor.state.expose());
            redirect(&format!("/authorize/resume?state={state}"))
        }
        LoginError::TooMany => {
            let text = error_text("too-many-requests");
            error_page(web, call, StatusCode::TOO_MANY_REQUESTS, "too_many_requests", text)
        }
        LoginError::Fault(fault) => {
            log_fault(&fault, &call.request_id);
            let text = "Something went wrong on our side.";
            error_page(web, call, StatusCode::INTERNAL_SERVER_ERROR, "server_error", text)
        }
    }
}

fn lost(web: &Web, call: &Call, code: &str) -> Response {
    show(web, call, StatusCode::BAD_REQUEST, None, |frame| ErrorPage {
        frame,
        error: code.to_owned(),
        error_description: error_text(code).to_owned(),
        tracking_id: call.request_id.clone(),
        retry: Some(match &call.tenant.settings.default_redirection_uri {
            Some(url) => Link::new(url, "Start again"),
            None => Link::new("/account", "Go to your account"),
        }),
    })
}

/// Percent-encodes a value for a query or path.
pub(super) fn encode(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}
