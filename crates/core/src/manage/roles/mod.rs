//! Roles, what they permit and who has them (contract 05 §10).

mod members;
mod permissions;

pub use members::{
    add_to_user, add_users, permissions_of_user, permit_user, remove_from_user, roles_of_user,
    unpermit_user, users_with,
};
pub use permissions::{Named, add_permissions, permissions_of, remove_permissions};

use serde_json::Value;

use super::record::{Done, commit, settle};
use super::{ManageError, Operator, Thing, Whose};
use crate::app::App;
use crate::call::Call;
use crate::id::RoleId;
use crate::port::StoreError;
use crate::role::Role;

const RESOURCE: &str = "roles";
/// How many roles a tenant may have (contract 05 §23).
const MAX_ROLES: usize = 1000;
/// How many roles a user may have.
const MAX_ROLES_OF_USER: usize = 50;
/// How many permissions a role or a user may have.
const MAX_PERMISSIONS: usize = 1000;

/// Every role, oldest first.
///
/// # Errors
/// If the database is not available.
pub async fn list(app: &App, call: &Call) -> Result<Vec<Role>, ManageError> {
    Ok(app.read(&call.tenant.id).await?.roles().await?)
}

/// The role of that id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn find(app: &App, call: &Call, id: &str) -> Result<Role, ManageError> {
    let found = app.read(&call.tenant.id).await?.role(&RoleId::from_raw(id)).await?;
    found.ok_or(ManageError::NotFound(Thing::Role))
}

/// Adds a role that `change` makes.
///
/// # Errors
/// [`ManageError::Conflict`] if the name is taken, [`ManageError::LimitReached`].
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    name: String,
    change: impl FnOnce(&mut Role) -> Result<(), ManageError>,
    body: Value,
) -> Result<Role, ManageError> {
    let mut role = Role {
        id: RoleId::generate(app.random()),
        name,
        description: None,
        kept: serde_json::Map::new(),
        created_at: call.now,
    };
    change(&mut role)?;
    let mut tx = app.write(&call.tenant.id).await?;
    // Nobody else adds one meanwhile.
    tx.reconfigure().await?;
    if tx.roles().await?.len() >= MAX_ROLES {
        return Err(ManageError::LimitReached(Whose::Tenant));
    }
    tx.insert_role(&role).await.map_err(taken)?;
    let done = Done { method: "POST", resource: RESOURCE, id: role.id.as_str(), body };
    commit(app, call, tx, operator, done).await?;
    Ok(role)
}

/// Changes a role.
///
/// # Errors
/// [`ManageError::NotFound`], [`ManageError::Conflict`] if the name is taken.
pub async fn update(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    change: impl FnOnce(&mut Role) -> Result<(), ManageError>,
    body: Value,
) -> Result<Role, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    // Whoever else changes one waits, so that nobody's change is lost.
    tx.reconfigure().await?;
    let found = tx.role(&RoleId::from_raw(id)).await?;
    let mut role = found.ok_or(ManageError::NotFound(Thing::Role))?;
    change(&mut role)?;
    if !tx.update_role(&role).await.map_err(taken)? {
        return Err(ManageError::NotFound(Thing::Role));
    }
    settle(app, call, tx, operator, Done { method: "PATCH", resource: RESOURCE, id, body }).await?;
    Ok(role)
}

/// Removes a role. Whoever had it has its permissions no more from the next token on.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn delete(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
) -> Result<(), ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    if !tx.delete_role(&RoleId::from_raw(id)).await? {
        return Err(ManageError::NotFound(Thing::Role));
    }
    let done = Done { method: "DELETE", resource: RESOURCE, id, body: Value::Null };
    settle(app, call, tx, operator, done).await
}

fn taken(error: StoreError) -> ManageError {
    match error {
        StoreError::Conflict => {
            ManageError::Conflict("A role with the same name already exists.".to_owned())
        }
        other => other.into(),
    }
}
