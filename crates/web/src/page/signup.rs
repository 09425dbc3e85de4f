//! Answers of the sign-up pages.

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::Response;
use housekey_core::Call;
use housekey_core::login::{Screen, SignupInput, answer_signup};
use http::HeaderMap;

use super::form::Fields;
use super::login::follow;
use crate::state::Web;

/// `POST /u/signup`.
pub(crate) async fn post_signup(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    post(&web, &call, &headers, body, Screen::Signup).await
}

/// `POST /u/signup/identifier`.
pub(crate) async fn post_signup_identifier(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    post(&web, &call, &headers, body, Screen::SignupId).await
}

/// `POST /u/signup/password`.
pub(crate) async fn post_signup_password(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    post(&web, &call, &headers, body, Screen::SignupPassword).await
}

async fn post(web: &Web, call: &Call, headers: &HeaderMap, body: Body, screen: Screen) -> Response {
    let fields = Fields::read(headers, body).await;
    let posted = fields.posted(headers);
    let sent = |name: &str| Some(fields.get(name).to_owned()).filter(|value| !value.is_empty());
    let input = SignupInput {
        email: sent("email"),
        username: sent("username"),
        password: sent("password"),
    };
    let answered = answer_signup(&web.app, call, &posted, screen, &input).await;
    let typed = if screen == Screen::SignupPassword { "" } else { fields.get("email") };
    follow(web, call, &posted, screen, typed, answered).await
}
