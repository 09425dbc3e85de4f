//! The browser's session: finding it, and making one when somebody has authenticated.

use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::{ClientId, SessionId, UserId};
use crate::port::Tx;
use crate::secret::Handle;
use crate::session::{Ending, MethodEvent, SeenFrom, Session, append, end};
use crate::tenant::CookieMode;
use serde_json::Map;

/// What the session cookie must become.
#[derive(Clone, Debug)]
pub struct SessionCookie {
    /// Its value.
    pub handle: Handle,
    /// Seconds it lives; none if it ends with the browser.
    pub max_age: Option<i64>,
}

/// What a browser sent.
#[derive(Clone, Debug, Default)]
pub struct Cookies {
    /// The session.
    pub session: Option<Handle>,
    /// What ties transactions to the browser.
    pub browser: Option<Handle>,
    /// What spares a second factor for a while.
    pub remembered: Option<Handle>,
}

/// What a browser's cookies become; none stays as it is.
#[derive(Clone, Debug, Default)]
pub struct NewCookies {
    /// The session.
    pub session: Option<SessionCookie>,
    /// What spares a second factor for a while.
    pub remembered: Option<Handle>,
}

/// The live session behind a cookie.
///
/// # Errors
/// If the database is not available.
pub async fn current_session(
    app: &App,
    call: &Call,
    cookie: Option<&Handle>,
) -> Result<Option<Session>, Fault> {
    let Some(cookie) = cookie else { return Ok(None) };
    let mut tx = app.read(&call.tenant.id).await?;
    let session = tx.session_by_handle(&cookie.hash()).await?;
    Ok(session.filter(|session| session.is_live(call.now)))
}

fn idle_end(call: &Call) -> crate::time::Timestamp {
    call.now.plus_seconds(call.tenant.settings.sessions.idle_seconds())
}

/// Notes that `client` used a session, and extends its idle end.
pub(super) async fn touch(
    call: &Call,
    tx: &mut dyn Tx,
    mut session: Session,
    client: &ClientId,
) -> Result<bool, Fault> {
    note_use(call, &mut session, client);
    Ok(tx.update_session(&session).await?)
}

fn note_use(call: &Call, session: &mut Session, client: &ClientId) {
    session.idle_expires_at = idle_end(call);
    session.updated_at = call.now;
    session.device.again(call);
    if !session.clients.contains(client) {
        session.clients.push(client.clone());
    }
}

/// The present session of somebody who proved more in it, with a new handle. None if it is gone, or
/// somebody else's: a second factor alone signs nobody in.
pub(super) async fn raise(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    present: Option<Session>,
    user: &UserId,
    events: &[MethodEvent],
    client: &ClientId,
) -> Result<Option<(Session, SessionCookie)>, Fault> {
    let Some(mut session) = present.filter(|session| session.user_id == *user) else {
        return Ok(None);
    };
    let handle = Handle::generate(app.random());
    session.handle = handle.hash();
    append(&mut session.events, events);
    note_use(call, &mut session, client);
    if !tx.update_session(&session).await? {
        return Ok(None);
    }
    let max_age = max_age(call, session.expires_at.seconds_since(call.now));
    Ok(Some((session, SessionCookie { handle, max_age })))
}

/// The session of somebody who has just authenticated: their present one with a new handle, so
/// that a handle known before is worthless, or a new one in place of somebody else's.
pub(super) async fn establish(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    present: Option<Session>,
    user: &UserId,
    events: &[MethodEvent],
    client: &ClientId,
) -> Result<(Session, SessionCookie), Fault> {
    let others = present.clone().filter(|session| session.user_id != *user);
    if let Some(raised) = raise(app, call, tx, present, user, events, client).await? {
        return Ok(raised);
    }
    if let Some(others) = others {
        end(app, call, tx, &others, Ending::RpLogout).await?;
    }
    let handle = Handle::generate(app.random());
    let lifetime = call.tenant.settings.sessions.seconds();
    let session = Session {
        id: SessionId::generate(app.random()),
        handle: handle.hash(),
        user_id: user.clone(),
        events: events.to_vec(),
        clients: vec![client.clone()],
        created_at: call.now,
        expires_at: call.now.plus_seconds(lifetime),
        idle_expires_at: idle_end(call),
        updated_at: call.now,
        device: SeenFrom::first(call),
        metadata: Map::new(),
    };
    tx.insert_session(&session).await?;
    Ok((session, SessionCookie { handle, max_age: max_age(call, lifetime) }))
}

fn max_age(call: &Call, lives: i64) -> Option<i64> {
    (call.tenant.settings.sessions.cookie == CookieMode::Persistent).then_some(lives)
}
