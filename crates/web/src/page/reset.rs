//! A new password by mail: asking for the link, and the pages behind it.

use axum::extract::{Extension, Path, RawQuery, State};
use axum::response::Response;
use housekey_core::Call;
use housekey_core::login::{
    self, FormError, LoginError, Reset, Screen, Visitor, request_reset, reset_form, set_password,
};
use housekey_core::secret::Handle;
use http::{HeaderMap, StatusCode};

use super::form::{Submission, query_value, visitor};
use super::render::{encode, login_error, show};
use super::result_url::result_url;
use super::screen::{form_errors, rules, screen_url};
use crate::respond::redirect;
use crate::state::Web;
use crate::view::{
    Form, Identifier, ResetPassword, ResetPasswordEmail, ResetPasswordRequest,
    ResetPasswordSuccess, Status, error_text,
};

fn ask_url(connection: &str, state: &str) -> String {
    format!("/u/reset-password/request/{}?state={}", encode(connection), encode(state))
}

/// `GET /u/login/password-reset-start/{connection}`.
pub(crate) async fn start(Path(connection): Path<String>, RawQuery(query): RawQuery) -> Response {
    let state = query_value(query.as_deref(), "state").unwrap_or_default();
    redirect(&ask_url(&connection, &state))
}

/// `GET /u/reset-password/request/{connection}`.
pub(crate) async fn ask(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let visitor = visitor(query.as_deref(), &headers);
    draw_ask(&web, &call, &visitor, None, None).await
}

/// `POST /u/reset-password/request/{connection}`.
pub(crate) async fn post_ask(submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let visitor = &posted.visitor;
    if fields.action() == "back-to-login" {
        return redirect(&screen_url(Screen::LoginId, visitor.state.expose()));
    }
    let email = fields.get("email");
    let typed = if email.is_empty() { fields.get("username") } else { email };
    match request_reset(&web.app, call, posted, typed).await {
        Ok(Ok(())) => {
            let resent = fields.action() == "resend-email-action";
            draw_sent(web, call, visitor, typed, resent).await
        }
        Ok(Err(error)) => draw_ask(web, call, visitor, Some(typed), Some(error)).await,
        Err(error) => login_error(web, call, visitor, error),
    }
}

/// What the page of the transaction's beginning knows: these pages stand beside it.
async fn beside_login(
    web: &Web,
    call: &Call,
    visitor: &Visitor,
) -> Result<login::ScreenView, LoginError> {
    login::view(&web.app, call, visitor, Screen::LoginId).await
}

async fn draw_ask(
    web: &Web,
    call: &Call,
    visitor: &Visitor,
    typed: Option<&str>,
    error: Option<FormError>,
) -> Response {
    let view = match beside_login(web, call, visitor).await {
        Ok(view) => view,
        Err(error) => return login_error(web, call, visitor, error),
    };
    let call = &call.speaking(view.ui_locales.as_deref());
    let status = if error.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let form = Form::in_transaction(visitor.state.expose(), view.csrf)
        .with_errors(form_errors(error.into_iter().collect()));
    show(web, call, status, Some(view.client_name), |frame| ResetPasswordRequest {
        frame,
        form,
        identifier: Identifier::Email,
        value: typed.map_or(view.identifier, ToOwned::to_owned),
        back_to_login: true,
    })
}

async fn draw_sent(
    web: &Web,
    call: &Call,
    visitor: &Visitor,
    typed: &str,
    resent: bool,
) -> Response {
    let view = match beside_login(web, call, visitor).await {
        Ok(view) => view,
        Err(error) => return login_error(web, call, visitor, error),
    };
    let call = &call.speaking(view.ui_locales.as_deref());
    let state = visitor.state.expose();
    let form = Form::in_transaction(state, view.csrf);
    let log_in = if view.identifier_first { Screen::LoginId } else { Screen::Login };
    show(web, call, StatusCode::OK, Some(view.client_name), |frame| ResetPasswordEmail {
        frame,
        form,
        value: typed.trim().to_owned(),
        resent,
        login_url: Some(screen_url(log_in, state)),
    })
}

/// `GET /u/reset-verify?ticket=…`: the link in the mail.
pub(crate) async fn verify(RawQuery(query): RawQuery) -> Response {
    let ticket = query_value(query.as_deref(), "ticket").unwrap_or_default();
    redirect(&format!("/u/reset-password/change?ticket={}", encode(&ticket)))
}

/// `GET /u/reset-password/change?ticket=…`.
pub(crate) async fn change(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
) -> Response {
    let ticket = query_value(query.as_deref(), "ticket").unwrap_or_default();
    draw_change(&web, &call, &Handle::presented(ticket), Vec::new()).await
}

/// `POST /u/reset-password/change`. The ticket is proof enough that the form was asked for.
pub(crate) async fn post_change(submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let ticket = Handle::presented(fields.get("ticket"));
    let (password, repeated) = (fields.get("password-reset"), fields.get("re-enter-password"));
    match set_password(&web.app, call, &ticket, password, repeated).await {
        Ok(Reset::Done(ticket)) => {
            match result_url(&ticket, "You can now login to the application with the new password.")
            {
                Some(url) => redirect(&url),
                None => show(web, call, StatusCode::OK, None, |frame| ResetPasswordSuccess {
                    frame,
                    login_url: Some("/account".to_owned()),
                }),
            }
        }
        Ok(Reset::Again(errors)) => draw_change(web, call, &ticket, errors).await,
        Ok(Reset::LinkDead) => link_dead(web, call),
        Err(error) => login_error(web, call, &posted.visitor, error),
    }
}

async fn draw_change(web: &Web, call: &Call, ticket: &Handle, errors: Vec<FormError>) -> Response {
    let found = match reset_form(&web.app, call, ticket).await {
        Ok(Some(found)) => found,
        Ok(None) => return link_dead(web, call),
        Err(error) => return login_error(web, call, &nobody(), error),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let form = Form::for_ticket(ticket.expose(), String::new()).with_errors(form_errors(errors));
    show(web, call, status, None, |frame| ResetPassword {
        frame,
        form,
        username: found.email,
        policy: rules(&found.policy),
    })
}

fn nobody() -> Visitor {
    Visitor { state: Handle::presented(""), browser: None }
}

pub(super) fn link_dead(web: &Web, call: &Call) -> Response {
    show(web, call, StatusCode::BAD_REQUEST, None, |frame| Status {
        frame,
        heading: "This Link Does Not Work".to_owned(),
        text: error_text("invalid-expired-code").to_owned(),
        link: Some(crate::view::Link::new("/account", "Go to your account")),
    })
}
