//! Answers of the consent and confirmation pages.

use axum::response::Response;
use housekey_core::login::{Screen, answer_confirmation, answer_consent};

use super::form::Submission;
use super::login::follow;

/// `POST /u/consent`.
pub(crate) async fn post_consent(submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let agreed = fields.action() == "accept";
    let answered = answer_consent(&web.app, call, posted, agreed).await;
    follow(&submission, Screen::Consent, "", answered).await
}

/// `POST /u/confirmation`.
pub(crate) async fn post_confirmation(submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let agreed = fields.action() == "default";
    let answered = answer_confirmation(&web.app, call, posted, agreed).await;
    follow(&submission, Screen::Confirmation, "", answered).await
}
