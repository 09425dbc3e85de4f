//! `/organizations` (contract 05 §19). They are kept with their members and connections; signing in
//! to one is not built.

mod parts;

use std::collections::BTreeMap;

use housekey_core::manage::ManageError;
use housekey_core::manage::organizations::{create, delete, find, list, named, update};
use housekey_core::organization::{EnabledConnection, Organization};
use http::StatusCode;
use serde_json::{Map, Value, json};

use self::parts::{ENABLED, enabled, read_enabled};
use super::body::{Members, Sent, extend, merged, optional, refused};
use super::operation::{Operation, Running, delete as removes, get, patch, post};
use super::page::{Fields, Paging};
use super::shape::{ANY_OBJECT, Field, Shape, TEXT, field, text};
use super::{Ask, Reply};

pub(super) use self::parts::OPERATIONS as PARTS;

const COLORS: &[Field] =
    &[field("primary", text(1, 100)).required(), field("page_background", text(1, 100)).required()];
const BRANDING: &[Field] = &[field("logo_url", Shape::Uri), field("colors", Shape::Object(COLORS))];
const NOTES: Shape = Shape::Map { of: &Shape::Text { least: 0, most: 255 }, most: 25 };

const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("name", text(1, 50)).required(),
    field("display_name", text(1, 255)),
    field("branding", Shape::Object(BRANDING)).kept(),
    field("metadata", NOTES),
    field("enabled_connections", Shape::List { of: &Shape::Object(ENABLED), most: 10 })
        .create_only(),
    field("token_quota", ANY_OBJECT).kept(),
];
const ORGANIZATION: Shape = Shape::Object(FIELDS);
const READ: &[&str] = &["read:organizations", "read:organizations_summary"];

pub(super) const OPERATIONS: &[Operation] = &[
    get("organizations", READ, "Organizations", |ask| Box::pin(all(ask)))
        .pages("organizations", &ORGANIZATION),
    post("organizations", &["create:organizations"], "Add an organization", |ask| {
        Box::pin(add(ask))
    })
    .creates(FIELDS)
    .answers(201, &ORGANIZATION),
    get("organizations/name/{name}", &["read:organizations"], "An organization by name", of_name)
        .answers(200, &ORGANIZATION),
    get("organizations/{id}", &["read:organizations"], "One organization", |ask| {
        Box::pin(one(ask))
    })
    .answers(200, &ORGANIZATION),
    patch("organizations/{id}", &["update:organizations"], "Change an organization", |ask| {
        Box::pin(change(ask))
    })
    .changes(FIELDS)
    .answers(200, &ORGANIZATION),
    removes("organizations/{id}", &["delete:organizations"], "Remove an organization", |ask| {
        Box::pin(async move {
            delete(ask.app, ask.call, &ask.operator, ask.id()).await?;
            Ok(Reply::gone())
        })
    }),
];

async fn all(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let paging = Paging::of(&ask.query)?;
    let listed = list(ask.app, ask.call, paging.part()).await?;
    Ok(Reply::ok(paging.answer("organizations", listed.map(|own| wire(&own)))))
}

async fn one(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let organization = wire(&find(ask.app, ask.call, ask.id()).await?);
    Ok(Reply::ok(Fields::of(&ask.query).of_item(&organization)))
}

fn of_name(ask: Ask<'_>) -> Running<'_> {
    Box::pin(async move { Ok(Reply::ok(wire(&named(ask.app, ask.call, ask.id()).await?))) })
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let name = body.text("name")?;
    let connections: Vec<Map<String, Value>> =
        body.get("enabled_connections")?.value().unwrap_or_default();
    let apply = |organization: &mut Organization| {
        let connections: Result<Vec<EnabledConnection>, _> =
            connections.into_iter().map(|own| read_enabled(Members::new(own))).collect();
        organization.settings.enabled_connections = connections?;
        apply(body, organization)
    };
    let (app, call, shown) = (ask.app, ask.call, ask.shown.take());
    let made = create(app, call, &ask.operator, name, apply, shown).await?;
    let mut body = wire(&made);
    let connections = &made.settings.enabled_connections;
    if !connections.is_empty() {
        body["enabled_connections"] = connections.iter().map(|own| enabled(call, own)).collect();
    }
    Ok(Reply::new(StatusCode::CREATED, body))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (mut body, shown) = (ask.members(), ask.shown.take());
    let apply = |organization: &mut Organization| {
        if let Sent::Value(name) = body.get("name")? {
            organization.name = name;
        }
        apply(body, organization)
    };
    let (app, call) = (ask.app, ask.call);
    let changed = update(app, call, &ask.operator, ask.id(), apply, ("PATCH", shown)).await?;
    Ok(Reply::ok(wire(&changed)))
}

fn apply(mut body: Members, organization: &mut Organization) -> Result<(), ManageError> {
    body.set_some("display_name", &mut organization.display_name)?;
    let settings = &mut organization.settings;
    match body.get("metadata")? {
        Sent::Nothing => {}
        Sent::Null => settings.metadata.clear(),
        Sent::Value(sent) => {
            let stored = json!(settings.metadata).as_object().cloned().unwrap_or_default();
            let all: BTreeMap<String, String> =
                serde_json::from_value(Value::Object(merged(stored, sent)))
                    .map_err(|error| refused(&error.to_string(), "metadata"))?;
            if all.len() > 25 {
                return Err(refused("Expected at most 25 properties", "metadata"));
            }
            settings.metadata = all;
        }
    }
    body.keep(FIELDS, &mut settings.kept);
    Ok(())
}

fn wire(organization: &Organization) -> Value {
    let settings = &organization.settings;
    let mut body = Value::Object(settings.kept.clone());
    extend(&mut body, json!({ "id": organization.id.as_str(), "name": organization.name }));
    optional(&mut body, "display_name", organization.display_name.as_ref());
    if !settings.metadata.is_empty() {
        body["metadata"] = json!(settings.metadata);
    }
    body
}
