//! Delivering what is queued: claim, open, hand over, note the outcome.

use super::logout_token::logout_token;
use super::{Channel, QueuedMessage, open};
use crate::app::App;
use crate::error::Fault;
use crate::id::{MethodId, TenantId};
use crate::port::{DeliveryError, Messenger, OutgoingMessage, PushRoute, Route};
use crate::tenant::LoadedTenant;
use crate::time::Timestamp;

/// Seconds a claimed message stays with the process that claimed it.
pub(super) const LEASE: i64 = 120;
/// Messages claimed at once.
const BATCH: u32 = 20;
/// Tries after which a message is given up.
const MAX_ATTEMPTS: i64 = 8;
/// Seconds until it is tried again whether there is a way out.
const UNCONFIGURED_PAUSE: i64 = 300;

/// What became of a message whose sender waited for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The provider has it.
    Taken,
    /// The provider could not be asked; it is tried again in the background.
    Later,
    /// The provider refuses it.
    Refused,
    /// The provider says that nobody can be reached there.
    NoRecipient,
}

/// Delivers the messages due now; returns how many were claimed, so that a caller can go on until
/// there are none.
///
/// # Errors
/// If the queue cannot be read or written. What the messenger refuses is noted and tried again.
pub async fn deliver_due(app: &App, messenger: &dyn Messenger) -> Result<usize, Fault> {
    let now = app.clock().now();
    let registry = app.store().registry();
    let claimed = registry.claim_messages(now, now.plus_seconds(LEASE), BATCH).await?;
    for message in &claimed {
        let found = app.directory().by_id(&message.tenant, now).await?;
        deliver(app, messenger, &message.tenant, found.as_deref(), &message.message, now).await?;
    }
    Ok(claimed.len())
}

/// Delivers a message that [`super::hold`] queued, and tells what the provider says. A process
/// without a messenger leaves it to one that has one.
///
/// # Errors
/// If the outcome cannot be noted.
pub async fn deliver_now(
    app: &App,
    tenant: &LoadedTenant,
    message: &QueuedMessage,
) -> Result<Delivery, Fault> {
    let Some(messenger) = app.messenger() else {
        app.nudge_outbox();
        return Ok(Delivery::Later);
    };
    let now = app.clock().now();
    deliver(app, messenger, &tenant.id, Some(tenant), message, now).await
}

async fn deliver(
    app: &App,
    messenger: &dyn Messenger,
    id: &TenantId,
    tenant: Option<&LoadedTenant>,
    message: &QueuedMessage,
    now: Timestamp,
) -> Result<Delivery, Fault> {
    let registry = app.store().registry();
    let prepared = match tenant {
        Some(tenant) => prepare(app, tenant, message, now).await,
        None => Ok(None),
    };
    let outcome = match prepared {
        Ok(Some(outgoing)) => messenger.deliver(&outgoing).await,
        Ok(None) => Err(DeliveryError::Permanent("no longer of use".to_owned())),
        Err(fault) => Err(DeliveryError::Permanent(fault.chain())),
    };
    let Err(error) = outcome else {
        registry.message_delivered(id, &message.id, now).await?;
        return Ok(Delivery::Taken);
    };
    tracing::warn!(message = %message.id, attempts = message.attempts, %error, "message not delivered");
    let retry_at = retry_at(&error, message.attempts, now);
    registry.message_failed(id, &message.id, retry_at).await?;
    Ok(match error {
        DeliveryError::Recipient(_) => Delivery::NoRecipient,
        DeliveryError::Permanent(_) => Delivery::Refused,
        DeliveryError::Transient(_) | DeliveryError::Unconfigured(_) => Delivery::Later,
    })
}

async fn prepare(
    app: &App,
    tenant: &LoadedTenant,
    message: &QueuedMessage,
    now: Timestamp,
) -> Result<Option<OutgoingMessage>, Fault> {
    if now >= message.dies_at {
        return Ok(None);
    }
    Ok(Some(OutgoingMessage {
        id: message.id.clone(),
        tenant: tenant.id.clone(),
        channel: message.channel,
        to: message.to.clone(),
        from_name: tenant.friendly_name().to_owned(),
        content: open(app, &tenant.id, message)?,
        route: route(app, tenant, message, now).await?,
        at: now,
        dies_at: message.dies_at,
    }))
}

async fn route(
    app: &App,
    tenant: &LoadedTenant,
    message: &QueuedMessage,
    now: Timestamp,
) -> Result<Route, Fault> {
    match message.channel {
        Channel::Email => {
            let own = tenant.settings.email_provider.as_ref().filter(|own| own.enabled);
            own.map_or(Ok(Route::Mail), |own| own.route(&tenant.id, app.sealer()))
        }
        Channel::Sms | Channel::Voice => {
            let provider = tenant.settings.phone.provider.as_ref();
            let route = provider.map(|own| own.route(&tenant.id, app.sealer())).transpose()?;
            Ok(route.map_or(Route::None, Route::Phone))
        }
        Channel::Logout => logout_token(app, tenant, message, now).map(Route::BackChannel),
        Channel::Push => to_device(app, tenant, &MethodId::from_raw(&message.to)).await,
    }
}

/// The device is looked up now: it may have left, or have got another address.
async fn to_device(app: &App, tenant: &LoadedTenant, id: &MethodId) -> Result<Route, Fault> {
    let mut tx = app.read(&tenant.id).await?;
    let device = tx.push_device(id).await?.and_then(|found| found.device);
    let device = device.ok_or_else(|| Fault::new("the device is gone"))?;
    let carrier = tenant.settings.push.carrier(&tenant.id, device.service, app.sealer())?;
    let address = device.address(app, &tenant.id, id)?;
    Ok(carrier.map_or(Route::None, |carrier| {
        Route::Push(PushRoute { service: device.service, address, carrier })
    }))
}

/// Twice as long each time, from ten seconds on; none when it is hopeless.
fn retry_at(error: &DeliveryError, attempts: i64, now: Timestamp) -> Option<Timestamp> {
    match error {
        DeliveryError::Permanent(_) | DeliveryError::Recipient(_) => None,
        DeliveryError::Unconfigured(_) => Some(now.plus_seconds(UNCONFIGURED_PAUSE)),
        DeliveryError::Transient(_) if attempts >= MAX_ATTEMPTS => None,
        DeliveryError::Transient(_) => Some(now.plus_seconds(10 << attempts.clamp(0, 10))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_back_off_and_end() {
        let now = Timestamp(0);
        let later = DeliveryError::Transient(String::new());
        assert_eq!(retry_at(&later, 0, now), Some(Timestamp(10_000)));
        assert_eq!(retry_at(&later, 3, now), Some(Timestamp(80_000)));
        assert_eq!(retry_at(&later, MAX_ATTEMPTS, now), None);
        assert_eq!(retry_at(&DeliveryError::Permanent(String::new()), 0, now), None);
    }
}
