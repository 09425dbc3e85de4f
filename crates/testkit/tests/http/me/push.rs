//! Devices for push messages: enrol and verify (contract 01 §4).

use housekey_core::tenant::Configuration;
use housekey_core::tenant::push::PushSettings;
use housekey_testkit::actor::method_path;
use housekey_testkit::authenticator;
use housekey_testkit::device::{Device, Scanned};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{begin, told};

async fn app(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.push().start().await
}

fn uri(body: &Value) -> &str {
    body["barcode_uri"].as_str().expect("a URI")
}

async fn a_device_is_enrolled_from_first_to_last(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let reply = user.enroll(&json!({ "type": "push-notification" })).await;
    assert_shown!(reply.seen(), {
        ".body.id" => "[id]",
        ".body.auth_session" => "[auth_session]",
        ".body.barcode_uri" => "[uri]",
        ".location" => "[location]",
    }, @r#"
    {
      "body": {
        "auth_session": "[auth_session]",
        "barcode_uri": "[uri]",
        "id": "[id]"
      },
      "location": "[location]",
      "status": 202
    }
    "#);
    let begun = super::Begun::read(&reply);
    let word = json!({ "auth_session": begun.auth_session });
    for _ in 0..12 {
        let pending = user.verify(&begun.id, &word).await;
        assert_eq!(told(&pending), ("Forbidden".to_owned(), "authorization_pending".to_owned()));
        assert_eq!(pending.expect(403).text("/error"), "authorization_pending");
    }
    let listed = user.get(&method_path(&begun.id)).await.expect(200).json();
    assert_eq!(listed["confirmed"], false);
    let device = Device::enroll(&app, uri(&begun.body)).await;
    assert_eq!(format!("push-notification|{}", device.id), begun.id);
    assert!(app.message().await.content.subject.starts_with("A device for push messages was"));
    let verified = user.verify(&begun.id, &word).await;
    assert_shown!(verified.seen(), { ".body.id" => "[id]", ".location" => "[location]" }, @r#"
    {
      "body": {
        "confirmed": true,
        "created_at": "2026-01-01T00:00:00.000Z",
        "id": "[id]",
        "name": "Ada's phone",
        "type": "push-notification",
        "usage": [
          "secondary"
        ]
      },
      "location": "[location]",
      "status": 201
    }
    "#);
    let _ = user.verify(&begun.id, &word).await.expect(409);
}

async fn the_code_names_all_that_apps_read(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "push-notification").await;
    let uri = uri(&begun.body);
    let scanned = Scanned::read(uri);
    let id = begun.id.split_once('|').expect("a bar").1;
    let secret = &scanned.secret;
    let expected = format!(
        "otpauth://totp/The%20acme%20tenant:user%40example.com?secret={secret}\
         &enrollment_tx_id={}&issuer=The%20acme%20tenant&id={id}\
         &base_url=https%3A%2F%2Facme.example%2Fappliance-mfa\
         &algorithm=sha1&digits=6&counter=0&period=30",
        scanned.ticket
    );
    assert_eq!(uri, expected);
    assert_eq!(authenticator::code(secret, app.now()).len(), 6, "any app shows codes");
}

async fn nobody_scans_and_the_enrolment_expires(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "push-notification").await;
    let word = json!({ "auth_session": begun.auth_session });
    app.clock().advance(299);
    let _ = user.verify(&begun.id, &word).await.expect(403);
    app.clock().advance(1);
    let late = user.verify(&begun.id, &word).await.expect(403);
    assert_eq!(told(&late).1, "The enrollment has expired.");
}

async fn beginning_again_replaces_what_nobody_scanned(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let first = begin(&user, "push-notification").await;
    let second = begin(&user, "push-notification").await;
    assert_ne!(first.id, second.id);
    assert_eq!(user.method_ids().await.len(), 2, "the password and one pending device");
    let scanned = Scanned::read(uri(&first.body));
    let key = housekey_testkit::device::Key::own();
    let body = housekey_testkit::device::enrollment(&key);
    let late = housekey_testkit::device::enroll(&app, &scanned.base, &scanned.ticket, &body).await;
    assert_eq!(late.expect(404).text("/errorCode"), "enrollment_transaction_not_found");
    Device::enroll(&app, uri(&second.body)).await;
    let third = begin(&user, "push-notification").await;
    assert_ne!(second.id, third.id, "a second device beside the first");
    assert_eq!(user.method_ids().await.len(), 3);
    app.ignore_messages().await;
}

async fn a_device_is_renamed_and_removed(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "push-notification").await;
    let device = Device::enroll(&app, uri(&begun.body)).await;
    let path = method_path(&begun.id);
    let renamed = user.patch(&path, &json!({ "name": "Old phone" })).await.expect(200);
    assert_eq!(renamed.text("/name"), "Old phone");
    let channel = json!({ "preferred_authentication_method": "sms" });
    let _ = user.patch(&path, &channel).await.expect(400);
    let _ = user.delete(&path).await.expect(204);
    let gone = device.patch(&json!({ "name": "x" })).await.expect(404);
    assert_eq!(gone.text("/errorCode"), "device_account_not_found");
    app.ignore_messages().await;
}

async fn push_is_offered_where_it_is_on_and_configured(database: TestDatabase) {
    let none = |tenant: &mut Configuration| tenant.tenant.settings.push = PushSettings::default();
    let app = TestApp::build(database).await.push().configure(none).start().await;
    let user = app.sign_in().await;
    let factors = user.get("/factors").await.expect(200).body;
    assert!(!factors.contains("push-notification"), "{factors}");
    let refused = user.enroll(&json!({ "type": "push-notification" })).await.expect(403);
    assert_eq!(refused.text("/error"), "unsupported_challenge_type");
}

async fn push_is_listed_before_and_after(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let before = user.get("/factors").await.expect(200);
    assert!(before.body.contains("push-notification"), "{}", before.body);
    begin(&user, "push-notification").await;
    assert_eq!(user.get("/factors").await.expect(200).body, before.body);
    let extra = json!({ "type": "push-notification", "name": "x" });
    let _ = user.enroll(&extra).await.expect(400);
}

on_both_engines! {
    a_device_is_enrolled_from_first_to_last,
    the_code_names_all_that_apps_read,
    nobody_scans_and_the_enrolment_expires,
    beginning_again_replaces_what_nobody_scanned,
    a_device_is_renamed_and_removed,
    push_is_offered_where_it_is_on_and_configured,
    push_is_listed_before_and_after,
}
