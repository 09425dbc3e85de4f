//! Dev mode: nothing leaves the machine.

use async_trait::async_trait;
use housekey_core::port::{DeliveryError, Messenger, OutgoingMessage};

/// Takes every message and sends it nowhere; `/dev/outbox` shows what was queued.
#[derive(Clone, Copy, Debug, Default)]
pub struct DevMessenger;

#[async_trait]
impl Messenger for DevMessenger {
    async fn deliver(&self, _message: &OutgoingMessage) -> Result<(), DeliveryError> {
        Ok(())
    }
}
