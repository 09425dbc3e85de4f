//! `/users/{id}/roles` and `/users/{id}/permissions`, and both as they take effect (contract 05 §9.3).

use housekey_core::Call;
use housekey_core::manage::ManageError;
use housekey_core::manage::roles::{
    add_to_user, permissions_of_user, permit_user, remove_from_user, roles_of_user, unpermit_user,
};
use housekey_core::role::{Granted, Role};
use http::StatusCode;
use serde_json::{Value, json};

use super::operation::{Operation, delete as removes, get, post};
use super::page::{page, page_by};
use super::roles::{PERMISSIONS, ROLE, named, wire, wire_permission};
use super::shape::{Field, Shape, TEXT, field, text};
use super::{Ask, Reply};

const ROLES: &[Field] = &[field("roles", Shape::List { of: &text(1, 64), most: 1000 }).required()];

const SOURCE: Shape = Shape::Object(&[
    field("source_type", Shape::OneOf(&["DIRECT", "ROLE"])).required(),
    field("source_id", TEXT).required(),
    field("source_name", TEXT).required(),
]);

const PERMISSION: Shape = Shape::Object(&[
    field(OF_API, TEXT).required(),
    field("permission_name", TEXT).required(),
    field("resource_server_name", TEXT).required(),
    field("description", TEXT),
    field("sources", Shape::List { of: &SOURCE, most: 100 }).required(),
]);

/// The member that tells of which API a permission is, and the parameter that picks one.
const OF_API: &str = "resource_server_identifier";

/// A role as it takes effect; people have theirs directly, since there are no groups of people.
const EFFECTIVE_ROLE: Shape = Shape::Object(&[
    field("id", TEXT).required(),
    field("name", TEXT).required(),
    field("description", TEXT).required(),
    field("sources", Shape::List { of: &Shape::OneOf(&["direct"]), most: 1 }).required(),
]);

/// A permission as it takes effect.
const EFFECTIVE_PERMISSION: Shape = Shape::Object(&[
    field(OF_API, TEXT).required(),
    field("permission_name", TEXT).required(),
    field("resource_server_name", TEXT).required(),
    field("description", TEXT),
    field("sources", Shape::List { of: &Shape::OneOf(&["direct", "roles"]), most: 2 }).required(),
]);

pub(super) const OPERATIONS: &[Operation] = &[
    get("users/{id}/roles", &["read:users"], "The roles of a user", |ask| Box::pin(roles(ask)))
        .also(&["read:roles"])
        .pages("roles", &ROLE),
    post("users/{id}/roles", &["update:users"], "Give a user roles", |ask| Box::pin(give(ask)))
        .also(&["create:role_members"])
        .creates(ROLES)
        .answers_nothing(204),
    removes("users/{id}/roles", &["update:users"], "Take roles from a user", |ask| {
        Box::pin(take(ask))
    })
    .also(&["delete:role_members"])
    .creates(ROLES),
    get("users/{id}/effective-roles", &["read:users"], "The roles that count", |ask| {
        Box::pin(effective_roles(ask))
    })
    .also(&["read:roles"])
    .pages("roles", &EFFECTIVE_ROLE),
    get("users/{id}/permissions", &["read:users"], "What a user may do", |ask| {
        Box::pin(permissions(ask))
    })
    .pages("permissions", &PERMISSION),
    get("users/{id}/effective-permissions", &["read:users"], "What a user may do", |ask| {
        Box::pin(effective_permissions(ask))
    })
    .query(&[(OF_API, text(0, 600))])
    .pages("permissions", &EFFECTIVE_PERMISSION),
    post("users/{id}/permissions", &["update:users"], "Let a user do more", |ask| {
        Box::pin(permit(ask))
    })
    .creates(PERMISSIONS)
    .answers(201, &Shape::Object(&[])),
    removes("users/{id}/permissions", &["update:users"], "Let a user do less", |ask| {
        Box::pin(forbid(ask))
    })
    .creates(PERMISSIONS),
];

async fn roles(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let roles = roles_of_user(ask.app, ask.call, ask.id()).await?;
    page(&ask.query, "roles", roles.iter().map(wire).collect(), "id").map(Reply::ok)
}

async fn effective_roles(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let roles = roles_of_user(ask.app, ask.call, ask.id()).await?;
    let wire = |role: &Role| {
        json!({
            "id": role.id.as_str(),
            "name": role.name,
            "description": role.description.as_deref().unwrap_or_default(),
            "sources": ["direct"],
        })
    };
    page(&ask.query, "roles", roles.iter().map(wire).collect(), "id").map(Reply::ok)
}

async fn give(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (id, roles) = (ask.id().to_owned(), ids(&mut ask)?);
    add_to_user(ask.app, ask.call, &ask.operator, &id, &roles, ask.shown).await?;
    Ok(Reply::gone())
}

async fn take(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (id, roles) = (ask.id().to_owned(), ids(&mut ask)?);
    remove_from_user(ask.app, ask.call, &ask.operator, &id, &roles, ask.shown).await?;
    Ok(Reply::gone())
}

fn ids(ask: &mut Ask<'_>) -> Result<Vec<String>, ManageError> {
    Ok(ask.members().get("roles")?.value().unwrap_or_default())
}

async fn permissions(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let granted = permissions_of_user(ask.app, ask.call, ask.id()).await?;
    let all = gathered(ask.call, &granted, |from| from.iter().map(source).collect());
    page_by(&ask.query, "permissions", all).map(Reply::ok)
}

async fn effective_permissions(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let granted = permissions_of_user(ask.app, ask.call, ask.id()).await?;
    let mut all = gathered(ask.call, &granted, |from| kinds_of_sources(from).into());
    if let Some(api) = ask.query.last(OF_API) {
        all.retain(|(_, permission)| permission[OF_API] == api);
    }
    page_by(&ask.query, "permissions", all).map(Reply::ok)
}

/// Each permission once, with what `sources` tells of the places it comes from. Those of one
/// permission stand together.
fn gathered(
    call: &Call,
    granted: &[Granted],
    sources: impl Fn(&[Granted]) -> Value,
) -> Vec<(String, Value)> {
    let same = |one: &Granted, other: &Granted| one.permission == other.permission;
    let each = granted.chunk_by(same).filter_map(|chunk| {
        let (key, mut body) = wire_permission(call, &chunk.first()?.permission)?;
        body["sources"] = sources(chunk);
        Some((key, body))
    });
    each.collect()
}

fn source(granted: &Granted) -> Value {
    match &granted.role {
        None => json!({ "source_type": "DIRECT", "source_id": "", "source_name": "" }),
        Some((id, name)) => {
            json!({ "source_type": "ROLE", "source_id": id.as_str(), "source_name": name })
        }
    }
}

fn kinds_of_sources(from: &[Granted]) -> Vec<&'static str> {
    let direct = from.iter().any(|one| one.role.is_none()).then_some("direct");
    let roles = from.iter().any(|one| one.role.is_some()).then_some("roles");
    direct.into_iter().chain(roles).collect()
}

async fn permit(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (id, named) = (ask.id().to_owned(), named(&mut ask.members())?);
    permit_user(ask.app, ask.call, &ask.operator, &id, &named, ask.shown).await?;
    Ok(Reply::new(StatusCode::CREATED, json!({})))
}

async fn forbid(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (id, named) = (ask.id().to_owned(), named(&mut ask.members())?);
    unpermit_user(ask.app, ask.call, &ask.operator, &id, &named, ask.shown).await?;
    Ok(Reply::gone())
}
