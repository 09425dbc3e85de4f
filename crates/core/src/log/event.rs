//! One event and how it is written.

use serde_json::{Map, Value};

use super::LogKind;
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::{ClientId, LogId};
use crate::port::Tx;
use crate::time::Timestamp;
use crate::user::User;

/// A tenant log event.
#[derive(Clone, Debug)]
pub struct LogEvent {
    /// Sorts by time.
    pub id: LogId,
    /// What happened.
    pub kind: LogKind,
    /// When.
    pub date: Timestamp,
    /// In words.
    pub description: String,
    /// The application.
    pub client_id: Option<String>,
    /// The user.
    pub user_id: Option<String>,
    /// How the user is called.
    pub user_name: Option<String>,
    /// Where the user comes from.
    pub connection_id: Option<String>,
    /// The peer's address.
    pub ip: String,
    /// The peer's `User-Agent`.
    pub user_agent: String,
    /// The host it was called on.
    pub hostname: String,
    /// What else is known, per kind.
    pub details: Map<String, Value>,
}

/// Whom an event is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSubject<'a> {
    /// The application.
    pub client: Option<&'a ClientId>,
    /// The user.
    pub user: Option<&'a User>,
    /// What somebody typed as their name, when no user is known.
    pub name: Option<&'a str>,
}

/// Writes an event in the transaction of the fact.
///
/// # Errors
/// If it cannot be stored.
pub async fn record(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    kind: LogKind,
    subject: LogSubject<'_>,
    details: Map<String, Value>,
) -> Result<(), Fault> {
    // Not the request's present: ids are to follow the order in which things became true.
    let (date, nth) = app.log_order().next(app.clock().now());
    let event = LogEvent {
        id: LogId::generate(app.random(), date, nth),
        kind,
        date,
        description: kind.description().to_owned(),
        client_id: subject.client.map(ToString::to_string),
        user_id: subject.user.map(|user| user.id.to_string()),
        user_name: subject
            .user
            .map(|user| user.label().to_owned())
            .or_else(|| subject.name.map(ToOwned::to_owned)),
        connection_id: subject.user.map(|user| user.connection_id.to_string()),
        ip: call.ip.clone(),
        user_agent: call.user_agent.clone(),
        hostname: call.host.clone(),
        details,
    };
    tx.log(&event).await?;
    Ok(())
}
