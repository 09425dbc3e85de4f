//! `/dev/outbox`: for programs as JSON, for people as a page.

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, RawQuery, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::error::Fault;
use housekey_core::message::open;
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::body;
use crate::error::fault;
use crate::page::show;
use crate::respond::redirect;
use crate::state::Web;
use crate::view::{Form, Outbox, OutboxMessage};

/// Messages listed at once.
const LIMIT: u32 = 200;

#[derive(Serialize)]
struct WireMessage {
    id: String,
    channel: &'static str,
    to: String,
    subject: String,
    text: String,
    code: Option<String>,
    link: Option<String>,
    /// What a push message carries for the device; nothing else has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Map<String, Value>>,
    sent_at: String,
}

async fn messages(web: &Web, call: &Call, to: Option<&str>) -> Result<Vec<WireMessage>, Fault> {
    let mut tx = web.app.read(&call.tenant.id).await?;
    let queued = tx.messages(to, LIMIT).await?;
    queued
        .iter()
        .map(|message| {
            let content = open(&web.app, &call.tenant.id, message)?;
            Ok(WireMessage {
                id: message.id.to_string(),
                channel: message.channel.as_str(),
                to: message.to.clone(),
                subject: content.subject,
                text: content.text,
                code: content.code,
                link: content.link,
                data: content.data,
                sent_at: message.created_at.rfc3339(),
            })
        })
        .collect()
}

/// The messages, newest first.
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let pairs = body::pairs(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let to = pairs.into_iter().find(|(name, _)| name == "to").map(|(_, value)| value);
    let found = match messages(&web, &call, to.as_deref()).await {
        Ok(found) => found,
        Err(error) => return fault(&error, &call.request_id),
    };
    let wants_page = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"));
    if !wants_page {
        return Json(found).into_response();
    }
    let messages = found.into_iter().map(|message| OutboxMessage {
        id: message.id,
        channel: message.channel.to_owned(),
        to: message.to,
        subject: Some(message.subject).filter(|subject| !subject.is_empty()),
        text: message.text,
        code: message.code,
        link: message.link,
        sent_at: message.sent_at,
    });
    let messages = messages.collect();
    show(&web, &call, StatusCode::OK, None, |frame| Outbox {
        frame: frame.in_english(),
        form: Form::standalone(String::new()),
        messages,
        to,
    })
}

async fn empty(web: &Web, call: &Call) -> Result<(), Fault> {
    let mut tx = web.app.write(&call.tenant.id).await?;
    tx.clear_outbox().await?;
    Ok(tx.commit().await?)
}

/// Empties it.
pub(crate) async fn clear(State(web): State<Web>, Extension(call): Extension<Call>) -> Response {
    match empty(&web, &call).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => fault(&error, &call.request_id),
    }
}

/// Empties it, from the page.
pub(crate) async fn post(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    _body: Body,
) -> Response {
    match empty(&web, &call).await {
        Ok(()) => redirect("/dev/outbox"),
        Err(error) => fault(&error, &call.request_id),
    }
}
