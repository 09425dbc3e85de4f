//! `/roles` (contract 05 §10).

use housekey_core::Call;
use housekey_core::manage::ManageError;
use housekey_core::manage::roles::{
    Named, add_permissions, add_users, create, delete, find, list as all, permissions_of,
    remove_permissions, update, users_with,
};
use housekey_core::role::{Permission, Role};
use http::StatusCode;
use serde_json::{Value, json};

use super::body::{Members, Sent};
use super::operation::{Operation, delete as removes, get, patch, post};
use super::page::{Fields, Paging, page, page_by};
use super::shape::{Field, Shape, TEXT, field, text};
use super::{Ask, Reply, users};

const TYPE: Shape = Shape::OneOf(&["tenant", "organization"]);

const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("name", text(1, 255)).required(),
    field("description", text(0, 1000)),
    field("type", TYPE).kept(),
    field("owner_id", text(0, 255)).kept(),
];
pub(super) const ROLE: Shape = Shape::Object(FIELDS);

const NAMED: &[Field] = &[
    field("resource_server_identifier", text(1, 600)).required(),
    field("permission_name", text(1, 280)).required(),
];
/// What adds and removes permissions.
pub(super) const PERMISSIONS: &[Field] =
    &[field("permissions", Shape::List { of: &Shape::Object(NAMED), most: 1000 }).required()];

const PERMISSION: Shape = Shape::Object(&[
    field("resource_server_identifier", TEXT).required(),
    field("permission_name", TEXT).required(),
    field("resource_server_name", TEXT).required(),
    field("description", TEXT),
]);

const USERS: &[Field] = &[field("users", Shape::List { of: &text(1, 300), most: 1000 }).required()];

pub(super) const OPERATIONS: &[Operation] = &[
    get("roles", &["read:roles"], "Roles", |ask| Box::pin(list(ask)))
        .query(&[("name_filter", text(0, 255)), ("type", TYPE), ("owner_id", text(0, 255))])
        .pages("roles", &ROLE),
    post("roles", &["create:roles"], "Add a role", |ask| Box::pin(add(ask)))
        .creates(FIELDS)
        .answers(200, &ROLE),
    get("roles/{id}", &["read:roles"], "One role", |ask| Box::pin(one(ask))).answers(200, &ROLE),
    patch("roles/{id}", &["update:roles"], "Change a role", |ask| Box::pin(change(ask)))
        .changes(FIELDS)
        .answers(200, &ROLE),
    removes("roles/{id}", &["delete:roles"], "Remove a role", |ask| Box::pin(remove(ask)))
        .answers(200, &Shape::Object(&[])),
    get("roles/{id}/permissions", &["read:roles"], "What a role permits", |ask| {
        Box::pin(permissions(ask))
    })
    .pages("permissions", &PERMISSION),
    post("roles/{id}/permissions", &["update:roles"], "Let a role permit more", |ask| {
        Box::pin(permit(ask))
    })
    .creates(PERMISSIONS)
    .answers(201, &Shape::Object(&[])),
    removes("roles/{id}/permissions", &["update:roles"], "Let a role permit less", |ask| {
        Box::pin(forbid(ask))
    })
    .creates(PERMISSIONS),
    get("roles/{id}/users", &["read:role_members"], "Who has a role", |ask| Box::pin(members(ask)))
        .pages("users", &users::MEMBER),
    post("roles/{id}/users", &["create:role_members"], "Give a role to users", |ask| {
        Box::pin(add_members(ask))
    })
    .creates(USERS)
    .answers(200, &Shape::Object(&[])),
];

async fn list(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let part = ask.query.last("name_filter").unwrap_or_default().to_lowercase();
    let is_wanted = |role: &Role| {
        let kept = |name: &str| role.kept.get(name).and_then(Value::as_str);
        role.name.to_lowercase().contains(&part)
            && ask
                .query
                .last("type")
                .is_none_or(|wanted| kept("type").unwrap_or("tenant") == wanted)
            && ask.query.last("owner_id").is_none_or(|wanted| kept("owner_id") == Some(wanted))
    };
    let roles = all(ask.app, ask.call).await?;
    let roles = roles.iter().filter(|role| is_wanted(role)).map(wire).collect();
    page(&ask.query, "roles", roles, "id").map(Reply::ok)
}

async fn one(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let role = wire(&find(ask.app, ask.call, ask.id()).await?);
    Ok(Reply::ok(Fields::of(&ask.query).of_item(&role)))
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let name = body.text("name")?;
    let apply = |role: &mut Role| apply(body, role);
    let role = create(ask.app, ask.call, &ask.operator, name, apply, ask.shown).await?;
    Ok(Reply::ok(wire(&role)))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (id, body) = (ask.id().to_owned(), ask.members());
    let apply = |role: &mut Role| apply(body, role);
    let role = update(ask.app, ask.call, &ask.operator, &id, apply, ask.shown).await?;
    Ok(Reply::ok(wire(&role)))
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete(ask.app, ask.call, &ask.operator, ask.id()).await?;
    Ok(Reply::ok(json!({})))
}

fn apply(mut body: Members, role: &mut Role) -> Result<(), ManageError> {
    if let Sent::Value(name) = body.get("name")? {
        role.name = name;
    }
    body.get::<String>("description")?.map(Some).set(&mut role.description, None);
    body.keep(FIELDS, &mut role.kept);
    Ok(())
}

async fn permissions(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let permissions = permissions_of(ask.app, ask.call, ask.id()).await?;
    let wired = permissions.iter().filter_map(|permission| wire_permission(ask.call, permission));
    page_by(&ask.query, "permissions", wired.collect()).map(Reply::ok)
}

async fn permit(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (id, named) = (ask.id().to_owned(), named(&mut ask.members())?);
    add_permissions(ask.app, ask.call, &ask.operator, &id, &named, ask.shown).await?;
    Ok(Reply::new(StatusCode::CREATED, json!({})))
}

async fn forbid(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (id, named) = (ask.id().to_owned(), named(&mut ask.members())?);
    remove_permissions(ask.app, ask.call, &ask.operator, &id, &named, ask.shown).await?;
    Ok(Reply::gone())
}

async fn members(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let paging = Paging::of(&ask.query)?;
    let listed = users_with(ask.app, ask.call, ask.id(), paging.part()).await?;
    Ok(Reply::ok(paging.answer("users", listed.map(|record| users::wire_member(&record)))))
}

async fn add_members(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let id = ask.id().to_owned();
    let users: Vec<String> = ask.members().get("users")?.value().unwrap_or_default();
    add_users(ask.app, ask.call, &ask.operator, &id, &users, ask.shown).await?;
    Ok(Reply::ok(json!({})))
}

/// The permissions a body names.
pub(super) fn named(body: &mut Members) -> Result<Vec<Named>, ManageError> {
    let sent: Vec<Value> = body.get("permissions")?.value().unwrap_or_default();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let named = sent.iter().map(|item| Named {
        resource_server_identifier: text(item, "resource_server_identifier"),
        permission_name: text(item, "permission_name"),
    });
    Ok(named.collect())
}

pub(super) fn wire(role: &Role) -> Value {
    let mut body = Value::Object(role.kept.clone());
    body["id"] = role.id.as_str().into();
    body["name"] = role.name.as_str().into();
    if let Some(description) = &role.description {
        body["description"] = description.as_str().into();
    }
    body
}

/// A permission with a key that tells it from others; none if its API was removed a moment ago.
pub(super) fn wire_permission(call: &Call, permission: &Permission) -> Option<(String, Value)> {
    let api = call.tenant.resource_server(&permission.resource_server_id)?;
    let canonical = call.canonical_issuer();
    let mut body = json!({
        "resource_server_identifier": api.audience(&canonical, &canonical),
        "resource_server_name": api.settings.name,
        "permission_name": permission.scope,
    });
    let scope = api.settings.scopes.iter().find(|scope| scope.value == permission.scope);
    if let Some(scope) = scope.filter(|scope| !scope.description.is_empty()) {
        body["description"] = scope.description.as_str().into();
    }
    Some((format!("{} {}", api.id, permission.scope), body))
}
