//! `/u/objection?ticket=…`: the link in a mail about a change. Opening it changes nothing.

use axum::extract::{Extension, RawQuery, State};
use axum::response::Response;
use housekey_core::Call;
use housekey_core::account::{Objected, ObjectionForm, object, objection_form};
use housekey_core::message::Happened;
use housekey_core::secret::Handle;
use housekey_core::user_agent;
use http::{HeaderMap, StatusCode};

use super::form::{Submission, query_value};
use super::render::{encode, show};
use super::reset::link_dead;
use crate::cookie;
use crate::error::fault;
use crate::state::Web;
use crate::view::{Form, FormError, ObjectedChange, Objection, ObjectionDone};

/// `GET /u/objection`.
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let ticket = Handle::presented(query_value(query.as_deref(), "ticket").unwrap_or_default());
    draw(&web, &call, &ticket, cookie::browser(&headers).as_ref(), Vec::new()).await
}

/// `POST /u/objection`.
pub(crate) async fn post(submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let ticket = Handle::presented(fields.get("ticket"));
    let browser = posted.visitor.browser.as_ref();
    match object(&web.app, call, &ticket, browser, &posted.csrf).await {
        Ok(Objected::Done { objection, reset }) => {
            show(web, call, StatusCode::OK, None, |frame| ObjectionDone {
                frame,
                revoked: revokes(objection.happened),
                reset_url: reset.map(|ticket| {
                    format!("/u/reset-password/change?ticket={}", encode(ticket.expose()))
                }),
            })
        }
        Ok(Objected::Forged) => {
            let errors = vec![FormError::banner("session-mismatch")];
            draw(web, call, &ticket, browser, errors).await
        }
        Ok(Objected::LinkDead) => link_dead(web, call),
        Err(error) => fault(&error, &call.request_id),
    }
}

async fn draw(
    web: &Web,
    call: &Call,
    ticket: &Handle,
    browser: Option<&Handle>,
    errors: Vec<FormError>,
) -> Response {
    let found = match objection_form(&web.app, call, ticket, browser).await {
        Ok(Some(found)) => found,
        Ok(None) => return link_dead(web, call),
        Err(error) => return fault(&error, &call.request_id),
    };
    let ObjectionForm { objection, csrf, new_browser } = found;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let form = Form::for_ticket(ticket.expose(), csrf).with_errors(errors);
    let mut response = show(web, call, status, None, |frame| Objection {
        frame,
        form,
        change: ObjectedChange {
            what: objection.happened.in_words(),
            at: objection.created_at.to_string(),
            at_in_words: objection.created_at.in_words(),
            ip: objection.ip,
            device: user_agent::in_words(&objection.user_agent),
        },
        revokes: revokes(objection.happened),
    });
    if let Some(browser) = &new_browser {
        cookie::set_browser(response.headers_mut(), call, browser);
    }
    response
}

/// Whether objecting takes something back; what is gone cannot be brought back.
fn revokes(happened: Happened) -> bool {
    match happened {
        Happened::MethodAdded(_)
        | Happened::PasswordChanged
        | Happened::RecoveryCodeReplaced
        | Happened::RecoveryCodeUsed => true,
        Happened::MethodRemoved(_) | Happened::MethodRenamed(_) => false,
    }
}
