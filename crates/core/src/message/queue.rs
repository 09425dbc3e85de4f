//! The queue: messages are written sealed, in the transaction of the fact they tell of.

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
    let id = MessageId::generate(app.random());
    let payload = serde_json::to_vec(message).map_err(Fault::new)?;
    let tenant = &call.tenant.id;
    let sealed_payload = app.sealer().seal(place(tenant, &id), &payload, app.random())?;
    let queued = QueuedMessage {
        id,
        channel: Channel::Email,
        to: to.to_owned(),
        sealed_payload,
        created_at: call.now,
        dies_at,
        due_at: call.now,
        attempts: 0,
        delivered_at: None,
    };
    tx.enqueue(&queued).await?;
    Ok(())
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
