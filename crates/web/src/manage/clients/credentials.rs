//! `/clients/{id}/credentials` (contract 05 §7.2): the keys applications sign assertions with.

use housekey_core::client::Credential;
use housekey_core::manage::client_credentials::{
    NewCredential, create, delete, find, list, update,
};
use housekey_core::manage::{ManageError, Thing};
use housekey_core::time::Timestamp;
use http::StatusCode;
use serde_json::{Value, json};

use super::super::body::{Members, Sent, optional, refused};
use super::super::operation::{Operation, delete as removes, get, patch, post};
use super::super::shape::{Field, INSTANT, Shape, TEXT, field, text};
use super::super::{Ask, Reply};

const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("credential_type", Shape::OneOf(&["public_key"])).create_only().required(),
    field("name", text(1, 128)).create_only(),
    field("pem", text(1, 8192)).create_only().write_only().required(),
    field("alg", Shape::OneOf(&["RS256", "RS384", "PS256", "ES256"])).create_only(),
    field("kid", text(10, 64)).create_only(),
    field("parse_expiry_from_cert", Shape::Flag).create_only().write_only(),
    field("thumbprint_sha256", TEXT).read_only(),
    field("created_at", INSTANT).read_only(),
    field("updated_at", INSTANT).read_only(),
    field("expires_at", INSTANT),
];
const CHANGE: &[Field] = &[field("expires_at", INSTANT)];
const CREDENTIAL: Shape = Shape::Object(FIELDS);
const CREDENTIALS: Shape = Shape::List { of: &CREDENTIAL, most: usize::MAX };
const READ: &[&str] = &["read:client_credentials"];

pub(crate) const OPERATIONS: &[Operation] = &[
    get("clients/{id}/credentials", READ, "An application's keys", |ask| {
        Box::pin(async move { all(&ask) })
    })
    .answers(200, &CREDENTIALS),
    post(
        "clients/{id}/credentials",
        &["create:client_credentials"],
        "Add a key to an application",
        |ask| Box::pin(add(ask)),
    )
    .creates(FIELDS)
    .answers(201, &CREDENTIAL),
    get("clients/{id}/credentials/{credential_id}", READ, "One key of an application", |ask| {
        Box::pin(async move { one(&ask) })
    })
    .answers(200, &CREDENTIAL),
    patch(
        "clients/{id}/credentials/{credential_id}",
        &["update:client_credentials"],
        "Say until when a key is good",
        |ask| Box::pin(change(ask)),
    )
    .changes(CHANGE)
    .answers(200, &CREDENTIAL),
    removes(
        "clients/{id}/credentials/{credential_id}",
        &["delete:client_credentials"],
        "Remove a key of an application",
        |ask| Box::pin(remove(ask)),
    ),
];

const MISSING: ManageError = ManageError::NotFound(Thing::Credential);

fn all(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    Ok(Reply::ok(list(ask.call, ask.id())?.iter().map(wire).collect()))
}

fn one(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let credential = find(ask.call, ask.id(), ask.second_id())?.ok_or(MISSING)?;
    Ok(Reply::ok(wire(credential)))
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let new = NewCredential {
        name: body.get("name")?.value(),
        pem: body.text("pem")?,
        alg: body.get("alg")?.value(),
        kid: body.get("kid")?.value(),
        expires_at: end(&mut body)?,
        parse_expiry_from_cert: body.get("parse_expiry_from_cert")?.value().unwrap_or(false),
    };
    let (client, shown) = (ask.id().to_owned(), ask.shown.take());
    let credential = create(ask.app, ask.call, &ask.operator, &client, new, shown).await?;
    Ok(Reply::new(StatusCode::CREATED, wire(&credential)))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let end = end(&mut ask.members())?;
    let shown = ask.shown.take();
    let (client, id) = (ask.id(), ask.second_id());
    let changed = update(ask.app, ask.call, &ask.operator, client, id, end, shown).await?;
    Ok(Reply::ok(wire(&changed.ok_or(MISSING)?)))
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let removed = delete(ask.app, ask.call, &ask.operator, ask.id(), ask.second_id()).await?;
    if removed { Ok(Reply::gone()) } else { Err(MISSING) }
}

fn end(body: &mut Members) -> Result<Option<Timestamp>, ManageError> {
    match body.get::<String>("expires_at")? {
        Sent::Nothing | Sent::Null => Ok(None),
        Sent::Value(text) => Timestamp::parse(&text).map(Some).ok_or_else(|| {
            refused("Object didn't pass validation for format date-time", "expires_at")
        }),
    }
}

fn wire(credential: &Credential) -> Value {
    let mut body = json!({
        "id": credential.id,
        "credential_type": "public_key",
        "kid": credential.kid,
        "alg": credential.alg,
        "thumbprint_sha256": credential.thumbprint_sha256,
        "created_at": credential.created_at.rfc3339(),
        "updated_at": credential.updated_at.rfc3339(),
    });
    optional(&mut body, "name", credential.name.as_ref());
    optional(&mut body, "expires_at", credential.expires_at.map(Timestamp::rfc3339));
    body
}
