//! APIs (contract 05 §5). Creating the My Account API activates it, deleting it turns it off.

use serde_json::Value;

use super::record::{Done, commit};
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;
use crate::client::GrantedScope;
use crate::id::ResourceServerId;
use crate::port::{StoreError, Tx};
use crate::resource_server::{ResourceServer, ResourceServerKind, ResourceServerSettings};
use crate::role::Permission;

const RESOURCE: &str = "resource-servers";

/// The API of that id or identifier.
///
/// # Errors
/// [`ManageError::NotFound`].
pub fn find<'a>(call: &'a Call, name: &str) -> Result<&'a ResourceServer, ManageError> {
    let canonical = call.canonical_issuer();
    call.tenant
        .resource_servers()
        .find(|api| api.id.as_str() == name || api.audience(&canonical, &canonical) == name)
        .ok_or(ManageError::NotFound(Thing::ResourceServer))
}

/// Adds an API. Under the identifier of the My Account API it activates that one, whose properties
/// are fixed but for what `settings` may change about it.
///
/// # Errors
/// [`ManageError::Conflict`] if the identifier is taken.
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    identifier: &str,
    change: impl FnOnce(&mut ResourceServer) -> Result<(), ManageError>,
    body: Value,
) -> Result<ResourceServer, ManageError> {
    let id = ResourceServerId::generate(app.random());
    let canonical = call.canonical_issuer();
    let mut api = if identifier == format!("{canonical}me/") {
        ResourceServer::my_account(id)
    } else if identifier.starts_with(&format!("{canonical}api/v2/")) {
        return Err(taken());
    } else {
        let kind = ResourceServerKind::Custom { identifier: identifier.to_owned() };
        ResourceServer { id, kind, settings: ResourceServerSettings::default() }
    };
    change(&mut api)?;
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    match tx.insert_resource_server(&api).await {
        Err(StoreError::Conflict) => return Err(taken()),
        outcome => outcome?,
    }
    let done = Done { method: "POST", resource: RESOURCE, id: api.id.as_str(), body };
    commit(app, call, tx, operator, done).await?;
    Ok(api)
}

fn taken() -> ManageError {
    ManageError::Conflict("A resource server with the same identifier already exists.".to_owned())
}

/// Changes an API as it is now.
///
/// # Errors
/// [`ManageError::NotFound`], and those of `change`.
pub async fn update(
    app: &App,
    call: &Call,
    operator: &Operator,
    name: &str,
    change: impl FnOnce(&mut ResourceServer) -> Result<(), ManageError>,
    body: Value,
) -> Result<ResourceServer, ManageError> {
    let id = &find(call, name)?.id;
    let mut tx = app.write(&call.tenant.id).await?;
    let mut api = present(&mut *tx, id).await?;
    let before = api.settings.scopes.clone();
    change(&mut api)?;
    let gone = before.iter().map(|scope| scope.value.as_str());
    for scope in gone.filter(|scope| !api.has_scope(scope)) {
        forget_scope(call, &mut *tx, &api.id, scope).await?;
    }
    tx.update_resource_server(&api).await?;
    let done = Done { method: "PATCH", resource: RESOURCE, id: api.id.as_str(), body };
    commit(app, call, tx, operator, done).await?;
    Ok(api)
}

/// Removes an API and what was granted for it. The Management API stays: without it nobody could
/// undo anything.
///
/// # Errors
/// [`ManageError::NotFound`], [`ManageError::NotSupported`].
pub async fn delete(
    app: &App,
    call: &Call,
    operator: &Operator,
    name: &str,
) -> Result<(), ManageError> {
    let api = find(call, name)?;
    if api.kind == ResourceServerKind::Management {
        return Err(ManageError::NotSupported(
            "System resource servers cannot be deleted".to_owned(),
        ));
    }
    let mut tx = app.write(&call.tenant.id).await?;
    present(&mut *tx, &api.id).await?;
    tx.delete_resource_server(&api.id).await?;
    let id = api.id.as_str();
    let done = Done { method: "DELETE", resource: RESOURCE, id, body: Value::Null };
    commit(app, call, tx, operator, done).await
}

/// Takes a scope that the API no longer has from whoever was given it.
async fn forget_scope(
    call: &Call,
    tx: &mut dyn Tx,
    api: &ResourceServerId,
    scope: &str,
) -> Result<(), ManageError> {
    let permission = Permission { resource_server_id: api.clone(), scope: scope.to_owned() };
    tx.forget_permission(&permission).await?;
    for grant in call.tenant.client_grants().filter(|grant| grant.resource_server_id == *api) {
        // As it is now, under the lock of the configuration.
        if let Some(mut grant) = tx.client_grant(&grant.id).await?
            && let GrantedScope::Only(scopes) = &grant.scope
            && scopes.contains(scope)
        {
            grant.scope = GrantedScope::Only(scopes.filtered(|own| own != scope));
            tx.update_client_grant(&grant).await?;
        }
    }
    Ok(())
}

/// The API as it is now; nobody else changes the configuration until the transaction ends.
async fn present(tx: &mut dyn Tx, id: &ResourceServerId) -> Result<ResourceServer, ManageError> {
    tx.reconfigure().await?;
    let api = tx.resource_server(id).await?;
    api.map(ResourceServer::with_own_scopes).ok_or(ManageError::NotFound(Thing::ResourceServer))
}
