//! Answers of the sign-up pages.

use axum::response::Response;
use housekey_core::login::{Screen, SignupInput, answer_signup};

use super::form::Submission;
use super::login::follow;

/// `POST` on a sign-up page.
pub(crate) async fn post_signup(screen: Screen, submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let sent = |name: &str| Some(fields.get(name).to_owned()).filter(|value| !value.is_empty());
    let input = SignupInput {
        email: sent("email"),
        username: sent("username"),
        phone_number: sent("phone_number"),
        password: sent("password"),
    };
    let answered = answer_signup(&web.app, call, posted, screen, &input).await;
    let typed = if screen == Screen::SignupPassword { "" } else { fields.get("email") };
    follow(&submission, screen, typed, answered).await
}
