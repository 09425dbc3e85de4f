//! Who may not try passwords for a while, having tried too many (contract 05 §9.3).

use serde_json::Value;

use super::record::{Done, settle};
use super::users::find;
use super::{ManageError, Operator};
use crate::app::App;
use crate::call::Call;
use crate::login::{blocked_addresses, forgive_everywhere};
use crate::user::Identifier;

/// Somebody who is kept from trying passwords for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The name.
    pub identifier: String,
    /// The address they try from; none is any.
    pub ip: Option<String>,
}

/// From where nobody may try passwords for a name.
///
/// # Errors
/// If the database fails.
pub async fn of_name(app: &App, call: &Call, name: &str) -> Result<Vec<Blocked>, ManageError> {
    of_names(app, call, &[name.to_owned()]).await
}

/// The same of all names of a user.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn of_user(app: &App, call: &Call, user: &str) -> Result<Vec<Blocked>, ManageError> {
    of_names(app, call, &names(app, call, user).await?).await
}

async fn of_names(app: &App, call: &Call, names: &[String]) -> Result<Vec<Blocked>, ManageError> {
    let mut tx = app.read(&call.tenant.id).await?;
    let mut blocked = Vec::new();
    for name in names {
        let addresses = blocked_addresses(call, &mut *tx, name).await?.into_iter();
        blocked.extend(addresses.map(|ip| Blocked {
            identifier: name.clone(),
            ip: Some(ip).filter(|ip| !ip.is_empty()),
        }));
    }
    Ok(blocked)
}

/// Lets everybody try passwords for a name again.
///
/// # Errors
/// If it cannot be stored.
pub async fn forgive_name(
    app: &App,
    call: &Call,
    operator: &Operator,
    name: &str,
) -> Result<(), ManageError> {
    forgive(app, call, operator, name, &[name.to_owned()]).await
}

/// The same of all names of a user.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn forgive_user(
    app: &App,
    call: &Call,
    operator: &Operator,
    user: &str,
) -> Result<(), ManageError> {
    let names = names(app, call, user).await?;
    forgive(app, call, operator, user, &names).await
}

async fn names(app: &App, call: &Call, user: &str) -> Result<Vec<String>, ManageError> {
    let identifiers = find(app, call, user).await?.user.profile.identifiers();
    let value = |identifier: &Identifier| identifier.value().to_owned();
    Ok(identifiers.iter().map(value).collect())
}

async fn forgive(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    names: &[String],
) -> Result<(), ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    for name in names {
        forgive_everywhere(&mut *tx, name).await?;
    }
    let done = Done { method: "DELETE", resource: "user-blocks", id, body: Value::Null };
    settle(app, call, tx, operator, done).await
}
