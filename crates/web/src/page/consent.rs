//! Answers of the consent and confirmation pages.

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::Response;
use housekey_core::Call;
use housekey_core::login::{Screen, answer_confirmation, answer_consent};
use http::HeaderMap;

use super::form::Fields;
use super::login::follow;
use crate::state::Web;

/// `POST /u/consent`.
pub(crate) async fn post_consent(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fields = Fields::read(&headers, body).await;
    let posted = fields.posted(&headers);
    let agreed = fields.action() == "accept";
    let answered = answer_consent(&web.app, &call, &posted, agreed).await;
    follow(&web, &call, &posted, Screen::Consent, "", answered).await
}

/// `POST /u/confirmation`.
pub(crate) async fn post_confirmation(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let fields = Fields::read(&headers, body).await;
    let posted = fields.posted(&headers);
    let agreed = fields.action() == "default";
    let answered = answer_confirmation(&web.app, &call, &posted, agreed).await;
    follow(&web, &call, &posted, Screen::Confirmation, "", answered).await
}
