//! The queue: messages are written sealed, in the transaction of the fact they tell of.

use super::deliver::LEASE;
use super::{Channel, Content, Message};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::{MessageId, TenantId};
use crate::port::Tx;
use crate::seal::Place;
use crate::time::Timestamp;

/// A queued message. Its payload is sealed because it may carry a code or a link.
#[derive(Clone, Debug)]
pub struct QueuedMessage {
    /// `msg_…`.
    pub id: MessageId,
    /// How it travels.
    pub channel: Channel,
    /// Where to.
    pub to: String,
    /// The sealed [`Message`].
    pub sealed_payload: Vec<u8>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When the code or link in it dies and delivering it is pointless.
    pub dies_at: Timestamp,
    /// When to try next.
    pub due_at: Timestamp,
    /// Tries so far.
    pub attempts: i64,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
}

fn place<'a>(tenant: &'a TenantId, id: &'a MessageId) -> Place<'a> {
    Place { tenant: tenant.as_str(), table: "outbox", row: id.as_str() }
}

/// Queues `message` to `to`; it is worthless after `dies_at`.
///
/// # Errors
/// If it cannot be sealed or stored.
pub async fn queue(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    to: &str,
    message: &Message,
    dies_at: Timestamp,
) -> Result<(), Fault> {
    let queued = sealed(app, call, to, message, dies_at, call.now)?;
    Ok(tx.enqueue(&queued).await?)
}

/// Queues `message` for [`super::deliver_now`], whose caller wants to know what the provider
/// says. If that call never comes, because this process ends, the worker delivers it later.
///
/// # Errors
/// If it cannot be sealed or stored.
pub async fn hold(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    to: &str,
    message: &Message,
    dies_at: Timestamp,
) -> Result<QueuedMessage, Fault> {
    let wait = if app.messenger().is_some() { LEASE } else { 0 };
    let queued = sealed(app, call, to, message, dies_at, call.now.plus_seconds(wait))?;
    tx.enqueue(&queued).await?;
    Ok(queued)
}

fn sealed(
    app: &App,
    call: &Call,
    to: &str,
    message: &Message,
    dies_at: Timestamp,
    due_at: Timestamp,
) -> Result<QueuedMessage, Fault> {
    let id = MessageId::generate(app.random());
    let payload = serde_json::to_vec(message).map_err(Fault::new)?;
    let sealed_payload = app.sealer().seal(place(&call.tenant.id, &id), &payload, app.random())?;
    Ok(QueuedMessage {
        id,
        channel: message.channel(),
        to: to.to_owned(),
        sealed_payload,
        created_at: call.now,
        dies_at,
        due_at,
        attempts: 0,
        delivered_at: None,
    })
}

/// Opens a queued message and renders it.
///
/// # Errors
/// If it was sealed under another master key or does not parse.
pub fn open(app: &App, tenant: &TenantId, queued: &QueuedMessage) -> Result<Content, Fault> {
    let payload = app.sealer().open(place(tenant, &queued.id), &queued.sealed_payload)?;
    let message: Message = serde_json::from_slice(&payload).map_err(Fault::new)?;
    Ok(message.content())
}
