//! Answers of the login pages.

use axum::response::Response;
use housekey_core::login::{Answered, LoginError, NewCookies, Screen, answer_password};

use super::form::Submission;
use super::render::{encode, login_error};
use super::screen::{draw, screen_url};
use crate::respond::{answer, redirect};

/// What follows an answered page: the next one, the same again with what was `typed`, or the
/// application.
pub(super) async fn follow(
    submission: &Submission,
    screen: Screen,
    typed: &str,
    answered: Result<Answered, LoginError>,
) -> Response {
    let Submission { web, call, posted, .. } = submission;
    let visitor = &posted.visitor;
    let state = visitor.state.expose();
    match answered {
        Ok(Answered::Resume) => redirect(&format!("/authorize/resume?state={}", encode(state))),
        Ok(Answered::Show(next)) => redirect(&screen_url(next, state)),
        Ok(Answered::Again(errors)) => draw(web, call, visitor, screen, Some(typed), errors).await,
        Ok(Answered::Respond(response)) => answer(web, call, response, &NewCookies::default()),
        Err(error) => login_error(web, call, visitor, error),
    }
}

/// `POST /u/login/password`.
pub(crate) async fn post_password(submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let answered = answer_password(&web.app, call, posted, None, fields.get("password")).await;
    follow(&submission, Screen::LoginPassword, "", answered).await
}

/// `POST /u/login`.
pub(crate) async fn post_login(submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let (username, password) = (fields.get("username"), fields.get("password"));
    let answered = answer_password(&web.app, call, posted, Some(username), password).await;
    follow(&submission, Screen::Login, username, answered).await
}
