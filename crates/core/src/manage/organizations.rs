//! Organizations, who belongs to them and how their people sign in (contract 05 §19).

use serde_json::Value;

use super::record::{Done, settle};
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;
use crate::id::{ConnectionId, OrganizationId, UserId};
use crate::organization::{EnabledConnection, Organization, OrganizationSettings, is_name};
use crate::port::{Listed, Part, StoreError, Tx};
use crate::user::UserRecord;

const RESOURCE: &str = "organizations";

/// Organizations, by their names.
///
/// # Errors
/// If the database is not available.
pub async fn list(
    app: &App,
    call: &Call,
    part: &Part,
) -> Result<Listed<Organization>, ManageError> {
    Ok(app.read(&call.tenant.id).await?.organizations(part).await?)
}

/// The organization of that id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn find(app: &App, call: &Call, id: &str) -> Result<Organization, ManageError> {
    present(&mut *app.read(&call.tenant.id).await?, id).await
}

/// The organization of that name.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn named(app: &App, call: &Call, name: &str) -> Result<Organization, ManageError> {
    let found = app.read(&call.tenant.id).await?.organization_named(name).await?;
    found.ok_or(ManageError::NotFound(Thing::Organization))
}

/// Adds an organization that `change` makes.
///
/// # Errors
/// [`ManageError::Conflict`] if the name is taken; [`ManageError::InvalidBody`] if it is none, and
/// those of `change`.
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    name: String,
    change: impl FnOnce(&mut Organization) -> Result<(), ManageError>,
    body: Value,
) -> Result<Organization, ManageError> {
    let mut new = Organization {
        id: OrganizationId::generate(app.random()),
        name,
        display_name: None,
        settings: OrganizationSettings::default(),
        created_at: call.now,
    };
    change(&mut new)?;
    check(call, &new)?;
    let mut tx = app.write(&call.tenant.id).await?;
    tx.insert_organization(&new).await.map_err(taken)?;
    let done = Done { method: "POST", resource: RESOURCE, id: new.id.as_str(), body };
    settle(app, call, tx, operator, done).await?;
    Ok(new)
}

/// Changes an organization as it is now.
///
/// # Errors
/// [`ManageError::NotFound`], those of [`create`] and of `change`.
pub async fn update(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    change: impl FnOnce(&mut Organization) -> Result<(), ManageError>,
    (method, body): (&'static str, Value),
) -> Result<Organization, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    // Whoever else changes one waits, so that nobody's change is lost.
    tx.reconfigure().await?;
    let mut organization = present(&mut *tx, id).await?;
    change(&mut organization)?;
    check(call, &organization)?;
    tx.update_organization(&organization).await.map_err(taken)?;
    settle(app, call, tx, operator, Done { method, resource: RESOURCE, id, body }).await?;
    Ok(organization)
}

/// Removes an organization. Its members stay users.
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
    if !tx.delete_organization(&OrganizationId::from_raw(id)).await? {
        return Err(ManageError::NotFound(Thing::Organization));
    }
    let done = Done { method: "DELETE", resource: RESOURCE, id, body: Value::Null };
    settle(app, call, tx, operator, done).await
}

/// Who belongs to an organization.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn members(
    app: &App,
    call: &Call,
    id: &str,
    part: &Part,
) -> Result<Listed<UserRecord>, ManageError> {
    let mut tx = app.read(&call.tenant.id).await?;
    let organization = present(&mut *tx, id).await?;
    Ok(tx.members(&organization.id, part).await?)
}

/// Adds users to an organization; all or none.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn add_members(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    users: &[UserId],
    body: Value,
) -> Result<(), ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let organization = present(&mut *tx, id).await?;
    for user in users {
        tx.user(user).await?.ok_or(ManageError::NotFound(Thing::User))?;
        tx.add_member(&organization.id, user).await?;
    }
    let done = Done { method: "POST", resource: RESOURCE, id, body };
    settle(app, call, tx, operator, done).await
}

/// Takes users out of an organization; those who do not belong to it are no error.
///
/// # Errors
/// [`ManageError::NotFound`] without the organization.
pub async fn remove_members(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    users: &[UserId],
    body: Value,
) -> Result<(), ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let organization = present(&mut *tx, id).await?;
    for user in users {
        tx.remove_member(&organization.id, user).await?;
    }
    let done = Done { method: "DELETE", resource: RESOURCE, id, body };
    settle(app, call, tx, operator, done).await
}

/// A connection of an organization.
///
/// # Errors
/// [`ManageError::NotFound`].
pub fn enabled<'a>(
    organization: &'a Organization,
    connection: &str,
) -> Result<&'a EnabledConnection, ManageError> {
    let all = &organization.settings.enabled_connections;
    let found = all.iter().find(|own| own.connection_id.as_str() == connection);
    found.ok_or(ManageError::NotFound(Thing::Connection))
}

async fn present(tx: &mut dyn Tx, id: &str) -> Result<Organization, ManageError> {
    let found = tx.organization(&OrganizationId::from_raw(id)).await?;
    found.ok_or(ManageError::NotFound(Thing::Organization))
}

fn check(call: &Call, organization: &Organization) -> Result<(), ManageError> {
    if !is_name(&organization.name) {
        return Err(ManageError::InvalidBody(
            "Payload validation error: 'String does not match pattern \
             ^(?!-)(?!.*--)[a-z0-9_-]{1,50}$' on property name."
                .to_owned(),
        ));
    }
    let mut seen: Vec<&ConnectionId> = Vec::new();
    for enabled in &organization.settings.enabled_connections {
        if call.tenant.connection(&enabled.connection_id).is_none() {
            return Err(ManageError::NotFound(Thing::Connection));
        }
        if seen.contains(&&enabled.connection_id) {
            let text = "The connection is enabled for the organization already.";
            return Err(ManageError::Conflict(text.to_owned()));
        }
        seen.push(&enabled.connection_id);
    }
    Ok(())
}

fn taken(error: StoreError) -> ManageError {
    match error {
        StoreError::Conflict => {
            ManageError::Conflict("An organization with this name already exists.".to_owned())
        }
        other => other.into(),
    }
}
