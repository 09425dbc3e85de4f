//! `/clients` (contract 05 §7): applications.

mod apply;
mod credentials;
mod fields;
mod wire;

pub(super) use self::credentials::OPERATIONS as CREDENTIALS_OPERATIONS;

use housekey_core::client::{ClientSettings, GrantType};
use housekey_core::manage::ManageError;
use housekey_core::manage::clients::{create, delete, find, list, rotate_secret, update};
use http::StatusCode;
use serde_json::Value;

use self::apply::{apply, unset_refresh_token};
use self::fields::FIELDS;
use self::wire::{Secrets, wire};
use super::body::refused;
use super::operation::{Operation, delete as removes, get, patch, post};
use super::page::{Fields, page};
use super::shape::{Shape, text};
use super::{Ask, Reply};

const CLIENT: Shape = Shape::Object(FIELDS);

const READ: &[&str] = &["read:clients", "read:client_keys", "read:client_summary"];

pub(super) const OPERATIONS: &[Operation] = &[
    get("clients", READ, "Applications", |ask| Box::pin(async move { all(&ask) }))
        .query(&[
            ("is_global", Shape::Flag),
            ("is_first_party", Shape::Flag),
            ("app_type", text(0, 500)),
        ])
        .pages("clients", &CLIENT),
    post("clients", &["create:clients"], "Register an application", |ask| Box::pin(add(ask)))
        .creates(FIELDS)
        .answers(201, &CLIENT),
    get("clients/{id}", READ, "One application", |ask| Box::pin(async move { one(&ask) }))
        .answers(200, &CLIENT),
    patch(
        "clients/{id}",
        &["update:clients", "update:client_keys"],
        "Change an application",
        |ask| Box::pin(change(ask)),
    )
    .changes(FIELDS)
    .answers(200, &CLIENT),
    removes("clients/{id}", &["delete:clients"], "Remove an application", |ask| {
        Box::pin(remove(ask))
    }),
    post(
        "clients/{id}/rotate-secret",
        &["update:client_keys"],
        "Give an application another secret",
        |ask| Box::pin(rotate(ask)),
    )
    .answers(200, &CLIENT),
];

/// What an application is that nobody said anything about.
fn fresh() -> ClientSettings {
    ClientSettings {
        grant_types: vec![
            GrantType::AuthorizationCode,
            GrantType::Implicit,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
        ],
        refresh_token: unset_refresh_token(false),
        ..ClientSettings::default()
    }
}

impl Secrets {
    /// What the operator may see.
    fn of(ask: &Ask<'_>) -> Self {
        if ask.operator.may("read:client_keys") {
            Self::Shown
        } else if ask.operator.may("read:clients") {
            Self::Hidden
        } else {
            Self::Summary
        }
    }
}

fn all(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let query = &ask.query;
    let flag =
        |name, value: bool| query.last(name).is_none_or(|wanted| wanted == value.to_string());
    let wanted_type = query.last("app_type");
    let matches = |client: &Value| {
        flag("is_global", client["global"] == true)
            && flag("is_first_party", client["is_first_party"] != false)
            && wanted_type.is_none_or(|wanted| {
                wanted.split(',').any(|kind| client["app_type"].as_str() == Some(kind))
            })
    };
    let mut shown = Vec::new();
    for client in list(ask.call) {
        // What is filtered by is seen whole; what is shown is what the operator may see.
        if matches(&wire(ask.app, ask.call, client, Secrets::Hidden)?) {
            let mut client = wire(ask.app, ask.call, client, Secrets::of(ask))?;
            // Exports are made of lists, and are about what was set, not when.
            for name in ["created_at", "updated_at"] {
                client.as_object_mut().and_then(|client| client.remove(name));
            }
            shown.push(client);
        }
    }
    page(query, "clients", shown, "client_id").map(Reply::ok)
}

fn one(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let client = wire(ask.app, ask.call, find(ask.call, ask.id())?, Secrets::of(ask))?;
    Ok(Reply::ok(Fields::of(&ask.query).of_item(&client)))
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let mut settings = fresh();
    // The lifetimes of refresh tokens depend on how the application authenticates.
    let method = body.clone().get("token_endpoint_auth_method")?.value();
    settings.token_endpoint_auth_method = method;
    let has_secret = method.is_some() && !settings.is_public();
    settings.refresh_token = unset_refresh_token(has_secret);
    let name = body.text("name")?;
    if name.contains(['<', '>']) {
        return Err(refused("String does not match pattern ^[^<>]+$", "name"));
    }
    settings.name = name;
    let secret = apply(body, &mut settings)?;
    let client = create(ask.app, ask.call, &ask.operator, settings, secret, ask.shown).await?;
    Ok(Reply::new(StatusCode::CREATED, wire(ask.app, ask.call, &client, Secrets::Shown)?))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let body = ask.members();
    let (id, shown) = (ask.id().to_owned(), ask.shown.take());
    let change = |settings: &mut ClientSettings| apply(body, settings);
    let client = update(ask.app, ask.call, &ask.operator, &id, change, shown).await?;
    Ok(Reply::ok(wire(ask.app, ask.call, &client, Secrets::of(&ask))?))
}

async fn rotate(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let client = rotate_secret(ask.app, ask.call, &ask.operator, ask.id()).await?;
    Ok(Reply::ok(wire(ask.app, ask.call, &client, Secrets::Shown)?))
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete(ask.app, ask.call, &ask.operator, ask.id()).await?;
    Ok(Reply::gone())
}
