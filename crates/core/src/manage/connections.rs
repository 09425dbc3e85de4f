//! Connections (contract 05 §8).

use serde_json::{Map, Value};

use super::record::{Done, commit};
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;
use crate::connection::{
    Connection, ConnectionOptions, OptionsError, read_code_options, read_database_options,
    shown_options,
};
use crate::error::Fault;
use crate::id::{ClientId, ConnectionId};
use crate::port::{StoreError, Tx};
use crate::seal::SealedText;
use crate::secret::SecretText;

const RESOURCE: &str = "connections";

/// The connection of that id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub fn find<'a>(call: &'a Call, id: &str) -> Result<&'a Connection, ManageError> {
    let found = call.tenant.connection(&ConnectionId::from_raw(id));
    found.ok_or(ManageError::NotFound(Thing::Connection))
}

/// The applications that may use a connection.
#[must_use]
pub fn clients_of<'a>(call: &'a Call, connection: &Connection) -> Vec<&'a ClientId> {
    let clients = super::clients::list(call).into_iter();
    let enabled =
        clients.filter(|client| !client.settings.is_global && connection.enables(&client.id));
    enabled.map(|client| &client.id).collect()
}

/// `options` as administrators set them, or as they would have.
///
/// # Errors
/// If they were sealed under another master key or are damaged.
pub fn options_of(
    app: &App,
    call: &Call,
    connection: &Connection,
) -> Result<Map<String, Value>, Fault> {
    let Some(sealed) = &connection.options.sealed_options else {
        return Ok(shown_options(&connection.options));
    };
    let place = place(&connection.id);
    let text = sealed.open(&call.tenant.id, &place, app.sealer())?;
    serde_json::from_str(text.expose()).map_err(Fault::new)
}

/// Makes new `options` count.
///
/// # Errors
/// [`ManageError::InvalidBody`] or [`ManageError::NotSupported`] for options that cannot be.
pub fn set_options(
    app: &App,
    call: &Call,
    connection: &mut Connection,
    mut options: Map<String, Value>,
) -> Result<(), ManageError> {
    if connection.is_database() {
        let read = read_database_options(&mut options).map_err(refused)?;
        let own = &mut connection.options;
        own.password = read.password;
        own.requires_username = read.requires_username;
        own.attributes = read.attributes;
        own.blocks_password_signup = read.blocks_password_signup;
        own.password_is_optional = read.password_is_optional;
        own.disable_signup = read.disable_signup;
        own.disable_self_service_change_password = read.disable_self_service_change_password;
        own.passkey = read.passkey;
    }
    if connection.passwordless().is_some() {
        connection.options.codes = read_code_options(&options).map_err(refused)?;
        connection.options.disable_signup =
            options.get("disable_signup").is_some_and(|value| value == true);
    }
    let text = SecretText::new(Value::Object(options).to_string());
    let place = place(&connection.id);
    let sealed = SealedText::seal(&call.tenant.id, &place, &text, app.sealer(), app.random())?;
    connection.options.sealed_options = Some(sealed);
    Ok(())
}

fn refused(error: OptionsError) -> ManageError {
    match error {
        OptionsError::Invalid(sentence) => ManageError::InvalidBody(sentence.to_owned()),
        OptionsError::Unbuilt(what) => {
            ManageError::NotSupported(format!("{what} in this version of Housekey."))
        }
    }
}

fn place(id: &ConnectionId) -> String {
    format!("connections/{id}")
}

/// Adds a connection.
///
/// # Errors
/// [`ManageError::Conflict`] if its name is taken, and those of `change`.
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    name: String,
    change: impl FnOnce(&mut Connection) -> Result<(), ManageError>,
    body: Value,
) -> Result<Connection, ManageError> {
    let id = ConnectionId::generate(app.random());
    // Nobody may use it until somebody says who.
    let mut connection = Connection { id, name, options: ConnectionOptions::default() };
    set_clients(call, &mut connection, Vec::new());
    change(&mut connection)?;
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    match tx.insert_connection(&connection).await {
        Err(StoreError::Conflict) => {
            return Err(ManageError::Conflict(
                "A connection with the same name already exists".to_owned(),
            ));
        }
        outcome => outcome?,
    }
    let done = Done { method: "POST", resource: RESOURCE, id: connection.id.as_str(), body };
    commit(app, call, tx, operator, done).await?;
    Ok(connection)
}

/// Changes a connection as it is now.
///
/// # Errors
/// [`ManageError::NotFound`], and those of `change`.
pub async fn update(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    change: impl FnOnce(&mut Connection) -> Result<(), ManageError>,
    body: Value,
) -> Result<Connection, ManageError> {
    let id = &find(call, id)?.id;
    let mut tx = app.write(&call.tenant.id).await?;
    let mut connection = present(&mut *tx, id).await?;
    change(&mut connection)?;
    tx.update_connection(&connection).await?;
    let done = Done { method: "PATCH", resource: RESOURCE, id: id.as_str(), body };
    commit(app, call, tx, operator, done).await?;
    Ok(connection)
}

/// Lets only these applications use a connection, and Housekey's own pages, which nobody lists.
pub fn set_clients(call: &Call, connection: &mut Connection, mut clients: Vec<ClientId>) {
    let own = call.tenant.clients().filter(|client| client.settings.is_system);
    clients.extend(own.map(|client| client.id.clone()));
    connection.options.enabled_clients = Some(clients);
}

/// Lets applications use a connection, or no longer.
///
/// # Errors
/// [`ManageError::NotFound`] for an unknown connection or application.
pub async fn enable_clients(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    changes: &[(ClientId, bool)],
    body: Value,
) -> Result<(), ManageError> {
    for (client, _) in changes {
        super::clients::find(call, client.as_str())?;
    }
    let change = |connection: &mut Connection| {
        let mut enabled: Vec<_> = clients_of(call, connection).into_iter().cloned().collect();
        for (client, is_enabled) in changes {
            enabled.retain(|other| other != client);
            if *is_enabled {
                enabled.push(client.clone());
            }
        }
        set_clients(call, connection, enabled);
        Ok(())
    };
    update(app, call, operator, id, change, body).await.map(|_| ())
}

/// Removes a connection with all its people.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn delete(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
) -> Result<(), ManageError> {
    let id = &find(call, id)?.id;
    let mut tx = app.write(&call.tenant.id).await?;
    present(&mut *tx, id).await?;
    tx.delete_connection(id).await?;
    let done = Done { method: "DELETE", resource: RESOURCE, id: id.as_str(), body: Value::Null };
    commit(app, call, tx, operator, done).await
}

async fn present(tx: &mut dyn Tx, id: &ConnectionId) -> Result<Connection, ManageError> {
    tx.reconfigure().await?;
    tx.connection(id).await?.ok_or(ManageError::NotFound(Thing::Connection))
}
