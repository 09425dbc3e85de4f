//! `/connections` (contract 05 §8): where users come from.

mod clients;
mod fields;

use housekey_core::connection::{Connection, Strategy};
use housekey_core::error::Fault;
use housekey_core::id::{ClientId, ConnectionId};
use housekey_core::manage::clients::find as find_client;
use housekey_core::manage::connections::{
    clients_of, create, delete, find, options_of, set_clients, set_options, update,
};
use housekey_core::manage::users::delete_by_email;
use housekey_core::manage::{ManageError, Thing};
use housekey_core::{App, Call};
use http::StatusCode;
use serde_json::{Map, Value, json};

use self::fields::{DATABASE_OPTIONS, FIELDS};
use super::body::{Members, Sent, extend, merged, optional, refused};
use super::operation::{Operation, delete as removes, get, patch, post};
use super::page::{Fields, page};
use super::shape::{Field, INSTANT, Mode, Shape, check_fields, field, text};
use super::{Ask, Reply};

pub(super) use self::clients::OPERATIONS as CLIENTS_OPERATIONS;

const CONNECTION: Shape = Shape::Object(FIELDS);
const READ: &[&str] = &["read:connections"];
const GONE: &[Field] = &[field("deleted_at", INSTANT).required()];

pub(super) const OPERATIONS: &[Operation] = &[
    get("connections", READ, "Connections", |ask| Box::pin(async move { list(&ask) }))
        .query(&[("strategy", text(0, 64)), ("name", text(0, 128))])
        .pages("connections", &CONNECTION),
    post("connections", &["create:connections"], "Add a connection", |ask| Box::pin(add(ask)))
        .creates(FIELDS)
        .answers(201, &CONNECTION),
    get("connections/{id}", READ, "One connection", |ask| Box::pin(async move { one(&ask) }))
        .answers(200, &CONNECTION),
    patch(
        "connections/{id}",
        &["update:connections", "update:connections_options"],
        "Change a connection",
        |ask| Box::pin(change(ask)),
    )
    .changes(FIELDS)
    .answers(200, &CONNECTION),
    removes(
        "connections/{id}",
        &["delete:connections"],
        "Remove a connection and its people",
        |ask| Box::pin(remove(ask)),
    )
    .answers(202, &Shape::Object(GONE)),
    get("connections/{id}/status", READ, "Whether people can sign in through it", |ask| {
        Box::pin(async move { status(&ask) })
    })
    .answers_nothing(200),
    removes(
        "connections/{id}/users",
        &["delete:users"],
        "Remove whoever has a mail address in a connection",
        |ask| Box::pin(remove_user(ask)),
    )
    .query(&[("email", text(1, 320))]),
    get("connections/{id}/scim-configuration", READ, "There is none", nothing).answers_nothing(200),
    get("connections/{id}/directory-provisioning", READ, "There is none", nothing)
        .answers_nothing(200),
    get("connections/{id}/keys", READ, "There are none", nothing).answers_nothing(200),
    get("connections-directory-provisionings", READ, "There are none", |ask| {
        Box::pin(
            async move { page(&ask.query, "directory_provisionings", vec![], "id").map(Reply::ok) },
        )
    })
    .pages("directory_provisionings", &Shape::Any),
    get("connections-scim-configurations", READ, "There are none", |ask| {
        Box::pin(
            async move { page(&ask.query, "scim_configurations", vec![], "id").map(Reply::ok) },
        )
    })
    .pages("scim_configurations", &Shape::Any),
];

async fn remove_user(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let missing = || {
        let text = "Query validation error: 'Missing required property: email' on property email.";
        ManageError::InvalidQuery(text.to_owned())
    };
    let email = ask.query.last("email").ok_or_else(missing)?;
    let connection = ConnectionId::from_raw(ask.id());
    delete_by_email(ask.app, ask.call, &ask.operator, &connection, email).await?;
    Ok(Reply::gone())
}

/// What only connections of other strategies would have.
fn nothing(ask: Ask<'_>) -> super::operation::Running<'_> {
    Box::pin(async move {
        find(ask.call, ask.id())?;
        Err(ManageError::NotFound(Thing::Part))
    })
}

fn list(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let (strategies, name) = (ask.query.all("strategy"), ask.query.last("name"));
    let mut shown = Vec::new();
    for connection in ask.call.tenant.connections() {
        let strategy = strategy_name(&connection.options.strategy);
        if (strategies.is_empty() || strategies.iter().any(|wanted| wanted == strategy))
            && name.is_none_or(|name| connection.name == name)
        {
            shown.push(wire(ask.app, ask.call, connection)?);
        }
    }
    page(&ask.query, "connections", shown, "id").map(Reply::ok)
}

fn one(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let connection = wire(ask.app, ask.call, find(ask.call, ask.id())?)?;
    Ok(Reply::ok(Fields::of(&ask.query).of_item(&connection)))
}

fn status(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let connection = find(ask.call, ask.id())?;
    if !connection.is_database() || !connection.options.active {
        return Err(ManageError::NotFound(Thing::Part));
    }
    Ok(Reply::bare(StatusCode::OK))
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let name = body.text("name")?;
    if !is_name(&name) {
        return Err(refused(
            "String does not match pattern ^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$",
            "name",
        ));
    }
    let strategy: Strategy = match body.get("strategy")? {
        Sent::Value(strategy) => strategy,
        Sent::Nothing | Sent::Null => Strategy::Database,
    };
    let (app, call) = (ask.app, ask.call);
    let apply = |connection: &mut Connection| {
        connection.options.strategy = strategy;
        let options = match body.get("options")? {
            Sent::Value(options) => options,
            Sent::Nothing | Sent::Null => Map::new(),
        };
        let options =
            if connection.is_database() { with_create_defaults(options) } else { options };
        apply_options(app, call, connection, options)?;
        apply(call, body, connection)
    };
    let connection = create(app, call, &ask.operator, name, apply, ask.shown).await?;
    Ok(Reply::new(StatusCode::CREATED, wire(app, call, &connection)?))
}

/// What a new database connection has unless told otherwise; one that is changed has not.
fn with_create_defaults(options: Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::from_iter([
        ("mfa".to_owned(), json!({ "active": true, "return_enroll_settings": true })),
        ("strategy_version".to_owned(), 2.into()),
        ("brute_force_protection".to_owned(), true.into()),
    ]);
    if !options.contains_key("password_options") {
        all.insert("passwordPolicy".to_owned(), "good".into());
    }
    all.extend(options);
    all
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let (id, shown) = (ask.id().to_owned(), ask.shown.take());
    let (app, call) = (ask.app, ask.call);
    let change = |connection: &mut Connection| {
        refuse_other(&mut body, "name", &connection.name)?;
        refuse_other(&mut body, "strategy", strategy_name(&connection.options.strategy))?;
        if let Sent::Value(options) = body.get("options")? {
            apply_options(app, call, connection, options)?;
        }
        apply(call, body, connection)
    };
    let connection = update(app, call, &ask.operator, &id, change, shown).await?;
    Ok(Reply::ok(wire(app, call, &connection)?))
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete(ask.app, ask.call, &ask.operator, ask.id()).await?;
    let body = json!({ "deleted_at": ask.call.now.rfc3339() });
    Ok(Reply::new(StatusCode::ACCEPTED, body))
}

/// Tools send back what they read: the same value is no change.
fn refuse_other(body: &mut Members, name: &str, present: &str) -> Result<(), ManageError> {
    match body.get::<String>(name)? {
        Sent::Value(sent) if sent != present => {
            Err(refused(&format!("Additional properties not allowed: {name}"), name))
        }
        _ => Ok(()),
    }
}

/// The options are replaced whole.
fn apply_options(
    app: &App,
    call: &Call,
    connection: &mut Connection,
    options: Map<String, Value>,
) -> Result<(), ManageError> {
    if connection.is_database() {
        check_fields(DATABASE_OPTIONS, &options, Mode::Create, true).map_err(|wrong| {
            ManageError::InvalidBody(wrong.replace("on property ", "on property options."))
        })?;
    }
    set_options(app, call, connection, options)
}

fn apply(call: &Call, mut body: Members, connection: &mut Connection) -> Result<(), ManageError> {
    apply_clients(call, &mut body, connection)?;
    let own = &mut connection.options;
    body.set_some("display_name", &mut own.display_name)?;
    body.set("realms", &mut own.realms, Vec::new())?;
    match body.get::<Map<String, Value>>("metadata")? {
        Sent::Nothing => {}
        Sent::Null => own.metadata = None,
        Sent::Value(sent) => {
            own.metadata = Some(merged(own.metadata.take().unwrap_or_default(), sent));
        }
    }
    if let Sent::Value(mut authentication) = body.object("authentication")? {
        authentication.set("active", &mut own.active, true)?;
    }
    body.keep(FIELDS, &mut own.kept);
    Ok(())
}

fn apply_clients(
    call: &Call,
    body: &mut Members,
    connection: &mut Connection,
) -> Result<(), ManageError> {
    if let Sent::Value(clients) = body.get::<Vec<ClientId>>("enabled_clients")? {
        for client in &clients {
            find_client(call, client.as_str())?;
        }
        set_clients(call, connection, clients);
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    name.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn strategy_name(strategy: &Strategy) -> &str {
    match strategy {
        Strategy::Database => "auth0",
        Strategy::Other(name) => name,
    }
}

fn wire(app: &App, call: &Call, connection: &Connection) -> Result<Value, Fault> {
    let own = &connection.options;
    let realms = if own.realms.is_empty() {
        std::slice::from_ref(&connection.name)
    } else {
        own.realms.as_slice()
    };
    let mut body = json!({ "is_domain_connection": false });
    extend(&mut body, Value::Object(own.kept.clone()));
    extend(
        &mut body,
        json!({
            "id": connection.id.as_str(),
            "name": connection.name,
            "strategy": strategy_name(&own.strategy),
            "options": options_of(app, call, connection)?,
            "enabled_clients": clients_of(call, connection),
            "realms": realms,
            "authentication": { "active": own.active },
            "connected_accounts":
                own.kept.get("connected_accounts").cloned().unwrap_or_else(|| json!({ "active": false })),
        }),
    );
    optional(&mut body, "display_name", own.display_name.as_ref());
    optional(&mut body, "metadata", own.metadata.as_ref());
    Ok(body)
}
