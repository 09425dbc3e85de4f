//! Linking accounts of one person, and taking them apart again (contract 05 §9.3).
//!
//! The account that is linked is no account any more: it is a further way to sign in to the other
//! one. Its sessions, tokens, factors, roles and metadata go.

use serde_json::{Map, Value};

use super::RESOURCE;
use crate::app::App;
use crate::call::Call;
use crate::id::UserId;
use crate::manage::record::{Done, settle};
use crate::manage::{ManageError, Operator, Thing};
use crate::port::{StoreError, Tx};
use crate::session::{Ending, end_all};
use crate::user::{LinkedIdentity, Profile, User, UserRecord};

/// How many accounts may be linked to one.
const MOST: usize = 10;

/// Links `other`, and what is linked to it, to the account of `id`. Returns that account.
///
/// # Errors
/// [`ManageError::NotFound`]; [`ManageError::InvalidBody`] if they cannot be linked.
pub async fn link(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    other: &UserId,
    body: Value,
) -> Result<UserRecord, ManageError> {
    let user = UserId::from_raw(id);
    if user == *other {
        return refused("Main account and linked account cannot be the same.");
    }
    let mut tx = app.write(&call.tenant.id).await?;
    // Always in one order, so that two who link crosswise do not wait for each other.
    let mut both = [&user, other];
    both.sort();
    for one in both {
        if !tx.lock_user(one).await? {
            return Err(ManageError::NotFound(Thing::User));
        }
    }
    let missing = || ManageError::NotFound(Thing::User);
    let primary = tx.user_record(&user).await?.ok_or_else(missing)?;
    let account = tx.account_of(other).await?.ok_or_else(missing)?;
    let secondary = tx.user_record(other).await?.ok_or_else(missing)?;
    if account.user.blocked {
        return refused("A blocked user cannot be linked.");
    }
    let identity = LinkedIdentity {
        id: account.user.id,
        connection_id: account.user.connection_id,
        profile: without_metadata(account.user.profile),
        password: account.password,
        linked_at: call.now,
    };
    let linked: Vec<_> =
        primary.linked.into_iter().chain([identity]).chain(secondary.linked).collect();
    if linked.len() > MOST {
        return refused("The user has as many linked accounts as there may be.");
    }
    tx.revoke_families_of(other, true, None, call.now).await?;
    end_all(app, (&call.tenant, call.now), &mut *tx, other, Ending::AccountDeleted).await?;
    tx.delete_user(other).await?;
    tx.put_linked_identities(&user, &linked).await?;
    finish(app, call, operator, tx, (id, "POST", body)).await
}

/// Makes what was linked an account of its own again. Returns the account it was linked to.
///
/// # Errors
/// [`ManageError::NotFound`]; [`ManageError::InvalidBody`] for the account's own identity;
/// [`ManageError::UserExists`] if somebody else has its id by now.
pub async fn unlink(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    identity: &UserId,
) -> Result<UserRecord, ManageError> {
    let user = UserId::from_raw(id);
    if user == *identity {
        return refused("The main identity of a user cannot be unlinked.");
    }
    let mut tx = app.write(&call.tenant.id).await?;
    if !tx.lock_user(&user).await? {
        return Err(ManageError::NotFound(Thing::User));
    }
    let missing = || ManageError::NotFound(Thing::User);
    let mut linked = tx.user_record(&user).await?.ok_or_else(missing)?.linked;
    let at = linked.iter().position(|own| own.id == *identity);
    let freed = linked.remove(at.ok_or(ManageError::NotFound(Thing::Identity))?);
    tx.put_linked_identities(&user, &linked).await?;
    let again = User {
        id: freed.id,
        connection_id: freed.connection_id,
        profile: freed.profile,
        blocked: false,
        created_at: call.now,
        updated_at: call.now,
    };
    match tx.insert_user(&again).await {
        Err(StoreError::Conflict) => return Err(ManageError::UserExists),
        outcome => outcome?,
    }
    if let Some(password) = freed.password {
        tx.set_password(&again.id, &password.hash, 0, call.now).await?;
    }
    finish(app, call, operator, tx, (id, "DELETE", Value::Null)).await
}

async fn finish(
    app: &App,
    call: &Call,
    operator: &Operator,
    mut tx: Box<dyn Tx>,
    (id, method, body): (&str, &'static str, Value),
) -> Result<UserRecord, ManageError> {
    let record = tx.user_record(&UserId::from_raw(id)).await?;
    let record = record.ok_or(ManageError::NotFound(Thing::User))?;
    settle(app, call, tx, operator, Done { method, resource: RESOURCE, id, body }).await?;
    Ok(record)
}

fn without_metadata(profile: Profile) -> Profile {
    Profile { user_metadata: Map::default(), app_metadata: Map::default(), ..profile }
}

fn refused<T>(why: &str) -> Result<T, ManageError> {
    Err(ManageError::InvalidBody(why.to_owned()))
}
