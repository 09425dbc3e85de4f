//! A person is removed by an operator.

use serde_json::Value;

use super::RESOURCE;
use crate::app::App;
use crate::call::Call;
use crate::id::{ConnectionId, UserId};
use crate::manage::record::{Done, settle};
use crate::manage::{ManageError, Operator, Thing};
use crate::port::Tx;
use crate::session::{Ending, end_all};
use crate::user::{Identifier, User};

/// Removes a user and everything that is theirs. Whoever presents a token of theirs is refused from
/// now on.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn delete(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
) -> Result<(), ManageError> {
    let user = UserId::from_raw(id);
    let mut tx = app.write(&call.tenant.id).await?;
    if !tx.lock_user(&user).await? {
        return Err(ManageError::NotFound(Thing::User));
    }
    tx.revoke_families_of(&user, true, None, call.now).await?;
    end_all(app, (&call.tenant, call.now), &mut *tx, &user, Ending::AccountDeleted).await?;
    tx.delete_user(&user).await?;
    let done = Done { method: "DELETE", resource: RESOURCE, id, body: Value::Null };
    settle(app, call, tx, operator, done).await
}

/// Removes whoever has a mail address in a connection; from an account that a linked identity finds,
/// only that identity is taken. Nothing happens if nobody has it.
///
/// # Errors
/// [`ManageError::NotFound`] for an unknown connection.
pub async fn delete_by_email(
    app: &App,
    call: &Call,
    operator: &Operator,
    connection: &ConnectionId,
    email: &str,
) -> Result<(), ManageError> {
    call.tenant.connection(connection).ok_or(ManageError::NotFound(Thing::Connection))?;
    let Some(name) = Identifier::email(email) else {
        let text = "Query validation error: 'Object didn't pass validation for format email' on \
                    property email.";
        return Err(ManageError::InvalidQuery(text.to_owned()));
    };
    let mut tx = app.write(&call.tenant.id).await?;
    let Some((user, _)) = tx.user_by_identifier(connection, &name).await? else { return Ok(()) };
    tx.lock_user(&user.id).await?;
    let is_own = user.connection_id == *connection && user.profile.identifiers().contains(&name);
    if is_own {
        tx.revoke_families_of(&user.id, true, None, call.now).await?;
        end_all(app, (&call.tenant, call.now), &mut *tx, &user.id, Ending::AccountDeleted).await?;
        tx.delete_user(&user.id).await?;
    } else {
        let Some(record) = tx.user_record(&user.id).await? else { return Ok(()) };
        let mut linked = record.linked;
        linked.retain(|own| {
            own.connection_id != *connection || !own.profile.identifiers().contains(&name)
        });
        tx.put_linked_identities(&user.id, &linked).await?;
    }
    let id = user.id.as_str();
    let done = Done { method: "DELETE", resource: RESOURCE, id, body: Value::Null };
    settle(app, call, tx, operator, done).await
}

/// Ends every session and authorization of a user, and logins that are under way.
///
/// # Errors
/// If that cannot be stored.
pub async fn sign_out(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
) -> Result<(), ManageError> {
    end_all(app, (&call.tenant, call.now), tx, &user.id, Ending::SessionRevoked).await?;
    tx.sign_out_everywhere(&user.id, call.now).await?;
    tx.revoke_families_of(&user.id, true, None, call.now).await?;
    Ok(())
}
