//! The authentication methods of a person as operators see them (contract 05 §9.3). Passwords are
//! none of them: they belong to the user itself.

use serde_json::Value;

use super::RESOURCE;
use crate::app::App;
use crate::call::Call;
use crate::factor::{AuthenticationMethod, MethodKind, recovery_code};
use crate::id::UserId;
use crate::manage::record::{Done, settle};
use crate::manage::{ManageError, Operator, Thing};
use crate::port::Tx;

/// That there is such a user.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn require(app: &App, call: &Call, user: &str) -> Result<UserId, ManageError> {
    Ok(super::find(app, call, user).await?.user.id)
}

/// All methods of a user, oldest first.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn methods(
    app: &App,
    call: &Call,
    user: &str,
) -> Result<Vec<AuthenticationMethod>, ManageError> {
    let account = app.read(&call.tenant.id).await?.account_of(&UserId::from_raw(user)).await?;
    Ok(account.ok_or(ManageError::NotFound(Thing::User))?.methods)
}

/// One of them, by the part of its id behind the bar.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn method(
    app: &App,
    call: &Call,
    user: &str,
    id: &str,
) -> Result<AuthenticationMethod, ManageError> {
    let methods = methods(app, call, user).await?;
    methods.into_iter().find(|method| method.id.as_str() == id).ok_or_else(missing)
}

/// Changes a method.
///
/// # Errors
/// [`ManageError::NotFound`], and those of `change`.
pub async fn update_method(
    app: &App,
    call: &Call,
    operator: &Operator,
    (user, id): (&str, &str),
    change: impl FnOnce(&mut AuthenticationMethod) -> Result<(), ManageError>,
    body: Value,
) -> Result<AuthenticationMethod, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let methods = locked(&mut *tx, user).await?;
    let method = methods.into_iter().find(|method| method.id.as_str() == id);
    let mut method = method.ok_or_else(missing)?;
    change(&mut method)?;
    tx.update_method(&method).await?;
    let id = format!("{user}/authentication-methods/{}", method.full_id());
    settle(app, call, tx, operator, Done { method: "PATCH", resource: RESOURCE, id: &id, body })
        .await?;
    Ok(method)
}

/// Removes a method. Whether the person can do without is up to the operator.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn delete_method(
    app: &App,
    call: &Call,
    operator: &Operator,
    user: &str,
    id: &str,
) -> Result<(), ManageError> {
    let removed =
        remove(app, call, operator, (user, id), |method| method.id.as_str() == id).await?;
    if removed > 0 { Ok(()) } else { Err(missing()) }
}

/// Removes the methods that are among `these`.
///
/// # Errors
/// [`ManageError::NotFound`] without the user.
pub async fn delete_methods(
    app: &App,
    call: &Call,
    operator: &Operator,
    user: &str,
    these: impl Fn(&AuthenticationMethod) -> bool,
) -> Result<(), ManageError> {
    remove(app, call, operator, (user, "*"), these).await.map(|_| ())
}

async fn remove(
    app: &App,
    call: &Call,
    operator: &Operator,
    (user, what): (&str, &str),
    these: impl Fn(&AuthenticationMethod) -> bool,
) -> Result<usize, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let mut methods = locked(&mut *tx, user).await?;
    methods.retain(these);
    for method in &methods {
        tx.delete_method(&method.user_id, &method.id).await?;
    }
    let id = format!("{user}/authentication-methods/{what}");
    let done = Done { method: "DELETE", resource: RESOURCE, id: &id, body: Value::Null };
    settle(app, call, tx, operator, done).await?;
    Ok(methods.len())
}

/// Puts a new recovery code in the place of the old one, and tells it this once.
///
/// # Errors
/// [`ManageError::NotFound`] without the user or a recovery code.
pub async fn regenerate_recovery_code(
    app: &App,
    call: &Call,
    operator: &Operator,
    user: &str,
) -> Result<String, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let methods = locked(&mut *tx, user).await?;
    let is_code = |method: &AuthenticationMethod| {
        method.confirmed && matches!(method.kind, MethodKind::RecoveryCode { .. })
    };
    let mut method = methods.into_iter().find(is_code).ok_or_else(missing)?;
    let begun = recovery_code::begin(&call.tenant.id, &method.id, app.sealer(), app.random());
    method.kind = begun.kind;
    tx.update_method(&method).await?;
    let id = format!("{user}/recovery-code-regeneration");
    let done = Done { method: "POST", resource: RESOURCE, id: &id, body: Value::Null };
    settle(app, call, tx, operator, done).await?;
    Ok(begun.code)
}

/// The user's methods; nobody else changes them until the transaction ends.
pub(super) async fn locked(
    tx: &mut dyn Tx,
    user: &str,
) -> Result<Vec<AuthenticationMethod>, ManageError> {
    let user = UserId::from_raw(user);
    if !tx.lock_user(&user).await? {
        return Err(ManageError::NotFound(Thing::User));
    }
    Ok(tx.methods(&user).await?)
}

fn missing() -> ManageError {
    ManageError::NotFound(Thing::AuthenticationMethod)
}
