//! Client grants: which application may ask which API for what (contract 05 §6).

use serde_json::Value;

use super::record::{Done, commit};
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;
use crate::client::{ClientGrant, GrantedScope, SubjectType};
use crate::id::{ClientGrantId, ClientId};
use crate::port::StoreError;
use crate::resource_server::ResourceServer;

const RESOURCE: &str = "client-grants";

/// A grant to make.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// To whom.
    pub client_id: ClientId,
    /// The identifier of the API.
    pub audience: String,
    /// On whose behalf.
    pub subject_type: SubjectType,
    /// For what.
    pub scope: GrantedScope,
}

/// All grants but those of Housekey's own pages.
pub fn list(call: &Call) -> impl Iterator<Item = &ClientGrant> {
    let is_own = |client: &ClientId| {
        call.tenant.client(client).is_some_and(|client| client.settings.is_system)
    };
    call.tenant.client_grants().filter(move |grant| !is_own(&grant.client_id))
}

/// The grant of that id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub fn find<'a>(call: &'a Call, id: &str) -> Result<&'a ClientGrant, ManageError> {
    list(call)
        .find(|grant| grant.id.as_str() == id)
        .ok_or(ManageError::NotFound(Thing::ClientGrant))
}

/// Makes a grant.
///
/// # Errors
/// [`ManageError::NotFound`] for an unknown application or API, [`ManageError::Conflict`] if there
/// is one for the same application, API and subject.
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    new: NewGrant,
    body: Value,
) -> Result<ClientGrant, ManageError> {
    let client = call.tenant.client(&new.client_id);
    let client = client.ok_or(ManageError::NotFound(Thing::Client))?;
    let api = super::resource_servers::find(call, &new.audience)?;
    if api.is_system() && !client.settings.is_first_party {
        return Err(ManageError::InvalidBody(
            "Third-party applications cannot be granted a system API.".to_owned(),
        ));
    }
    require_known(api, &new.scope)?;
    let grant = ClientGrant {
        id: ClientGrantId::generate(app.random()),
        client_id: new.client_id,
        resource_server_id: api.id.clone(),
        subject_type: new.subject_type,
        scope: new.scope,
    };
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    match tx.insert_client_grant(&grant).await {
        Err(StoreError::Conflict) => {
            return Err(ManageError::Conflict(
                "A client grant for the same client, audience and subject type exists already."
                    .to_owned(),
            ));
        }
        outcome => outcome?,
    }
    let done = Done { method: "POST", resource: RESOURCE, id: grant.id.as_str(), body };
    commit(app, call, tx, operator, done).await?;
    Ok(grant)
}

/// Changes what a grant is for.
///
/// # Errors
/// [`ManageError::NotFound`]; [`ManageError::InvalidBody`] for scopes the API has not.
pub async fn update(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    scope: Option<GrantedScope>,
    body: Value,
) -> Result<ClientGrant, ManageError> {
    let found = find(call, id)?;
    if let (Some(scope), Some(api)) =
        (&scope, call.tenant.resource_server(&found.resource_server_id))
    {
        require_known(api, scope)?;
    }
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    let grant = tx.client_grant(&found.id).await?;
    let mut grant = grant.ok_or(ManageError::NotFound(Thing::ClientGrant))?;
    if let Some(scope) = scope {
        grant.scope = scope;
    }
    tx.update_client_grant(&grant).await?;
    let done = Done { method: "PATCH", resource: RESOURCE, id, body };
    commit(app, call, tx, operator, done).await?;
    Ok(grant)
}

/// Takes a grant back. Issued access tokens live on until they end; refreshing stops.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn delete(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
) -> Result<(), ManageError> {
    let found = find(call, id)?;
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    if !tx.delete_client_grant(&found.id).await? {
        return Err(ManageError::NotFound(Thing::ClientGrant));
    }
    let done = Done { method: "DELETE", resource: RESOURCE, id, body: Value::Null };
    commit(app, call, tx, operator, done).await
}

fn require_known(api: &ResourceServer, scope: &GrantedScope) -> Result<(), ManageError> {
    let GrantedScope::Only(scopes) = scope else { return Ok(()) };
    match scopes.iter().find(|scope| !api.has_scope(scope)) {
        None => Ok(()),
        Some(unknown) => Err(ManageError::InvalidBody(format!(
            "The following scopes are not defined on the resource server: {unknown}"
        ))),
    }
}
