//! `/refresh-tokens`, `/users/{id}/refresh-tokens` and `/device-credentials` (contract 05 §9.3).

use housekey_core::id::ClientId;
use housekey_core::manage::ManageError;
use housekey_core::manage::sessions::{
    note_refresh_token, refresh_token, refresh_tokens_of, revoke_tokens, revoke_tokens_of,
};
use housekey_core::token::Family;
use serde_json::{Value, json};

use super::body::refused;
use super::operation::{Operation, delete as removes, get, patch, post};
use super::page::{Fields, Paging};
use super::sessions::{DEVICE, NOTES, accepted, notes, wire_device};
use super::shape::{Field, INSTANT, Shape, TEXT, field, text};
use super::{Ask, Reply};

const API: Shape =
    Shape::Object(&[field("audience", TEXT).required(), field("scopes", TEXT).required()]);

const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("user_id", TEXT).read_only().required(),
    field("client_id", TEXT).read_only().required(),
    field("session_id", TEXT).read_only(),
    field("rotating", Shape::Flag).read_only().required(),
    field("created_at", INSTANT).read_only().required(),
    field("idle_expires_at", INSTANT).read_only(),
    field("expires_at", INSTANT).read_only(),
    field("last_exchanged_at", INSTANT).read_only(),
    field("device", DEVICE).read_only(),
    field("resource_servers", Shape::List { of: &API, most: 1 }).read_only(),
    field("refresh_token_metadata", NOTES),
];
const TOKEN: Shape = Shape::Object(FIELDS);

const REVOKE: &[Field] = &[
    field("ids", Shape::List { of: &text(1, 100), most: 100 }),
    field("user_id", text(1, 300)),
    field("client_id", text(1, 64)),
    field("audience", text(1, 600)),
];

const CREDENTIAL: Shape = Shape::Object(&[
    field("id", TEXT).required(),
    field("type", TEXT).required(),
    field("user_id", TEXT).required(),
    field("client_id", TEXT).required(),
    field("device_name", TEXT),
]);

const READ: &[&str] = &["read:refresh_tokens"];
const DELETE: &[&str] = &["delete:refresh_tokens"];

pub(super) const OPERATIONS: &[Operation] = &[
    get("users/{id}/refresh-tokens", READ, "The refresh tokens of a user", |ask| {
        Box::pin(of_user(ask))
    })
    .pages("tokens", &TOKEN),
    removes("users/{id}/refresh-tokens", DELETE, "Revoke the refresh tokens of a user", |ask| {
        Box::pin(revoke_all(ask))
    })
    .answers_nothing(202),
    get("refresh-tokens", READ, "The refresh tokens of a user", |ask| Box::pin(list(ask)))
        .query(&[("user_id", text(1, 300)), ("client_id", text(1, 64))])
        .pages("refresh_tokens", &TOKEN),
    post("refresh-tokens/revoke", DELETE, "Revoke refresh tokens", |ask| Box::pin(revoke(ask)))
        .creates(REVOKE)
        .answers_nothing(202),
    get("refresh-tokens/{id}", READ, "One refresh token", |ask| Box::pin(one(ask)))
        .answers(200, &TOKEN),
    patch(
        "refresh-tokens/{id}",
        &["update:refresh_tokens"],
        "Note something of a refresh token",
        |ask| Box::pin(note(ask)),
    )
    .changes(FIELDS)
    .answers(200, &TOKEN),
    removes("refresh-tokens/{id}", DELETE, "Revoke a refresh token", |ask| {
        Box::pin(revoke_one(ask))
    })
    .answers_nothing(202),
    get(
        "device-credentials",
        &["read:device_credentials"],
        "What a user's devices sign in with",
        |ask| Box::pin(credentials(ask)),
    )
    .query(&[
        ("user_id", text(1, 300)),
        ("client_id", text(1, 64)),
        ("type", Shape::OneOf(&["public_key", "refresh_token", "rotating_refresh_token"])),
    ])
    .pages("device_credentials", &CREDENTIAL),
    removes(
        "device-credentials/{id}",
        &["delete:device_credentials"],
        "Take from a device what it signs in with",
        |ask| Box::pin(remove_credential(ask)),
    ),
];

async fn of_user(ask: Ask<'_>) -> Result<Reply, ManageError> {
    answer(&ask, ask.id(), None, "tokens", wire).await
}

async fn list(ask: Ask<'_>) -> Result<Reply, ManageError> {
    answer(&ask, wanted_user(&ask)?, wanted_client(&ask), "refresh_tokens", wire).await
}

async fn credentials(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let user = wanted_user(&ask)?;
    if ask.query.last("type") == Some("public_key") {
        let none = housekey_core::port::Listed { items: Vec::new(), total: Some(0), next: None };
        return Ok(Reply::ok(Paging::of(&ask.query)?.answer("device_credentials", none)));
    }
    answer(&ask, user, wanted_client(&ask), "device_credentials", wire_credential).await
}

async fn answer(
    ask: &Ask<'_>,
    user: &str,
    client: Option<ClientId>,
    key: &str,
    wire: fn(&Ask<'_>, &Family) -> Value,
) -> Result<Reply, ManageError> {
    let paging = Paging::of(&ask.query)?;
    let client = client.as_ref();
    let listed = refresh_tokens_of(ask.app, ask.call, user, client, paging.part()).await?;
    Ok(Reply::ok(paging.answer(key, listed.map(|family| wire(ask, &family)))))
}

fn wanted_user<'a>(ask: &'a Ask<'_>) -> Result<&'a str, ManageError> {
    ask.query.last("user_id").ok_or_else(|| {
        let text = "Query validation error: 'Missing required property: user_id' on property \
                    user_id.";
        ManageError::InvalidQuery(text.to_owned())
    })
}

fn wanted_client(ask: &Ask<'_>) -> Option<ClientId> {
    ask.query.last("client_id").map(ClientId::from_raw)
}

async fn one(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let token = wire(&ask, &refresh_token(ask.app, ask.call, ask.id()).await?);
    Ok(Reply::ok(Fields::of(&ask.query).of_item(&token)))
}

async fn note(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let id = ask.id().to_owned();
    let before = refresh_token(ask.app, ask.call, &id).await?.metadata;
    let notes = notes(&mut ask.members(), "refresh_token_metadata", before)?;
    let shown = ask.shown.take();
    let family = note_refresh_token(ask.app, ask.call, &ask.operator, &id, notes, shown).await?;
    Ok(Reply::ok(wire(&ask, &family)))
}

async fn revoke_one(ask: Ask<'_>) -> Result<Reply, ManageError> {
    refresh_token(ask.app, ask.call, ask.id()).await?;
    let ids = [ask.id().to_owned()];
    revoke_tokens(ask.app, ask.call, &ask.operator, &ids, ("DELETE", Value::Null)).await?;
    Ok(accepted())
}

async fn remove_credential(ask: Ask<'_>) -> Result<Reply, ManageError> {
    revoke_one(ask).await?;
    Ok(Reply::gone())
}

async fn revoke_all(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (all, how) = ((None, None), ("DELETE", Value::Null));
    revoke_tokens_of(ask.app, ask.call, &ask.operator, ask.id(), all, how).await?;
    Ok(accepted())
}

async fn revoke(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let ids: Option<Vec<String>> = body.get("ids")?.value();
    let user: Option<String> = body.get("user_id")?.value();
    let client: Option<ClientId> = body.get("client_id")?.value();
    let audience: Option<String> = body.get("audience")?.value();
    let how = ("POST", ask.shown.take());
    match (ids, user, client, audience) {
        (Some(ids), None, None, None) => {
            revoke_tokens(ask.app, ask.call, &ask.operator, &ids, how).await?;
        }
        (None, Some(user), None, None) => {
            revoke_tokens_of(ask.app, ask.call, &ask.operator, &user, (None, None), how).await?;
        }
        (None, Some(user), Some(client), audience) => {
            let which = (Some(&client), audience.as_deref());
            revoke_tokens_of(ask.app, ask.call, &ask.operator, &user, which, how).await?;
        }
        _ => {
            let text = "Expected ids, or user_id with client_id and then audience if wanted";
            return Err(refused(text, "ids"));
        }
    }
    Ok(accepted())
}

fn wire(ask: &Ask<'_>, family: &Family) -> Value {
    let client = ask.call.tenant.client(&family.client_id);
    let mut body = json!({
        "id": family.id.as_str(),
        "user_id": family.user_id.as_str(),
        "client_id": family.client_id.as_str(),
        "rotating": client.is_some_and(|client| client.settings.refresh_token.rotating),
        "created_at": family.created_at.rfc3339(),
        "device": wire_device(&family.device),
    });
    if let Some(session) = &family.session_id {
        body["session_id"] = session.as_str().into();
    }
    if let Some(audience) = &family.audience {
        let scopes = family.scope.to_string();
        body["resource_servers"] = json!([{ "audience": audience.value, "scopes": scopes }]);
    }
    let exchanged = (family.last_used_at > family.created_at).then_some(family.last_used_at);
    for (name, at) in [
        ("idle_expires_at", family.idle_expires_at),
        ("expires_at", family.expires_at),
        ("last_exchanged_at", exchanged),
    ] {
        if let Some(at) = at {
            body[name] = at.rfc3339().into();
        }
    }
    if !family.metadata.is_empty() {
        body["refresh_token_metadata"] = family.metadata.clone().into();
    }
    body
}

fn wire_credential(ask: &Ask<'_>, family: &Family) -> Value {
    let client = ask.call.tenant.client(&family.client_id);
    let rotates = client.is_some_and(|client| client.settings.refresh_token.rotating);
    json!({
        "id": family.id.as_str(),
        "type": if rotates { "rotating_refresh_token" } else { "refresh_token" },
        "user_id": family.user_id.as_str(),
        "client_id": family.client_id.as_str(),
        "device_name": family.device.last_user_agent,
    })
}
