//! `/guardian/enroll?ticket=…`: a link by which somebody enrols a second factor. Opening it changes
//! nothing.

use axum::extract::{Extension, RawQuery, State};
use axum::response::Response;
use housekey_core::Call;
use housekey_core::login::{
    EnrollmentBegun, EnrollmentForm, Visitor, begin_enrollment, enrollment_form,
};
use housekey_core::secret::Handle;
use http::{HeaderMap, StatusCode};

use super::form::{Submission, query_value};
use super::render::{login_error, show};
use super::reset::link_dead;
use super::screen::screen_url;
use crate::cookie;
use crate::error::fault;
use crate::respond::redirect;
use crate::state::Web;
use crate::view::{EnrollmentStart, Form, FormError, Link, Status};

/// `GET /guardian/enroll`.
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let ticket = Handle::presented(query_value(query.as_deref(), "ticket").unwrap_or_default());
    draw(&web, &call, &ticket, cookie::browser(&headers).as_ref(), Vec::new()).await
}

/// `POST /guardian/enroll`.
pub(crate) async fn post(submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let ticket = Handle::presented(fields.get("ticket"));
    let browser = posted.visitor.browser.as_ref();
    match begin_enrollment(&web.app, call, &ticket, browser, &posted.csrf).await {
        Ok(EnrollmentBegun::Interact(begun)) => {
            let mut response = redirect(&screen_url(begun.screen, begun.state.expose()));
            cookie::set_browser(response.headers_mut(), call, &begun.browser);
            response
        }
        Ok(EnrollmentBegun::Forged) => {
            let errors = vec![FormError::banner("session-mismatch")];
            draw(web, call, &ticket, browser, errors).await
        }
        Ok(EnrollmentBegun::LinkDead) => link_dead(web, call),
        Ok(EnrollmentBegun::Enrolled) => done(web, call),
        Err(error) => {
            let nobody = Visitor { state: Handle::presented(""), browser: None };
            login_error(web, call, &nobody, error)
        }
    }
}

/// There is nothing left to enrol.
pub(crate) fn done(web: &Web, call: &Call) -> Response {
    show(web, call, StatusCode::OK, None, |frame| Status {
        frame,
        heading: "You’re All Set".to_owned(),
        text: "Your account has a second factor. You are asked for it when you log in.".to_owned(),
        link: Some(Link::new("/account", "Go to your account")),
    })
}

async fn draw(
    web: &Web,
    call: &Call,
    ticket: &Handle,
    browser: Option<&Handle>,
    errors: Vec<FormError>,
) -> Response {
    let found = match enrollment_form(&web.app, call, ticket, browser).await {
        Ok(Some(found)) => found,
        Ok(None) => return link_dead(web, call),
        Err(error) => return fault(&error, &call.request_id),
    };
    let EnrollmentForm { csrf, new_browser } = found;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let form = Form::for_ticket(ticket.expose(), csrf).with_errors(errors);
    let mut response = show(web, call, status, None, |frame| EnrollmentStart { frame, form });
    if let Some(browser) = &new_browser {
        cookie::set_browser(response.headers_mut(), call, browser);
    }
    response
}
