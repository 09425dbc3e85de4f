//! What devices for push messages call (contract 04 §14), driven by a device written from there.

mod accounts;
mod enroll;
mod rich_consents;
mod transactions;

use housekey_core::guardian::{Question, RequestedDetails, ask};
use housekey_core::id::{MethodId, UserId};
use housekey_core::secret::Handle;
use housekey_testkit::actor::Actor;
use housekey_testkit::device::Device;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Map, Value, json};

async fn app(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.push().start().await
}

/// The URI of a new QR code.
async fn qr(user: &Actor<'_>) -> String {
    let reply = user.enroll(&json!({ "type": "push-notification" })).await.expect(202);
    reply.text("/barcode_uri")
}

/// Enrols a device; the message that tells of it is read.
async fn enrolled<'a>(app: &'a TestApp, user: &Actor<'_>) -> Device<'a> {
    let device = Device::enroll(app, &qr(user).await).await;
    assert_eq!(app.messages().await.len(), 1);
    device
}

fn question(device: &Device<'_>, details: Option<RequestedDetails>) -> Question {
    Question {
        user_id: UserId::from_raw(&device.user_id),
        device_id: MethodId::from_raw(&device.id),
        details,
    }
}

/// Asks a device; returns the asker's handle and what the push message carries.
async fn asked(
    app: &TestApp,
    device: &Device<'_>,
    details: Option<RequestedDetails>,
) -> (Handle, Map<String, Value>) {
    let handle = ask(app.core(), &app.call().await, question(device, details)).await;
    let message = app.message().await;
    (handle.expect("asked"), message.content.data.expect("a push message carries data"))
}
