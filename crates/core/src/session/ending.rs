//! The end of sessions, and telling applications of it (OpenID Connect Back-Channel Logout 1.0;
//! contract 03 §11.7).

use serde::{Deserialize, Serialize};

use super::Session;
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::error::Fault;
use crate::id::UserId;
use crate::message::{Message, announce};
use crate::port::{Part, Tx};
use crate::tenant::LoadedTenant;
use crate::time::Timestamp;

/// Seconds an application is tried to be told.
const TOLD_WITHIN: i64 = 3600;
/// Sessions of one user looked at together.
const AT_ONCE: u32 = 100;

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The person logged out.
    RpLogout,
    /// The provider they signed in with said so.
    IdpLogout,
    /// The password was changed.
    PasswordChanged,
    /// Its time was over.
    SessionExpired,
    /// An operator, or the person elsewhere, ended it.
    SessionRevoked,
    /// The account was removed.
    AccountDeleted,
    /// The account's mail address was changed.
    EmailIdentifierChanged,
}

impl Ending {
    /// Those that applications hear of that choose none.
    pub const USUAL: [Self; 2] = [Self::RpLogout, Self::IdpLogout];
}

/// How an application wants to hear of the end of sessions. The serialised form is the stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogoutListener {
    /// Where to; nowhere if it does not.
    pub urls: Vec<String>,
    /// Of which ends.
    pub endings: Endings,
}

/// Which ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endings {
    /// Whatever ends a session.
    All,
    /// These.
    Only(Vec<Ending>),
}

impl Default for Endings {
    fn default() -> Self {
        Self::Only(Ending::USUAL.to_vec())
    }
}

impl LogoutListener {
    fn hears(&self, why: Ending) -> bool {
        match &self.endings {
            Endings::All => true,
            Endings::Only(some) => some.contains(&why),
        }
    }
}

/// Ends a session and has its applications told. False if it had ended.
///
/// # Errors
/// If that cannot be stored.
pub async fn end(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    session: &Session,
    why: Ending,
) -> Result<bool, Fault> {
    let ended = tx.delete_session(&session.id).await?;
    if ended {
        tell(app, &call.tenant, tx, session, (why, call.now)).await?;
    }
    Ok(ended)
}

/// Ends every session of a user and has their applications told; returns how many.
///
/// # Errors
/// If that cannot be stored.
pub async fn end_all(
    app: &App,
    (tenant, now): (&LoadedTenant, Timestamp),
    tx: &mut dyn Tx,
    user: &UserId,
    why: Ending,
) -> Result<u64, Fault> {
    tell_all(app, (tenant, now), tx, user, why).await?;
    Ok(tx.delete_sessions_of(user, None).await?)
}

/// Has the applications of every session of a user told that these are to end with them.
///
/// # Errors
/// If that cannot be stored.
pub async fn tell_all(
    app: &App,
    (tenant, now): (&LoadedTenant, Timestamp),
    tx: &mut dyn Tx,
    user: &UserId,
    why: Ending,
) -> Result<(), Fault> {
    // Most tenants have nobody who listens: their sessions need not be read.
    if !somebody_listens(tenant, why) {
        return Ok(());
    }
    let mut key = None;
    loop {
        let part = Part::After { key, take: AT_ONCE };
        let listed = tx.sessions_of(user, &part, now).await?;
        for session in &listed.items {
            tell(app, tenant, tx, session, (why, now)).await?;
        }
        key = listed.next;
        if key.is_none() {
            return Ok(());
        }
    }
}

/// Ends the sessions whose time is over in tenants where applications want to hear of that; in the
/// others they are removed one day unnoticed. Returns how many, so that a caller can go on until
/// there are none.
///
/// # Errors
/// If that cannot be stored.
pub async fn end_expired(app: &App) -> Result<usize, Fault> {
    let now = app.clock().now();
    let mut ended = 0;
    for id in app.store().registry().tenants().await? {
        let Some(tenant) = app.directory().by_id(&id, now).await? else { continue };
        if !somebody_listens(&tenant, Ending::SessionExpired) {
            continue;
        }
        let mut tx = app.write(&id).await?;
        for session in tx.expired_sessions(now, AT_ONCE).await? {
            if tx.delete_session(&session.id).await? {
                tell(app, &tenant, &mut *tx, &session, (Ending::SessionExpired, now)).await?;
            }
            ended += 1;
        }
        tx.commit().await?;
    }
    if ended > 0 {
        app.nudge_outbox();
    }
    Ok(ended)
}

fn somebody_listens(tenant: &LoadedTenant, why: Ending) -> bool {
    tenant.clients().any(|client| listens(client, why))
}

fn listens(client: &Client, why: Ending) -> bool {
    let listener = &client.settings.logout_listener;
    !listener.urls.is_empty() && listener.hears(why)
}

async fn tell(
    app: &App,
    tenant: &LoadedTenant,
    tx: &mut dyn Tx,
    session: &Session,
    (why, now): (Ending, Timestamp),
) -> Result<(), Fault> {
    let clients = session.clients.iter().filter_map(|id| tenant.client(id));
    for client in clients.filter(|client| listens(client, why)) {
        for url in &client.settings.logout_listener.urls {
            let message = Message::LogoutToken {
                issuer: session.device.issuer(tenant),
                client: client.id.clone(),
                user: session.user_id.clone(),
                session: session.id.clone(),
            };
            let times = (now, now.plus_seconds(TOLD_WITHIN));
            announce(app, &tenant.id, tx, url, message, times).await?;
        }
    }
    Ok(())
}
