//! What was sent to people: tests read it, or say that they do not care.

use async_trait::async_trait;
use housekey_core::message::deliver_due;
use housekey_core::port::{DeliveryError, Messenger, OutgoingMessage};
use tokio::sync::Mutex;

use crate::app::TestApp;

/// Whether messages nobody read fail the test.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    ignored: bool,
}

#[derive(Default)]
struct Collector(Mutex<Vec<OutgoingMessage>>);

#[async_trait]
impl Messenger for Collector {
    async fn deliver(&self, message: &OutgoingMessage) -> Result<(), DeliveryError> {
        self.0.lock().await.push(message.clone());
        Ok(())
    }
}

impl TestApp {
    /// Delivers what is queued and returns it, oldest first.
    pub async fn messages(&self) -> Vec<OutgoingMessage> {
        let collector = Collector::default();
        while deliver_due(&self.core, &collector).await.expect("the queue is readable") > 0 {}
        collector.0.into_inner()
    }

    /// The one message that is queued.
    pub async fn message(&self) -> OutgoingMessage {
        let mut messages = self.messages().await;
        let subjects: Vec<_> =
            messages.iter().map(|message| message.content.subject.clone()).collect();
        assert_eq!(messages.len(), 1, "one message, not {subjects:?}");
        messages.remove(0)
    }

    /// Says that this test is not about messages: unread ones do not fail it.
    pub async fn ignore_messages(&self) {
        self.unread.lock().await.ignored = true;
    }

    /// A message that a test does not expect is a surprise for a person, too.
    pub(crate) fn fail_on_unread(&self) {
        if self.unread.try_lock().is_ok_and(|unread| unread.ignored) {
            return;
        }
        let unread = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(self.messages())
        });
        let unread: Vec<_> = unread.iter().map(|message| &message.content.subject).collect();
        assert!(unread.is_empty(), "messages nobody read: {unread:?}");
    }
}
