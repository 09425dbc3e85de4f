//! Where people are signed in, and the refresh tokens they let applications have (contract 05 §9.3).

use serde_json::{Map, Value};

use super::record::{Done, settle};
use super::users::require;
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;
use crate::id::{ClientId, FamilyId, SessionId, UserId};
use crate::port::{Listed, Part, Tx};
use crate::session::{Ending, Session, end, end_all};
use crate::token::Family;

/// How many refresh tokens of one person are looked at to find those for one API. There are fewer.
const ALL: Part = Part::After { key: None, take: 10_000 };

/// A live session.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn session(app: &App, call: &Call, id: &str) -> Result<Session, ManageError> {
    let found = app.read(&call.tenant.id).await?.session(&SessionId::from_raw(id)).await?;
    found.filter(|session| session.is_live(call.now)).ok_or(ManageError::NotFound(Thing::Session))
}

/// The live sessions of a user.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn sessions_of(
    app: &App,
    call: &Call,
    user: &str,
    part: &Part,
) -> Result<Listed<Session>, ManageError> {
    let user = require(app, call, user).await?;
    Ok(app.read(&call.tenant.id).await?.sessions_of(&user, part, call.now).await?)
}

/// Notes something of a session.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn note_session(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    metadata: Map<String, Value>,
    body: Value,
) -> Result<Session, ManageError> {
    let mut found = session(app, call, id).await?;
    let mut tx = app.write(&call.tenant.id).await?;
    if !tx.note_session(&found.id, &metadata).await? {
        return Err(ManageError::NotFound(Thing::Session));
    }
    found.metadata = metadata;
    settle(app, call, tx, operator, Done { method: "PATCH", resource: "sessions", id, body })
        .await?;
    Ok(found)
}

/// Ends a session; with `tokens` also what applications got through it.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn end_session(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    tokens: bool,
) -> Result<(), ManageError> {
    let found = session(app, call, id).await?;
    let mut tx = app.write(&call.tenant.id).await?;
    end_one(app, call, &mut *tx, &found, tokens).await?;
    let done = Done { method: "DELETE", resource: "sessions", id, body: Value::Null };
    settle(app, call, tx, operator, done).await
}

async fn end_one(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    session: &Session,
    tokens: bool,
) -> Result<(), ManageError> {
    end(app, call, tx, session, Ending::SessionRevoked).await?;
    if tokens {
        tx.revoke_families_of_session(&session.user_id, &session.id, call.now).await?;
    }
    Ok(())
}

/// Ends every session of a user.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn end_sessions(
    app: &App,
    call: &Call,
    operator: &Operator,
    user: &str,
) -> Result<(), ManageError> {
    let id = require(app, call, user).await?;
    let mut tx = app.write(&call.tenant.id).await?;
    end_all(app, (&call.tenant, call.now), &mut *tx, &id, Ending::SessionRevoked).await?;
    tx.sign_out_everywhere(&id, call.now).await?;
    let path = format!("{user}/sessions");
    let done = Done { method: "DELETE", resource: "users", id: &path, body: Value::Null };
    settle(app, call, tx, operator, done).await
}

/// Ends one session of a user, or all, and unless `keep_refresh_tokens` what applications got by
/// them.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn revoke_access(
    app: &App,
    call: &Call,
    operator: &Operator,
    user: &str,
    (one, keep_refresh_tokens): (Option<&str>, bool),
    body: Value,
) -> Result<(), ManageError> {
    let id = require(app, call, user).await?;
    let found = match one {
        None => None,
        Some(one) => {
            let found = session(app, call, one).await?;
            let is_theirs = found.user_id == id;
            Some(found).filter(|_| is_theirs)
        }
    };
    if one.is_some() && found.is_none() {
        return Err(ManageError::NotFound(Thing::Session));
    }
    let mut tx = app.write(&call.tenant.id).await?;
    if let Some(session) = &found {
        end_one(app, call, &mut *tx, session, !keep_refresh_tokens).await?;
    } else {
        end_all(app, (&call.tenant, call.now), &mut *tx, &id, Ending::SessionRevoked).await?;
        tx.sign_out_everywhere(&id, call.now).await?;
        tx.revoke_families_of(&id, !keep_refresh_tokens, None, call.now).await?;
    }
    let path = format!("{user}/revoke-access");
    let done = Done { method: "POST", resource: "users", id: &path, body };
    settle(app, call, tx, operator, done).await
}

/// A live family of refresh tokens.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn refresh_token(app: &App, call: &Call, id: &str) -> Result<Family, ManageError> {
    let found = app.read(&call.tenant.id).await?.refresh_family(&FamilyId::from_raw(id)).await?;
    found.filter(|own| own.is_live(call.now)).ok_or(ManageError::NotFound(Thing::RefreshToken))
}

/// The live families of refresh tokens of a user; of one application, if it is named.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn refresh_tokens_of(
    app: &App,
    call: &Call,
    user: &str,
    client: Option<&ClientId>,
    part: &Part,
) -> Result<Listed<Family>, ManageError> {
    let user = require(app, call, user).await?;
    let mut tx = app.read(&call.tenant.id).await?;
    Ok(tx.refresh_families_of(&user, client, part, call.now).await?)
}

/// Notes something of a family of refresh tokens.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn note_refresh_token(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    metadata: Map<String, Value>,
    body: Value,
) -> Result<Family, ManageError> {
    let mut found = refresh_token(app, call, id).await?;
    let mut tx = app.write(&call.tenant.id).await?;
    if !tx.note_family(&found.id, &metadata).await? {
        return Err(ManageError::NotFound(Thing::RefreshToken));
    }
    found.metadata = metadata;
    let done = Done { method: "PATCH", resource: "refresh-tokens", id, body };
    settle(app, call, tx, operator, done).await?;
    Ok(found)
}

/// Revokes families of refresh tokens by id; those that are over are no matter.
///
/// # Errors
/// If it cannot be stored.
pub async fn revoke_tokens(
    app: &App,
    call: &Call,
    operator: &Operator,
    ids: &[String],
    (method, body): (&'static str, Value),
) -> Result<(), ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    // In one order, so that two who do this at once do not wait for each other.
    let mut families: Vec<_> = ids.iter().map(|id| FamilyId::from_raw(id.as_str())).collect();
    families.sort();
    for family in &families {
        tx.revoke_family(family, call.now).await?;
    }
    let done = Done { method, resource: "refresh-tokens", id: "revoke", body };
    settle(app, call, tx, operator, done).await
}

/// Revokes the refresh tokens of a user; those of one application and one API, if they are named.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn revoke_tokens_of(
    app: &App,
    call: &Call,
    operator: &Operator,
    user: &str,
    (client, audience): (Option<&ClientId>, Option<&str>),
    (method, body): (&'static str, Value),
) -> Result<(), ManageError> {
    let id = require(app, call, user).await?;
    let mut tx = app.write(&call.tenant.id).await?;
    let is_for = |family: &Family| {
        audience.is_none_or(|wanted| {
            family.audience.as_ref().is_some_and(|audience| audience.value == wanted)
        })
    };
    revoke_some(call, &mut *tx, &id, client, is_for).await?;
    let path = format!("{user}/refresh-tokens");
    settle(app, call, tx, operator, Done { method, resource: "users", id: &path, body }).await
}

/// Revokes those of a user's refresh tokens that are among `these`.
pub(super) async fn revoke_some(
    call: &Call,
    tx: &mut dyn Tx,
    user: &UserId,
    client: Option<&ClientId>,
    these: impl Fn(&Family) -> bool,
) -> Result<(), ManageError> {
    let all = tx.refresh_families_of(user, client, &ALL, call.now).await?;
    for family in all.items.iter().filter(|family| these(family)) {
        tx.revoke_family(&family.id, call.now).await?;
    }
    Ok(())
}
