//! The queue: messages are written sealed, in the transaction of the fact they tell of.

use serde::{Deserialize, Serialize};

use super::deliver::LEASE;
use super::written::Written;
use super::{Addressee, Channel, Content, Message};
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
    /// The sealed [`Message`], with an operator's words for it.
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

/// What is sealed. Messages queued by an older version have our words alone.
#[derive(Serialize, Deserialize)]
struct Payload {
    #[serde(flatten)]
    message: Message,
    #[serde(default)]
    written: Written,
}

fn place<'a>(tenant: &'a TenantId, id: &'a MessageId) -> Place<'a> {
    Place { tenant: tenant.as_str(), table: "outbox", row: id.as_str() }
}

/// Queues `message` to somebody; it is worthless after `dies_at`. Operators may have switched it off.
///
/// # Errors
/// If it cannot be sealed or stored.
pub async fn queue<'a>(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    to: impl Into<Addressee<'a>>,
    message: &Message,
    dies_at: Timestamp,
) -> Result<(), Fault> {
    let to = to.into();
    let Some(written) = Written::of(call, tx, &to, message).await? else { return Ok(()) };
    let payload = Payload { message: message.clone(), written };
    let queued = sealed(app, call, to.address, &payload, dies_at, call.now)?;
    Ok(tx.enqueue(&queued).await?)
}

/// Queues a message that is for a program, and that no request needs to have led to.
///
/// # Errors
/// If it cannot be sealed or stored.
pub(crate) async fn announce(
    app: &App,
    tenant: &TenantId,
    tx: &mut dyn Tx,
    to: &str,
    message: Message,
    (now, dies_at): (Timestamp, Timestamp),
) -> Result<(), Fault> {
    let payload = Payload { message, written: Written::default() };
    let times = Times { created_at: now, dies_at, due_at: now };
    Ok(tx.enqueue(&sealed_at(app, tenant, to, &payload, times)?).await?)
}

/// Queues `message` for [`super::deliver_now`], whose caller wants to know what the provider
/// says. If that call never comes, because this process ends, the worker delivers it later.
///
/// # Errors
/// If it cannot be sealed or stored.
pub async fn hold<'a>(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    to: impl Into<Addressee<'a>>,
    message: &Message,
    dies_at: Timestamp,
) -> Result<QueuedMessage, Fault> {
    let to = to.into();
    // Somebody waits for it: it cannot be switched off.
    let written = Written::of(call, tx, &to, message).await?.unwrap_or_default();
    let payload = Payload { message: message.clone(), written };
    let wait = if app.messenger().is_some() { LEASE } else { 0 };
    let due_at = call.now.plus_seconds(wait);
    let queued = sealed(app, call, to.address, &payload, dies_at, due_at)?;
    tx.enqueue(&queued).await?;
    Ok(queued)
}

fn sealed(
    app: &App,
    call: &Call,
    to: &str,
    payload: &Payload,
    dies_at: Timestamp,
    due_at: Timestamp,
) -> Result<QueuedMessage, Fault> {
    let times = Times { created_at: call.now, dies_at, due_at };
    sealed_at(app, &call.tenant.id, to, payload, times)
}

struct Times {
    created_at: Timestamp,
    dies_at: Timestamp,
    due_at: Timestamp,
}

fn sealed_at(
    app: &App,
    tenant: &TenantId,
    to: &str,
    payload: &Payload,
    times: Times,
) -> Result<QueuedMessage, Fault> {
    let id = MessageId::generate(app.random());
    let plain = serde_json::to_vec(payload).map_err(Fault::new)?;
    let sealed_payload = app.sealer().seal(place(tenant, &id), &plain, app.random())?;
    Ok(QueuedMessage {
        id,
        channel: payload.message.channel(),
        to: to.to_owned(),
        sealed_payload,
        created_at: times.created_at,
        dies_at: times.dies_at,
        due_at: times.due_at,
        attempts: 0,
        delivered_at: None,
    })
}

/// What a queued message tells of.
pub(super) fn told(app: &App, tenant: &TenantId, queued: &QueuedMessage) -> Result<Message, Fault> {
    Ok(unseal(app, tenant, queued)?.message)
}

fn unseal(app: &App, tenant: &TenantId, queued: &QueuedMessage) -> Result<Payload, Fault> {
    let payload = app.sealer().open(place(tenant, &queued.id), &queued.sealed_payload)?;
    serde_json::from_slice(&payload).map_err(Fault::new)
}

/// Opens a queued message and renders it.
///
/// # Errors
/// If it was sealed under another master key or does not parse.
pub fn open(app: &App, tenant: &TenantId, queued: &QueuedMessage) -> Result<Content, Fault> {
    let Payload { message, written } = unseal(app, tenant, queued)?;
    let mut content = message.content();
    written.put(&mut content);
    Ok(content)
}
