//! Who has which role, and what people may do by themselves.

use serde_json::Value;

use super::permissions::{Named, known, resolved};
use super::{MAX_PERMISSIONS, MAX_ROLES_OF_USER, RESOURCE, find};
use crate::app::App;
use crate::call::Call;
use crate::id::{RoleId, UserId};
use crate::manage::record::{Done, settle};
use crate::manage::{ManageError, Operator, Thing, Whose, users};
use crate::port::{Listed, Part, Tx};
use crate::role::{Granted, Role};
use crate::user::UserRecord;

/// Those who have a role, by id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn users_with(
    app: &App,
    call: &Call,
    role: &str,
    part: &Part,
) -> Result<Listed<UserRecord>, ManageError> {
    let role = find(app, call, role).await?;
    Ok(app.read(&call.tenant.id).await?.role_users(&role.id, part).await?)
}

/// Gives a role to users, all of them or none.
///
/// # Errors
/// [`ManageError::NotFound`], [`ManageError::LimitReached`].
pub async fn add_users(
    app: &App,
    call: &Call,
    operator: &Operator,
    role: &str,
    users: &[String],
    body: Value,
) -> Result<(), ManageError> {
    let found = find(app, call, role).await?;
    let mut tx = app.write(&call.tenant.id).await?;
    // In one order, so that two who do this at once do not wait for each other.
    let mut users: Vec<_> = users.iter().map(|id| UserId::from_raw(id.as_str())).collect();
    users.sort();
    for user in &users {
        give(&mut *tx, user, &found.id).await?;
    }
    let id = format!("{role}/users");
    settle(app, call, tx, operator, Done { method: "POST", resource: RESOURCE, id: &id, body })
        .await
}

/// The roles of a user, oldest first.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn roles_of_user(app: &App, call: &Call, id: &str) -> Result<Vec<Role>, ManageError> {
    let user = users::find(app, call, id).await?.user;
    Ok(app.read(&call.tenant.id).await?.user_roles(&user.id).await?)
}

/// Gives a user roles, all of them or none.
///
/// # Errors
/// [`ManageError::NotFound`], [`ManageError::LimitReached`].
pub async fn add_to_user(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    roles: &[String],
    body: Value,
) -> Result<(), ManageError> {
    let user = UserId::from_raw(id);
    let mut tx = app.write(&call.tenant.id).await?;
    for role in roles {
        give(&mut *tx, &user, &RoleId::from_raw(role.as_str())).await?;
    }
    finish(app, call, tx, operator, ("POST", id, "roles"), body).await
}

/// Takes roles from a user; those they have not are no matter.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn remove_from_user(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    roles: &[String],
    body: Value,
) -> Result<(), ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let user = locked(&mut *tx, id).await?;
    for role in roles {
        tx.take_role(&user, &RoleId::from_raw(role.as_str())).await?;
    }
    finish(app, call, tx, operator, ("DELETE", id, "roles"), body).await
}

/// What a user may do, in order, once for each place it comes from.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn permissions_of_user(
    app: &App,
    call: &Call,
    id: &str,
) -> Result<Vec<Granted>, ManageError> {
    let user = users::find(app, call, id).await?.user;
    Ok(app.read(&call.tenant.id).await?.user_permissions(&user.id).await?)
}

/// Adds permissions to a user's own.
///
/// # Errors
/// [`ManageError::NotFound`], [`ManageError::InvalidBody`] for scopes an API has not,
/// [`ManageError::LimitReached`].
pub async fn permit_user(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    named: &[Named],
    body: Value,
) -> Result<(), ManageError> {
    let permissions = known(call, named)?;
    let mut tx = app.write(&call.tenant.id).await?;
    let user = locked(&mut *tx, id).await?;
    for permission in &permissions {
        tx.add_user_permission(&user, permission).await?;
    }
    let all = tx.user_permissions(&user).await?;
    if all.iter().filter(|granted| granted.role.is_none()).count() > MAX_PERMISSIONS {
        return Err(ManageError::LimitReached(Whose::User));
    }
    finish(app, call, tx, operator, ("POST", id, "permissions"), body).await
}

/// Removes permissions from a user's own; those they have not are no matter.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn unpermit_user(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    named: &[Named],
    body: Value,
) -> Result<(), ManageError> {
    let permissions = resolved(call, named)?;
    let mut tx = app.write(&call.tenant.id).await?;
    let user = locked(&mut *tx, id).await?;
    for permission in &permissions {
        tx.remove_user_permission(&user, permission).await?;
    }
    finish(app, call, tx, operator, ("DELETE", id, "permissions"), body).await
}

async fn locked(tx: &mut dyn Tx, id: &str) -> Result<UserId, ManageError> {
    let user = UserId::from_raw(id);
    if tx.lock_user(&user).await? { Ok(user) } else { Err(ManageError::NotFound(Thing::User)) }
}

async fn give(tx: &mut dyn Tx, user: &UserId, role: &RoleId) -> Result<(), ManageError> {
    locked(tx, user.as_str()).await?;
    if !tx.give_role(user, role).await? {
        return Err(ManageError::NotFound(Thing::Role));
    }
    if tx.user_roles(user).await?.len() > MAX_ROLES_OF_USER {
        return Err(ManageError::LimitReached(Whose::User));
    }
    Ok(())
}

async fn finish(
    app: &App,
    call: &Call,
    tx: Box<dyn Tx>,
    operator: &Operator,
    (method, user, part): (&'static str, &str, &str),
    body: Value,
) -> Result<(), ManageError> {
    let id = format!("{user}/{part}");
    settle(app, call, tx, operator, Done { method, resource: "users", id: &id, body }).await
}
