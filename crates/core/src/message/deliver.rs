//! Delivering what is queued: claim, open, hand over, note the outcome.

use super::open;
use crate::app::App;
use crate::error::Fault;
use crate::port::{ClaimedMessage, DeliveryError, Messenger, OutgoingMessage};
use crate::time::Timestamp;

/// Seconds a claimed message stays with the process that claimed it.
const LEASE: i64 = 120;
/// Messages claimed at once.
const BATCH: u32 = 20;
/// Tries after which a message is given up.
const MAX_ATTEMPTS: i64 = 8;

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
        deliver(app, messenger, message, now).await?;
    }
    Ok(claimed.len())
}

async fn deliver(
    app: &App,
    messenger: &dyn Messenger,
    claimed: &ClaimedMessage,
    now: Timestamp,
) -> Result<(), Fault> {
    let registry = app.store().registry();
    let ClaimedMessage { tenant, message } = claimed;
    let outcome = match prepare(app, claimed, now).await {
        Ok(Some(outgoing)) => messenger.deliver(&outgoing).await,
        Ok(None) => Err(DeliveryError::Permanent("no longer of use".to_owned())),
        Err(fault) => Err(DeliveryError::Permanent(fault.chain())),
    };
    match outcome {
        Ok(()) => registry.message_delivered(tenant, &message.id, now).await?,
        Err(error) => {
            tracing::warn!(message = %message.id, attempts = message.attempts, %error, "message not delivered");
            registry
                .message_failed(tenant, &message.id, retry_at(&error, message.attempts, now))
                .await?;
        }
    }
    Ok(())
}

async fn prepare(
    app: &App,
    claimed: &ClaimedMessage,
    now: Timestamp,
) -> Result<Option<OutgoingMessage>, Fault> {
    if now >= claimed.message.dies_at {
        return Ok(None);
    }
    let Some(tenant) = app.directory().by_id(&claimed.tenant, now).await? else { return Ok(None) };
    Ok(Some(OutgoingMessage {
        to: claimed.message.to.clone(),
        from_name: tenant.friendly_name().to_owned(),
        content: open(app, &claimed.tenant, &claimed.message)?,
    }))
}

/// Twice as long each time, from ten seconds on; none when it is hopeless.
fn retry_at(error: &DeliveryError, attempts: i64, now: Timestamp) -> Option<Timestamp> {
    match error {
        DeliveryError::Permanent(_) => None,
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
