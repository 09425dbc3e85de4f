//! Authorization responses on the wire (OAuth 2.0 Multiple Response Types, Form Post Response
//! Mode; contract 03 §3.6).

use axum::response::{Html, IntoResponse, Response};
use housekey_core::Call;
use housekey_core::client::origin_of;
use housekey_core::error::Fault;
use housekey_core::login::{AuthorizationResponse, NewCookies, ResponseMode};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

use crate::error::fault;
use crate::state::Web;
use crate::view::{Brand, FormPost, WebMessage};
use crate::{cookie, security};

/// The answer for the application, with the cookies that changed.
pub(crate) fn answer(
    web: &Web,
    call: &Call,
    response: AuthorizationResponse,
    cookies: &NewCookies,
) -> Response {
    let mut rendered = match response.mode {
        ResponseMode::Query => redirect(&with_query(&response.redirect_uri, &response.params)),
        ResponseMode::Fragment => {
            redirect(&format!("{}#{}", response.redirect_uri, encode(&response.params)))
        }
        ResponseMode::FormPost => form_post(web, call, response),
        ResponseMode::WebMessage => web_message(web, call, response),
    };
    cookie::set_new(rendered.headers_mut(), call, cookies);
    rendered
}

/// 302, which is what clients of these endpoints expect; never cached.
pub(crate) fn redirect(url: &str) -> Response {
    let Ok(location) = HeaderValue::try_from(url) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let mut response = StatusCode::FOUND.into_response();
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn encode(params: &[(&'static str, String)]) -> String {
    serde_urlencoded::to_string(params).unwrap_or_default()
}

fn with_query(uri: &str, params: &[(&'static str, String)]) -> String {
    let separator = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{separator}{}", encode(params))
}

fn form_post(web: &Web, call: &Call, response: AuthorizationResponse) -> Response {
    let nonce = web.app.random().base64url(16);
    let fields = response.params.into_iter().map(|(name, value)| (name.to_owned(), value));
    let page =
        FormPost { nonce: nonce.clone(), action: response.redirect_uri, fields: fields.collect() };
    match web.renderer.render(&page) {
        Ok(html) => {
            let mut rendered = Html(html).into_response();
            security::page(
                rendered.headers_mut(),
                &nonce,
                &Brand::default(),
                security::Frames::None,
            );
            rendered
        }
        Err(error) => fault(&Fault::new(error), &call.request_id),
    }
}

fn web_message(web: &Web, call: &Call, response: AuthorizationResponse) -> Response {
    let nonce = web.app.random().base64url(16);
    let members: Map<String, Value> =
        response.params.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let page = WebMessage {
        nonce: nonce.clone(),
        // The mode is only accepted for redirect URIs that have an origin.
        target_origin: origin_of(&response.redirect_uri).unwrap_or_default(),
        response: members.into(),
    };
    match web.renderer.render(&page) {
        Ok(html) => {
            let mut rendered = Html(html).into_response();
            security::framed(rendered.headers_mut(), &nonce, &response.web_origins);
            rendered
        }
        Err(error) => fault(&Fault::new(error), &call.request_id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_join_an_existing_query() {
        let params = [("code", "a b".to_owned()), ("state", "x&y".to_owned())];
        assert_eq!(with_query("https://a/cb", &params), "https://a/cb?code=a+b&state=x%26y");
        assert_eq!(with_query("https://a/cb?x=1", &params[..1]), "https://a/cb?x=1&code=a+b");
    }
}
