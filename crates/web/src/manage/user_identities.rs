//! `/users/{id}/identities` (contract 05 §9.3): accounts of one person, linked.

use housekey_core::id::{ConnectionId, UserId};
use housekey_core::manage::users::{link, unlink};
use housekey_core::manage::{ManageError, Thing};
use housekey_core::token::verify_id_token;
use http::StatusCode;

use super::body::{Members, refused};
use super::operation::{Operation, delete, post};
use super::shape::{Field, Shape, field, text};
use super::users::{IDENTITY, identities};
use super::{Ask, Reply};

const LINK: &[Field] = &[
    field("provider", text(1, 50)),
    field("user_id", text(1, 300)),
    field("connection_id", text(1, 64)),
    field("link_with", text(1, 8192)).secret(),
];
const IDENTITIES: Shape = Shape::List { of: &Shape::Object(IDENTITY), most: 100 };

pub(super) const OPERATIONS: &[Operation] = &[
    post("users/{id}/identities", &["update:users"], "Link an account to another one", |ask| {
        Box::pin(add(ask))
    })
    .creates(LINK)
    .answers(201, &IDENTITIES),
    delete(
        "users/{id}/identities/{provider}/{user_id}",
        &["update:users"],
        "Take a linked account off",
        |ask| Box::pin(remove(ask)),
    )
    .answers(200, &IDENTITIES),
];

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let other = other(&ask, &mut body)?;
    let shown = ask.shown.take();
    let record = link(ask.app, ask.call, &ask.operator, ask.id(), &other, shown).await?;
    Ok(Reply::new(StatusCode::CREATED, identities(ask.call, &record)))
}

/// The account to link: named, or shown by an ID token that its owner has.
fn other(ask: &Ask<'_>, body: &mut Members) -> Result<UserId, ManageError> {
    let provider: Option<String> = body.get("provider")?.value();
    let user: Option<String> = body.get("user_id")?.value();
    let connection: Option<ConnectionId> = body.get("connection_id")?.value();
    if connection.is_some_and(|id| ask.call.tenant.connection(&id).is_none()) {
        return Err(ManageError::NotFound(Thing::Connection));
    }
    match (provider, user, body.get::<String>("link_with")?.value()) {
        (None, None, Some(token)) => {
            let claims = verify_id_token(ask.app, ask.call, &token)
                .map_err(|_| refused("Expected a valid ID token of this tenant", "link_with"))?;
            Ok(UserId::from_raw(claims.sub))
        }
        (Some(provider), Some(user), None) => Ok(identity(&provider, &user)),
        _ => Err(refused("Expected provider with user_id, or link_with", "user_id")),
    }
}

/// Some tools send the whole id.
fn identity(provider: &str, id: &str) -> UserId {
    if id.starts_with(&format!("{provider}|")) {
        UserId::from_raw(id)
    } else {
        UserId::from_raw(format!("{provider}|{id}"))
    }
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let last = ask.ids.get(2).map_or("", String::as_str);
    let identity = identity(ask.second_id(), last);
    let record = unlink(ask.app, ask.call, &ask.operator, ask.id(), &identity).await?;
    Ok(Reply::ok(identities(ask.call, &record)))
}
