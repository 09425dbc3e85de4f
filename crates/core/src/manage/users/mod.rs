//! People (contract 05 §9.1, §9.2).

mod create;
mod delete;
mod import;
mod link;
mod methods;
mod update;

pub use create::{NewPerson, create};
pub use delete::{delete, delete_by_email, sign_out};
pub use import::{Import, Imported, import, replace};
pub use link::{link, unlink};
pub use methods::{
    delete_method, delete_methods, method, methods, regenerate_recovery_code, require,
    update_method,
};
pub use update::{PersonChange, update};

use super::{ManageError, Thing};
use crate::app::App;
use crate::call::Call;
use crate::factor::password::Broken;
use crate::id::UserId;
use crate::organization::Organization;
use crate::port::{Found, Listed, Search, StoreError};
use crate::user::UserRecord;

/// How many organizations of a user are told.
const MAX_ORGANIZATIONS: u32 = 1000;
const RESOURCE: &str = "users";
/// How many bytes of metadata of one kind a user may have (contract 05 §23).
const MAX_METADATA: usize = 1_048_576;

/// The user of that id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn find(app: &App, call: &Call, id: &str) -> Result<UserRecord, ManageError> {
    let mut tx = app.read(&call.tenant.id).await?;
    tx.user_record(&UserId::from_raw(id)).await?.ok_or(ManageError::NotFound(Thing::User))
}

/// Everybody with that mail address, which is lower-case.
///
/// # Errors
/// If the database is not available.
pub async fn by_email(app: &App, call: &Call, email: &str) -> Result<Vec<UserRecord>, ManageError> {
    Ok(app.read(&call.tenant.id).await?.users_by_email(email).await?)
}

/// Whom a search finds.
///
/// # Errors
/// [`ManageError::TooBroad`].
pub async fn search(
    app: &App,
    call: &Call,
    search: &Search,
) -> Result<Listed<UserRecord>, ManageError> {
    match app.read(&call.tenant.id).await?.search_users(search).await? {
        Found::Users(listed) => Ok(listed),
        Found::TooMany => Err(ManageError::TooBroad),
    }
}

/// The organizations a user belongs to, by name.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn organizations(
    app: &App,
    call: &Call,
    id: &str,
) -> Result<Vec<Organization>, ManageError> {
    let user = require(app, call, id).await?;
    let mut tx = app.read(&call.tenant.id).await?;
    Ok(tx.organizations_of(&user, None, MAX_ORGANIZATIONS).await?)
}

/// What is told of a password that breaks rules.
fn too_weak(broken: &[Broken]) -> ManageError {
    let rules: Vec<_> = broken.iter().map(Broken::text).collect();
    let rules = rules.join("; ");
    ManageError::InvalidBody(format!("PasswordStrengthError: Password is too weak: {rules}"))
}

/// Somebody else has the name.
fn taken(error: StoreError) -> ManageError {
    match error {
        StoreError::Conflict => ManageError::UserExists,
        other => other.into(),
    }
}
