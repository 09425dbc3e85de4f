//! What is under `/organizations/{id}`: members, connections, and what no organization has here.

use housekey_core::Call;
use housekey_core::id::{ConnectionId, UserId};
use housekey_core::manage::ManageError;
use housekey_core::manage::organizations::{
    self, add_members, find, members, remove_members, update,
};
use housekey_core::organization::{EnabledConnection, Organization};
use http::StatusCode;
use serde_json::{Value, json};

use super::super::body::{Members, Sent};
use super::super::operation::{Operation, delete as removes, get, patch, post};
use super::super::page::{Paging, page};
use super::super::shape::{ANY_OBJECT, Field, Shape, TEXT, field, text};
use super::super::users::{MEMBER, wire_member};
use super::super::{Ask, Reply};

const CONNECTION: &[Field] = &[field("name", TEXT).required(), field("strategy", TEXT).required()];
/// A connection of an organization.
pub(super) const ENABLED: &[Field] = &[
    field("connection_id", text(1, 64)).create_only().required(),
    field("assign_membership_on_login", Shape::Flag),
    field("show_as_button", Shape::Flag),
    field("is_signup_enabled", Shape::Flag),
    field("connection", Shape::Object(CONNECTION)).read_only(),
];
const CONNECTIONS: &[&str] = &["read:organization_connections"];
const MEMBERS: &[Field] =
    &[field("members", Shape::List { of: &text(1, 300), most: 100 }).required()];

/// The operation of an empty list of an organization's.
macro_rules! none {
    ($path:literal, $key:literal, $scope:literal) => {
        get($path, &[$scope], "There are none", |ask| {
            Box::pin(async move {
                find(ask.app, ask.call, ask.id()).await?;
                page(&ask.query, $key, Vec::new(), "id").map(Reply::ok)
            })
        })
        .pages($key, &ANY_OBJECT)
    };
}

pub(in crate::manage) const OPERATIONS: &[Operation] = &[
    get("organizations/{id}/members", &["read:organization_members"], "Members", |ask| {
        Box::pin(list_members(ask))
    })
    .pages("members", &MEMBER),
    post("organizations/{id}/members", &["create:organization_members"], "Add members", |ask| {
        Box::pin(add(ask))
    })
    .creates(MEMBERS),
    removes(
        "organizations/{id}/members",
        &["delete:organization_members"],
        "Remove members",
        |ask| Box::pin(remove(ask)),
    )
    .creates(MEMBERS),
    none!("organizations/{id}/members/{user_id}/roles", "roles", "read:organization_member_roles"),
    none!("organizations/{id}/invitations", "invitations", "read:organization_invitations"),
    none!("organizations/{id}/client-grants", "client_grants", "read:organization_client_grants"),
    none!(
        "organizations/{id}/discovery-domains",
        "discovery_domains",
        "read:organization_discovery_domains"
    ),
    get(
        "organizations/{id}/enabled_connections",
        CONNECTIONS,
        "Connections of an organization",
        |ask| Box::pin(connections(ask)),
    )
    .pages("enabled_connections", &Shape::Object(ENABLED)),
    post(
        "organizations/{id}/enabled_connections",
        &["create:organization_connections"],
        "Add a connection to an organization",
        |ask| Box::pin(enable(ask)),
    )
    .creates(ENABLED)
    .answers(201, &Shape::Object(ENABLED)),
    get(
        "organizations/{id}/enabled_connections/{connection_id}",
        CONNECTIONS,
        "One connection of an organization",
        |ask| Box::pin(connection(ask)),
    )
    .answers(200, &Shape::Object(ENABLED)),
    patch(
        "organizations/{id}/enabled_connections/{connection_id}",
        &["update:organization_connections"],
        "Change a connection of an organization",
        |ask| Box::pin(change(ask)),
    )
    .changes(ENABLED)
    .answers(200, &Shape::Object(ENABLED)),
    removes(
        "organizations/{id}/enabled_connections/{connection_id}",
        &["delete:organization_connections"],
        "Take a connection from an organization",
        |ask| Box::pin(disable(ask)),
    ),
];

async fn list_members(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let paging = Paging::of(&ask.query)?;
    let listed = members(ask.app, ask.call, ask.id(), paging.part()).await?;
    Ok(Reply::ok(paging.answer("members", listed.map(|record| wire_member(&record)))))
}

fn users(body: &mut Members) -> Result<Vec<UserId>, ManageError> {
    Ok(body.get("members")?.value().unwrap_or_default())
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (users, shown) = (users(&mut ask.members())?, ask.shown.take());
    add_members(ask.app, ask.call, &ask.operator, ask.id(), &users, shown).await?;
    Ok(Reply::gone())
}

async fn remove(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (users, shown) = (users(&mut ask.members())?, ask.shown.take());
    remove_members(ask.app, ask.call, &ask.operator, ask.id(), &users, shown).await?;
    Ok(Reply::gone())
}

async fn connections(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let organization = find(ask.app, ask.call, ask.id()).await?;
    let all = organization.settings.enabled_connections.iter();
    let shown = all.map(|own| enabled(ask.call, own)).collect();
    page(&ask.query, "enabled_connections", shown, "connection_id").map(Reply::ok)
}

async fn connection(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let organization = find(ask.app, ask.call, ask.id()).await?;
    let found = organizations::enabled(&organization, ask.second_id())?;
    Ok(Reply::ok(enabled(ask.call, found)))
}

async fn enable(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let new = read_enabled(ask.members())?;
    let shown = ask.shown.take();
    let added = new.clone();
    let add = |organization: &mut Organization| {
        organization.settings.enabled_connections.push(added);
        Ok(())
    };
    update(ask.app, ask.call, &ask.operator, ask.id(), add, ("POST", shown)).await?;
    Ok(Reply::new(StatusCode::CREATED, enabled(ask.call, &new)))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (body, shown) = (ask.members(), ask.shown.take());
    let id = ask.second_id().to_owned();
    let change = |organization: &mut Organization| {
        organizations::enabled(organization, &id)?;
        let all = organization.settings.enabled_connections.iter_mut();
        let mut same = all.filter(|own| own.connection_id.as_str() == id);
        same.next().map_or(Ok(()), |own| apply(body, own))
    };
    let changed =
        update(ask.app, ask.call, &ask.operator, ask.id(), change, ("PATCH", shown)).await?;
    Ok(Reply::ok(enabled(ask.call, organizations::enabled(&changed, &id)?)))
}

async fn disable(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let id = ask.second_id();
    let remove = |organization: &mut Organization| {
        organizations::enabled(organization, id)?;
        organization.settings.enabled_connections.retain(|own| own.connection_id.as_str() != id);
        Ok(())
    };
    let done = ("DELETE", Value::Null);
    update(ask.app, ask.call, &ask.operator, ask.id(), remove, done).await?;
    Ok(Reply::gone())
}

/// A connection that is to be an organization's.
pub(super) fn read_enabled(mut body: Members) -> Result<EnabledConnection, ManageError> {
    let connection_id = ConnectionId::from_raw(body.text("connection_id")?);
    let mut enabled = EnabledConnection::new(connection_id);
    apply(body, &mut enabled)?;
    Ok(enabled)
}

fn apply(mut body: Members, enabled: &mut EnabledConnection) -> Result<(), ManageError> {
    // Tools send back what they read.
    let _: Sent<Value> = body.get("connection")?;
    let assign = &mut enabled.assign_membership_on_login;
    body.set("assign_membership_on_login", assign, false)?;
    body.set("show_as_button", &mut enabled.show_as_button, true)?;
    body.set("is_signup_enabled", &mut enabled.is_signup_enabled, false)
}

/// A connection of an organization as it is told.
pub(super) fn enabled(call: &Call, enabled: &EnabledConnection) -> Value {
    let mut body = json!(enabled);
    if let Some(connection) = call.tenant.connection(&enabled.connection_id) {
        let strategy = json!(connection.options.strategy);
        body["connection"] = json!({ "name": connection.name, "strategy": strategy });
    }
    body
}
