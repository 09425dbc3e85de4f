//! Which applications may use which connections.

use housekey_core::id::ClientId;
use housekey_core::manage::ManageError;
use housekey_core::manage::connections::{clients_of, enable_clients, find};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::body::refused;
use super::super::operation::{Operation, get, patch};
use super::super::page::page;
use super::super::shape::{Field, Shape, TEXT, field, text};
use super::super::{Ask, Reply};
use super::{CONNECTION, READ, wire};

const CLIENT: &[Field] = &[field("client_id", TEXT).required()];
const SWITCH: &[Field] =
    &[field("client_id", text(1, 64)).required(), field("status", Shape::Flag).required()];

pub(crate) const OPERATIONS: &[Operation] = &[
    get("connections/{id}/clients", READ, "The applications that may use a connection", |ask| {
        Box::pin(async move { clients(&ask) })
    })
    .pages("clients", &Shape::Object(CLIENT)),
    patch(
        "connections/{id}/clients",
        &["update:connections"],
        "Let applications use a connection, or no longer",
        |ask| Box::pin(switch(ask)),
    )
    .takes(&Shape::List { of: &Shape::Object(SWITCH), most: 50 }),
    get("clients/{id}/connections", READ, "The connections an application may use", |ask| {
        Box::pin(async move { connections(&ask) })
    })
    .query(&[("strategy", text(0, 64))])
    .pages("connections", &CONNECTION),
];

#[derive(Deserialize)]
struct Switch {
    client_id: ClientId,
    status: bool,
}

fn clients(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let connection = find(ask.call, ask.id())?;
    let clients = clients_of(ask.call, connection).into_iter();
    let clients = clients.map(|id| json!({ "client_id": id })).collect();
    page(&ask.query, "clients", clients, "client_id").map(Reply::ok)
}

fn connections(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let client = &housekey_core::manage::clients::find(ask.call, ask.id())?.id;
    let strategies = ask.query.all("strategy");
    let mut shown = Vec::new();
    for connection in ask.call.tenant.connections().filter(|own| own.enables(client)) {
        let connection = wire(ask.app, ask.call, connection)?;
        let is_wanted = |name: &String| connection["strategy"].as_str() == Some(name);
        if strategies.is_empty() || strategies.iter().any(is_wanted) {
            shown.push(connection);
        }
    }
    page(&ask.query, "connections", shown, "id").map(Reply::ok)
}

async fn switch(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let sent: Value = ask.sent.take();
    let switches: Vec<Switch> =
        serde_json::from_value(sent).map_err(|error| refused(&error.to_string(), ""))?;
    if switches.is_empty() {
        return Err(refused("Array is too short (0), minimum 1", ""));
    }
    let changes: Vec<_> =
        switches.into_iter().map(|switch| (switch.client_id, switch.status)).collect();
    let (id, shown) = (ask.id().to_owned(), ask.shown.take());
    enable_clients(ask.app, ask.call, &ask.operator, &id, &changes, shown).await?;
    Ok(Reply::gone())
}
