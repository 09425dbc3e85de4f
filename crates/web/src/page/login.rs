//! Answers of the login pages.

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::Response;
use housekey_core::Call;
use housekey_core::login::{
    Answered, LoginError, Posted, Screen, answer_identifier, answer_password,
};
use http::HeaderMap;

use super::form::Fields;
use super::render::{encode, login_error};
use super::screen::{draw, screen_url};
use crate::respond::{answer, redirect};
use crate::state::Web;

/// What follows an answered page: the next one, the same again, or the application.
pub(super) async fn follow(
    web: &Web,
    call: &Call,
    posted: &Posted,
    screen: Screen,
    typed: &str,
    answered: Result<Answered, LoginError>,
) -> Response {
    let visitor = &posted.visitor;
    let state = visitor.state.expose();
    match answered {
        Ok(Answered::Resume) => redirect(&format!("/authorize/resume?state={}", encode(state))),
        Ok(Answered::Show(next)) => redirect(&screen_url(next, state)),
        Ok(Answered::Again(errors)) => draw(web, call, visitor, screen, Some(typed), errors).await,
        Ok(Answered::Respond(response)) => answer(web, call, response, None),
        Err(error) => login_error(web, call, visitor, error),
    }
}

/// `POST /u/login/identifier`.
pub(crate) async fn post_identifier(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fields = Fields::read(&headers, body).await;
    let posted = fields.posted(&headers);
    let username = fields.get("username");
    let answered = answer_identifier(&web.app, &call, &posted, username).await;
    follow(&web, &call, &posted, Screen::LoginId, username, answered).await
}

/// `POST /u/login/password`.
pub(crate) async fn post_password(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fields = Fields::read(&headers, body).await;
    let posted = fields.posted(&headers);
    let answered = answer_password(&web.app, &call, &posted, None, fields.get("password")).await;
    follow(&web, &call, &posted, Screen::LoginPassword, "", answered).await
}

/// `POST /u/login`.
pub(crate) async fn post_login(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fields = Fields::read(&headers, body).await;
    let posted = fields.posted(&headers);
    let username = fields.get("username");
    let answered =
        answer_password(&web.app, &call, &posted, Some(username), fields.get("password")).await;
    follow(&web, &call, &posted, Screen::Login, username, answered).await
}
