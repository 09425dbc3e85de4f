//! `/sessions`, `/users/{id}/sessions` and `/users/{id}/revoke-access` (contract 05 §9.3).

use housekey_core::Call;
use housekey_core::factor::FactorType;
use housekey_core::manage::ManageError;
use housekey_core::manage::sessions::{
    end_session, end_sessions, note_session, revoke_access, session, sessions_of,
};
use housekey_core::session::{MethodEvent, SeenFrom, Session};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::body::Members;
use super::operation::{Operation, delete as removes, get, patch, post};
use super::page::{Fields, Paging};
use super::shape::{Field, INSTANT, Shape, TEXT, field, text};
use super::{Ask, Reply};

/// What operators note of a session or a refresh token.
pub(super) const NOTES: Shape = Shape::Map { of: &text(0, 255), most: 25 };

/// Where a session or a refresh token is used from.
pub(super) const DEVICE: Shape = Shape::Object(&[
    field("initial_ip", TEXT),
    field("initial_user_agent", TEXT),
    field("last_ip", TEXT),
    field("last_user_agent", TEXT),
]);

const CLIENT: Shape = Shape::Object(&[field("client_id", TEXT).required()]);
const METHOD: Shape = Shape::Object(&[
    field("name", TEXT).required(),
    field("timestamp", INSTANT).required(),
    field("type", TEXT),
]);
const METHODS: Shape =
    Shape::Object(&[field("methods", Shape::List { of: &METHOD, most: usize::MAX }).required()]);
const COOKIE: Shape = Shape::Object(&[field("mode", TEXT).required()]);

const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("user_id", TEXT).read_only().required(),
    field("created_at", INSTANT).read_only().required(),
    field("updated_at", INSTANT).read_only().required(),
    field("authenticated_at", INSTANT).read_only().required(),
    field("idle_expires_at", INSTANT).read_only().required(),
    field("expires_at", INSTANT).read_only().required(),
    field("last_interacted_at", INSTANT).read_only().required(),
    field("device", DEVICE).read_only(),
    field("clients", Shape::List { of: &CLIENT, most: usize::MAX }).read_only(),
    field("authentication", METHODS).read_only(),
    field("cookie", COOKIE).read_only(),
    field("session_metadata", NOTES),
];
const SESSION: Shape = Shape::Object(FIELDS);

const ACCESS: &[Field] =
    &[field("session_id", text(1, 100)), field("preserve_refresh_tokens", Shape::Flag)];

const READ: &[&str] = &["read:sessions"];
const DELETE: &[&str] = &["delete:sessions"];

pub(super) const OPERATIONS: &[Operation] = &[
    get("users/{id}/sessions", READ, "Where a user is signed in", |ask| Box::pin(list(ask)))
        .pages("sessions", &SESSION),
    removes("users/{id}/sessions", DELETE, "Sign a user out of browsers", |ask| {
        Box::pin(end_all(ask))
    })
    .answers_nothing(202),
    post("users/{id}/revoke-access", DELETE, "Sign a user out of everything", |ask| {
        Box::pin(revoke(ask))
    })
    .also(&["delete:refresh_tokens"])
    .creates(ACCESS)
    .answers_nothing(202),
    get("sessions/{id}", READ, "One session", |ask| Box::pin(one(ask))).answers(200, &SESSION),
    patch("sessions/{id}", &["update:sessions"], "Note something of a session", |ask| {
        Box::pin(note(ask))
    })
    .changes(FIELDS)
    .answers(200, &SESSION),
    removes("sessions/{id}", DELETE, "End a session", |ask| Box::pin(end(ask, false)))
        .answers_nothing(202),
    post("sessions/{id}/revoke", DELETE, "End a session and its refresh tokens", |ask| {
        Box::pin(end(ask, true))
    })
    .answers_nothing(202),
];

async fn list(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let paging = Paging::of(&ask.query)?;
    let listed = sessions_of(ask.app, ask.call, ask.id(), paging.part()).await?;
    Ok(Reply::ok(paging.answer("sessions", listed.map(|session| wire(ask.call, &session)))))
}

async fn one(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let session = wire(ask.call, &session(ask.app, ask.call, ask.id()).await?);
    Ok(Reply::ok(Fields::of(&ask.query).of_item(&session)))
}

async fn note(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let id = ask.id().to_owned();
    let before = session(ask.app, ask.call, &id).await?.metadata;
    let notes = notes(&mut ask.members(), "session_metadata", before)?;
    let session = note_session(ask.app, ask.call, &ask.operator, &id, notes, ask.shown).await?;
    Ok(Reply::ok(wire(ask.call, &session)))
}

/// The notes as they become: replaced whole, `null` being none.
pub(super) fn notes(
    body: &mut Members,
    name: &str,
    mut notes: Map<String, Value>,
) -> Result<Map<String, Value>, ManageError> {
    body.set(name, &mut notes, Map::new())?;
    notes.retain(|_, value| !value.is_null());
    Ok(notes)
}

async fn end(ask: Ask<'_>, tokens: bool) -> Result<Reply, ManageError> {
    end_session(ask.app, ask.call, &ask.operator, ask.id(), tokens).await?;
    Ok(accepted())
}

async fn end_all(ask: Ask<'_>) -> Result<Reply, ManageError> {
    end_sessions(ask.app, ask.call, &ask.operator, ask.id()).await?;
    Ok(accepted())
}

async fn revoke(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (user, mut body) = (ask.id().to_owned(), ask.members());
    let one: Option<String> = body.get("session_id")?.value();
    let keep = body.get("preserve_refresh_tokens")?.value().unwrap_or_default();
    let what = (one.as_deref(), keep);
    revoke_access(ask.app, ask.call, &ask.operator, &user, what, ask.shown).await?;
    Ok(accepted())
}

/// Done, although the status only says that it will be.
pub(super) fn accepted() -> Reply {
    Reply::bare(StatusCode::ACCEPTED)
}

/// Where something is used from.
pub(super) fn wire_device(device: &SeenFrom) -> Value {
    json!({
        "initial_ip": device.initial_ip,
        "initial_user_agent": device.initial_user_agent,
        "last_ip": device.last_ip,
        "last_user_agent": device.last_user_agent,
    })
}

fn wire(call: &Call, session: &Session) -> Value {
    let client = |id: &housekey_core::id::ClientId| json!({ "client_id": id.as_str() });
    let mut body = json!({
        "id": session.id.as_str(),
        "user_id": session.user_id.as_str(),
        "created_at": session.created_at.rfc3339(),
        "updated_at": session.updated_at.rfc3339(),
        "authenticated_at": session.authenticated_at().rfc3339(),
        "idle_expires_at": session.idle_expires_at.rfc3339(),
        "expires_at": session.expires_at.rfc3339(),
        "last_interacted_at": session.updated_at.rfc3339(),
        "device": wire_device(&session.device),
        "clients": session.clients.iter().map(client).collect::<Vec<_>>(),
        "authentication": { "methods": session.events.iter().map(event).collect::<Vec<_>>() },
        "cookie": { "mode": call.tenant.settings.sessions.cookie },
    });
    if !session.metadata.is_empty() {
        body["session_metadata"] = session.metadata.clone().into();
    }
    body
}

fn event(event: &MethodEvent) -> Value {
    let timestamp = event.at.rfc3339();
    match event.factor {
        FactorType::Password => json!({ "name": "pwd", "timestamp": timestamp }),
        FactorType::Passkey => json!({ "name": "passkey", "timestamp": timestamp }),
        factor => json!({ "name": "mfa", "timestamp": timestamp, "type": factor.as_str() }),
    }
}
