//! Devices for push messages: asked, and polled for (contract 04 §5.1).

use housekey_testkit::device::Device;
use housekey_testkit::request::Reply;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{OOB, build, challenge, demand, give, give_otp, list, tells, told, waiting};

async fn with_device(app: &TestApp) -> (Device<'_>, String) {
    let user = app.sign_in().await;
    let qr = user.enroll(&json!({ "type": "push-notification" })).await.expect(202);
    let uri = qr.text("/barcode_uri");
    let device = Device::enroll(app, &uri).await;
    app.messages().await;
    demand(app).await;
    (device, housekey_testkit::device::Scanned::read(&uri).secret)
}

/// Asks the device; how to poll, and what it got.
async fn asked(app: &TestApp, token: &str) -> (Value, serde_json::Map<String, Value>) {
    let body = challenge(app, token, &json!({ "challenge_type": "oob" })).await.expect(200).json();
    assert!(body.get("binding_method").is_none(), "{body}");
    let push = app.message().await.content.data.expect("a push message");
    (json!({ "oob_code": body["oob_code"] }), push)
}

fn pending() -> (u16, String, String) {
    let text = "Authorization pending: please repeat the request in a few seconds.";
    tells(400, "authorization_pending", text)
}

async fn poll(app: &TestApp, token: &str, oob: &Value) -> Reply {
    give(app, token, OOB, oob).await
}

async fn a_device_approves(database: TestDatabase) {
    let app = build(database).await.push().start().await;
    let (device, _) = with_device(&app).await;
    let token = waiting(&app).await;
    let (oob, push) = asked(&app, &token).await;
    assert_eq!(told(&poll(&app, &token, &oob).await), pending());
    let _ = device.answer(&push, true).await.expect(204);
    let reply = poll(&app, &token, &oob).await.expect(200);
    assert!(reply.json()["id_token"].is_string());
    let expired = tells(401, "expired_token", "mfa_token is expired");
    assert_eq!(told(&poll(&app, &token, &oob).await), expired);
}

async fn a_device_refuses_or_keeps_silent(database: TestDatabase) {
    let app = build(database).await.push().start().await;
    let (device, _) = with_device(&app).await;
    let token = waiting(&app).await;
    let (oob, push) = asked(&app, &token).await;
    let _ = device.answer(&push, false).await.expect(204);
    let rejected = tells(403, "invalid_grant", "MFA Authorization rejected.");
    assert_eq!(told(&poll(&app, &token, &oob).await), rejected);
    let (oob, _) = asked(&app, &token).await;
    app.clock().advance(299);
    assert_eq!(told(&poll(&app, &token, &oob).await), pending());
    app.clock().advance(1);
    let gone = tells(403, "invalid_grant", "Invalid oob_code.");
    assert_eq!(told(&poll(&app, &token, &oob).await), gone);
}

async fn asking_again_replaces_the_question(database: TestDatabase) {
    let app = build(database).await.push().start().await;
    let (device, _) = with_device(&app).await;
    let token = waiting(&app).await;
    let (old, first) = asked(&app, &token).await;
    let (new, second) = asked(&app, &token).await;
    let gone = tells(403, "invalid_grant", "Invalid oob_code.");
    assert_eq!(told(&poll(&app, &token, &old).await), gone);
    let _ = device.answer(&first, true).await.expect(404);
    let _ = device.answer(&second, true).await.expect(204);
    // An approval is for the grant it was asked for.
    let other = waiting(&app).await;
    assert_eq!(told(&poll(&app, &other, &new).await), gone);
    let _ = poll(&app, &token, &new).await.expect(200);
}

async fn polling_is_limited(database: TestDatabase) {
    let app = build(database).await.push().start().await;
    let (device, _) = with_device(&app).await;
    let token = waiting(&app).await;
    let (oob, push) = asked(&app, &token).await;
    for _ in 0..12 {
        assert_eq!(told(&poll(&app, &token, &oob).await), pending());
    }
    let _ = device.answer(&push, true).await.expect(204);
    assert_eq!(told(&poll(&app, &token, &oob).await).1, "slow_down");
    app.clock().advance(5);
    let _ = poll(&app, &token, &oob).await.expect(200);
}

async fn a_device_also_shows_codes(database: TestDatabase) {
    let app = build(database).await.push().start().await;
    let (_, secret) = with_device(&app).await;
    let token = waiting(&app).await;
    let all = list(&app, &token).await;
    let of = |name: &str| -> Vec<Value> {
        all.as_array().expect("a list").iter().map(|own| own[name].clone()).collect()
    };
    assert_eq!(of("type"), ["push-notification", "otp"]);
    assert_eq!(of("name"), ["Ada's phone", "Ada's phone"]);
    assert_eq!(of("oob_channel"), [json!("auth0"), Value::Null]);
    let _ = give_otp(&app, &token, &secret).await.expect(200);
}

async fn a_device_that_is_gone_opens_nothing(database: TestDatabase) {
    let app = build(database).await.push().start().await;
    let (device, _) = with_device(&app).await;
    let token = waiting(&app).await;
    let (oob, push) = asked(&app, &token).await;
    let _ = device.answer(&push, true).await.expect(204);
    app.sql("DELETE FROM authentication_methods").await;
    let gone = tells(403, "invalid_grant", "Invalid oob_code.");
    assert_eq!(told(&poll(&app, &token, &oob).await), gone);
}

on_both_engines! {
    a_device_approves,
    a_device_refuses_or_keeps_silent,
    asking_again_replaces_the_question,
    polling_is_limited,
    a_device_also_shows_codes,
    a_device_that_is_gone_opens_nothing,
}
