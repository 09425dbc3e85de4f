//! Signing out (contract 03 §11.3, §11.4).

use axum::body::Body;
use axum::extract::{Extension, RawQuery, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::error::Fault;
use housekey_core::login::{LogoutHints, LogoutOutcome, logout_oidc, logout_v2};
use housekey_core::secret::{Handle, HandleHash, constant_time_eq};
use http::{HeaderMap, StatusCode};

use super::form::Fields;
use super::render::{error_page, show};
use crate::error::fault;
use crate::respond::redirect;
use crate::state::Web;
use crate::view::{Form, Logout, LogoutAborted, LogoutComplete};
use crate::{body, cookie};

fn hints(pairs: Vec<(String, String)>, return_to: &str) -> LogoutHints {
    let mut hints = LogoutHints::default();
    for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
        match name.as_str() {
            "client_id" => hints.client_id = Some(value),
            "id_token_hint" => hints.id_token_hint = Some(value),
            "logout_hint" => hints.logout_hint = Some(value),
            "state" => hints.state = Some(value),
            name if name == return_to => hints.return_to = Some(value),
            _ => {}
        }
    }
    hints
}

fn query_pairs(query: Option<String>) -> Vec<(String, String)> {
    body::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default()
}

/// `GET /v2/logout`.
pub(crate) async fn get_v2(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let hints = hints(query_pairs(query), "returnTo");
    let session = cookie::session(&headers);
    let outcome = logout_v2(&web.app, &call, &hints, session.as_ref()).await;
    render(&web, &call, outcome, |_| "OK".into_response())
}

/// `GET /oidc/logout`.
pub(crate) async fn get_oidc(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let hints = hints(query_pairs(query), "post_logout_redirect_uri");
    let session = cookie::session(&headers);
    let outcome = logout_oidc(&web.app, &call, &hints, session.as_ref(), false).await;
    if matches!(outcome, Ok(LogoutOutcome::Confirm)) {
        let form = Form::standalone(csrf(session.as_ref()));
        return show(&web, &call, StatusCode::OK, None, |frame| Logout { frame, form, user: None });
    }
    render(&web, &call, outcome, |web| complete(web, &call))
}

/// `POST /oidc/logout`: an application's request as a form, or the answer of the page that asks.
pub(crate) async fn post_oidc(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fields = Fields::read(&headers, body).await;
    let session = cookie::session(&headers);
    if fields.get("_csrf").is_empty() {
        return redirect(&format!("/oidc/logout?{}", fields.as_query()));
    }
    let expected = csrf(session.as_ref());
    let genuine = constant_time_eq(expected.as_bytes(), fields.get("_csrf").as_bytes());
    if !genuine || fields.action() != "accept" {
        return show(&web, &call, StatusCode::OK, None, |frame| LogoutAborted {
            frame,
            continue_url: Some("/account".to_owned()),
        });
    }
    let hints = hints(query_pairs(query), "post_logout_redirect_uri");
    let outcome = logout_oidc(&web.app, &call, &hints, session.as_ref(), true).await;
    render(&web, &call, outcome, |web| complete(web, &call))
}

/// A form token that only the holder of the session cookie can have got.
fn csrf(session: Option<&Handle>) -> String {
    let handle = session.map(Handle::expose).unwrap_or_default();
    HandleHash::of(format!("logout|{handle}").as_bytes()).as_str().to_owned()
}

fn complete(web: &Web, call: &Call) -> Response {
    show(web, call, StatusCode::OK, None, |frame| LogoutComplete {
        frame,
        continue_url: Some("/account".to_owned()),
    })
}

fn render(
    web: &Web,
    call: &Call,
    outcome: Result<LogoutOutcome, Fault>,
    done: impl FnOnce(&Web) -> Response,
) -> Response {
    let bad = |text: &str| error_page(web, call, StatusCode::BAD_REQUEST, "invalid_request", text);
    let mut response = match outcome {
        Ok(LogoutOutcome::Done | LogoutOutcome::Confirm) => done(web),
        Ok(LogoutOutcome::Redirect(url)) => redirect(&url),
        Ok(LogoutOutcome::BadReturn(url)) => {
            return bad(&format!(
                "The \"returnTo\" querystring parameter \"{url}\" is not defined as a valid URL \
                 in \"Allowed Logout URLs\"."
            ));
        }
        Ok(LogoutOutcome::BadHint) => return bad("id_token_hint is not valid"),
        Err(error) => return fault(&error, &call.request_id),
    };
    cookie::clear_session(response.headers_mut(), call);
    response
}
