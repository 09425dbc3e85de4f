//! Applications (contract 05 §7).

use std::sync::Arc;

use serde_json::Value;

use super::record::{Done, commit};
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, ClientSettings, new_client, new_secret};
use crate::id::ClientId;
use crate::port::Tx;
use crate::token::SigningAlgorithm;

const RESOURCE: &str = "clients";

/// What to do with an application's secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Secret {
    /// It stays; one is made where there must be one and is none.
    #[default]
    Keep,
    /// A new one is made.
    Renew,
    /// This is it.
    Set(String),
}

/// All applications that administrators see, oldest first.
#[must_use]
pub fn list(call: &Call) -> Vec<&Arc<Client>> {
    let mut clients: Vec<_> =
        call.tenant.clients().filter(|client| !client.settings.is_system).collect();
    clients.sort_by_key(|client| (client.created_at, &client.id));
    clients
}

/// The application of that id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub fn find<'a>(call: &'a Call, id: &str) -> Result<&'a Arc<Client>, ManageError> {
    let found = call.tenant.client(&ClientId::from_raw(id));
    found.filter(|client| !client.settings.is_system).ok_or(ManageError::NotFound(Thing::Client))
}

/// Registers an application.
///
/// # Errors
/// If it cannot be stored.
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    settings: ClientSettings,
    secret: Secret,
    body: Value,
) -> Result<Client, ManageError> {
    let tenant = &call.tenant.id;
    let mut client = new_client(app, tenant, ClientId::generate(app.random()), settings)?;
    apply_secret(app, call, &mut client, secret)?;
    let mut tx = app.write(tenant).await?;
    tx.reconfigure().await?;
    tx.put_client(&client).await?;
    let done = Done { method: "POST", resource: RESOURCE, id: client.id.as_str(), body };
    commit(app, call, tx, operator, done).await?;
    Ok(client)
}

/// Changes an application as it is now.
///
/// # Errors
/// [`ManageError::NotFound`], and those of `change`.
pub async fn update(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    change: impl FnOnce(&mut ClientSettings) -> Result<Secret, ManageError>,
    body: Value,
) -> Result<Client, ManageError> {
    let id = &find(call, id)?.id;
    let mut tx = app.write(&call.tenant.id).await?;
    let mut client = present(&mut *tx, id).await?;
    let secret = change(&mut client.settings)?;
    apply_secret(app, call, &mut client, secret)?;
    client.settings.updated_at = Some(call.now);
    tx.put_client(&client).await?;
    let done = Done { method: "PATCH", resource: RESOURCE, id: client.id.as_str(), body };
    commit(app, call, tx, operator, done).await?;
    Ok(client)
}

/// Gives an application another secret; the former one stops working at once.
///
/// # Errors
/// [`ManageError::NotFound`]; [`ManageError::NotSupported`] for applications without one.
pub async fn rotate_secret(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
) -> Result<Client, ManageError> {
    if find(call, id)?.settings.is_public() {
        return Err(ManageError::NotSupported("This application keeps no secret.".to_owned()));
    }
    update(app, call, operator, id, |_| Ok(Secret::Renew), Value::Null).await
}

/// Removes an application, its grants, what people allowed it, and its places in connections.
///
/// # Errors
/// [`ManageError::NotFound`]; [`ManageError::NotSupported`] for the one that stands for all.
pub async fn delete(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
) -> Result<(), ManageError> {
    let client = find(call, id)?;
    if client.settings.is_global {
        return Err(ManageError::NotSupported("The global client cannot be deleted.".to_owned()));
    }
    let id = &client.id;
    let mut tx = app.write(&call.tenant.id).await?;
    present(&mut *tx, id).await?;
    for connection in call.tenant.connections() {
        let names_it = |clients: &Vec<ClientId>| clients.contains(id);
        if connection.options.enabled_clients.as_ref().is_some_and(names_it)
            && let Some(mut connection) = tx.connection(&connection.id).await?
        {
            if let Some(clients) = &mut connection.options.enabled_clients {
                clients.retain(|other| other != id);
            }
            tx.update_connection(&connection).await?;
        }
    }
    tx.delete_client(id).await?;
    let done = Done { method: "DELETE", resource: RESOURCE, id: id.as_str(), body: Value::Null };
    commit(app, call, tx, operator, done).await
}

/// The application as it is now; nobody else changes the configuration until the transaction ends.
pub(super) async fn present(tx: &mut dyn Tx, id: &ClientId) -> Result<Client, ManageError> {
    tx.reconfigure().await?;
    tx.client(id).await?.ok_or(ManageError::NotFound(Thing::Client))
}

fn apply_secret(
    app: &App,
    call: &Call,
    client: &mut Client,
    secret: Secret,
) -> Result<(), ManageError> {
    let text = match secret {
        _ if client.settings.is_public() || client.settings.is_global => None,
        Secret::Keep if client.sealed_secret.is_some() => return Ok(()),
        Secret::Keep | Secret::Renew => Some(new_secret(app)),
        Secret::Set(text) => Some(text),
    };
    let seal = |text: String| Client::seal_secret(app, &call.tenant.id, &client.id, &text);
    client.sealed_secret = text.map(seal).transpose()?;
    if client.settings.id_token_alg == SigningAlgorithm::Hs256 && client.sealed_secret.is_none() {
        let text =
            "ID tokens signed with HS256 need a client secret, which this application has not.";
        return Err(ManageError::InvalidBody(text.to_owned()));
    }
    Ok(())
}
