//! Drawing pages, and the pages that say something went wrong.

use axum::response::{Html, IntoResponse, Response};
use housekey_core::Call;
use housekey_core::error::Fault;
use housekey_core::login::{LoginError, Visitor};
use http::StatusCode;

use super::around::{Shown, wrapped};
use super::prompt;
use crate::error::log_fault;
use crate::respond::redirect;
use crate::security::{self, Frames};
use crate::state::Web;
use crate::view::{
    Background, Brand, Color, ErrorPage, Frame, Link, Page, Theme, WebAddress, error_text,
};

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
        otp_autocomplete: call.tenant.settings.branding.otp_autocomplete(),
        brand: brand.clone(),
    };
    let page = page(frame.clone());
    let screen = page.screen();
    let texts = prompt::texts(&call.tenant, screen, &language);
    match web.renderer.render_with(&page, &texts) {
        Ok(html) => {
            let shown = Shown { screen, frame: &frame, texts: &texts };
            let html = wrapped(call, &html, &shown).unwrap_or(html);
            let mut response = (status, Html(html)).into_response();
            let unprotected = call.tenant.settings.flag("disable_clickjack_protection_headers");
            let frames = if unprotected { Frames::Any } else { Frames::None };
            security::page(response.headers_mut(), &nonce, &brand, frames);
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
    // The older place of colours, where branding names none.
    let older = |name: &str| settings.kept.get("universal_login")?.get("colors")?.get(name);
    let color = |text: Option<&str>| text.and_then(Color::parse);
    let address = |text: Option<&String>| text.and_then(|text| WebAddress::parse(text));
    let theme = call.tenant.looks.theme.as_ref().map(Theme::parse).unwrap_or_default();
    Brand {
        primary: theme
            .primary
            .or_else(|| color(own.primary.as_deref()))
            .or_else(|| color(older("primary")?.as_str())),
        page_background: theme.page_background.map(Background::Plain).or_else(|| {
            let own = own.page_background.as_ref();
            own.or_else(|| older("page_background")).and_then(Background::parse)
        }),
        logo: theme
            .logo
            .or_else(|| address(own.logo_url.as_ref().or(settings.picture_url.as_ref()))),
        favicon: address(own.favicon_url.as_ref()),
        font: theme.font.or_else(|| address(own.font_url.as_ref())),
        background_image: theme.background_image,
        any_images: call.tenant.looks.page.is_some(),
        properties: theme.properties,
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
