//! What roles permit.

use serde_json::Value;

use super::{MAX_PERMISSIONS, RESOURCE, find};
use crate::app::App;
use crate::call::Call;
use crate::id::RoleId;
use crate::manage::record::{Done, settle};
use crate::manage::resource_servers;
use crate::manage::{ManageError, Operator, Thing, Whose};
use crate::port::Tx;
use crate::role::Permission;

/// A permission as operators name it.
#[derive(Clone, Debug)]
pub struct Named {
    /// The API's identifier.
    pub resource_server_identifier: String,
    /// The scope.
    pub permission_name: String,
}

/// The permissions of a role, in order.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn permissions_of(
    app: &App,
    call: &Call,
    role: &str,
) -> Result<Vec<Permission>, ManageError> {
    let role = find(app, call, role).await?;
    Ok(app.read(&call.tenant.id).await?.role_permissions(&role.id).await?)
}

/// Adds permissions to a role.
///
/// # Errors
/// [`ManageError::NotFound`] without the role or an API, [`ManageError::InvalidBody`] for scopes an
/// API has not, [`ManageError::LimitReached`].
pub async fn add_permissions(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    named: &[Named],
    body: Value,
) -> Result<(), ManageError> {
    let permissions = known(call, named)?;
    let mut tx = app.write(&call.tenant.id).await?;
    let role = locked(&mut *tx, id).await?;
    for permission in &permissions {
        tx.add_role_permission(&role, permission).await?;
    }
    if tx.role_permissions(&role).await?.len() > MAX_PERMISSIONS {
        return Err(ManageError::LimitReached(Whose::Tenant));
    }
    let id = format!("{id}/permissions");
    let done = Done { method: "POST", resource: RESOURCE, id: &id, body };
    settle(app, call, tx, operator, done).await
}

/// Removes permissions from a role; those it has not are no matter.
///
/// # Errors
/// [`ManageError::NotFound`] without the role or an API.
pub async fn remove_permissions(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    named: &[Named],
    body: Value,
) -> Result<(), ManageError> {
    let permissions = resolved(call, named)?;
    let mut tx = app.write(&call.tenant.id).await?;
    let role = locked(&mut *tx, id).await?;
    for permission in &permissions {
        tx.remove_role_permission(&role, permission).await?;
    }
    let id = format!("{id}/permissions");
    let done = Done { method: "DELETE", resource: RESOURCE, id: &id, body };
    settle(app, call, tx, operator, done).await
}

/// The role; nobody else changes it until the transaction ends.
async fn locked(tx: &mut dyn Tx, id: &str) -> Result<RoleId, ManageError> {
    let missing = || ManageError::NotFound(Thing::Role);
    let role = tx.role(&RoleId::from_raw(id)).await?.ok_or_else(missing)?;
    if tx.update_role(&role).await? { Ok(role.id) } else { Err(missing()) }
}

/// The permissions of that name, of APIs there are.
pub(super) fn resolved(call: &Call, named: &[Named]) -> Result<Vec<Permission>, ManageError> {
    let permission = |named: &Named| {
        let api = resource_servers::find(call, &named.resource_server_identifier)?;
        let resource_server_id = api.id.clone();
        Ok(Permission { resource_server_id, scope: named.permission_name.clone() })
    };
    named.iter().map(permission).collect()
}

/// The same, and the APIs have them.
pub(super) fn known(call: &Call, named: &[Named]) -> Result<Vec<Permission>, ManageError> {
    for named in named {
        let api = resource_servers::find(call, &named.resource_server_identifier)?;
        if !api.has_scope(&named.permission_name) {
            return Err(ManageError::InvalidBody(format!(
                "The permission {} does not exist on the resource server {}.",
                named.permission_name, named.resource_server_identifier
            )));
        }
    }
    resolved(call, named)
}
