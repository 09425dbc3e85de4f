//! `PATCH|DELETE …/api/device-accounts/{id}`.

use housekey_core::tenant::{Configuration, MfaPolicy};
use housekey_testkit::actor::method_path;
use housekey_testkit::device::{Device, Key};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{app, enrolled};

async fn a_device_changes_its_name_and_address(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let change = json!({
        "identifier": "android-2",
        "name": null,
        "push_credentials": { "service": "APNS", "token": "apns-token" },
    });
    assert_shown!(device.patch(&change).await.seen(), { ".body.id" => "[id]" }, @r#"
    {
      "body": {
        "id": "[id]",
        "identifier": "android-2",
        "name": "Ada's phone",
        "push_credentials": {
          "service": "APNS",
          "token": "apns-token"
        }
      },
      "status": 200
    }
    "#);
    let unchanged = device.patch(&json!({})).await.expect(200);
    assert_eq!(unchanged.text("/identifier"), "android-2");
    for body in [json!([]), json!({ "name": 1 }), json!({ "push_credentials": { "token": "x" } })] {
        assert_eq!(device.patch(&body).await.expect(400).text("/errorCode"), "invalid_body");
    }
}

async fn the_token_of_the_enrolment_is_good_too(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let _ = device.patch_as(&device.token, &json!({ "name": "New" })).await.expect(200);
}

/// The device's claims with one of them changed.
fn with(device: &Device<'_>, name: &str, value: impl Into<Value>) -> Value {
    let mut claims = device.claims();
    claims[name] = value.into();
    claims
}

async fn what_does_not_verify_is_refused(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let now = app.now().as_seconds();
    let base = &device.base;
    for (what, claims) in [
        ("another's id", with(&device, "iss", "dev_0")),
        ("the device's own name", with(&device, "iss", device.identifier.as_str())),
        ("another user", with(&device, "sub", "auth0|0")),
        ("another endpoint", with(&device, "aud", format!("{base}/api/resolve-transaction"))),
        ("another server", with(&device, "aud", "https://evil.example/api/device-accounts")),
        ("no TLS", with(&device, "aud", "http://acme.example/api/device-accounts")),
        ("long expired", with(&device, "exp", now - 300)),
        ("of the future", with(&device, "iat", now + 301)),
        ("no audience", with(&device, "aud", Value::Null)),
    ] {
        let refused = device.patch_as(&device.key.jwt(&claims), &json!({})).await;
        assert_eq!(refused.status.as_u16(), 401, "{what}: {}", refused.body);
        assert_eq!(refused.text("/errorCode"), "invalid_token", "{what}");
    }
    let forged = Key::other().jwt(&device.claims());
    let _ = device.patch_as(&forged, &json!({})).await.expect(401);
    let unsigned = device.key.sign(&json!({ "alg": "none" }), &device.claims());
    let _ = device.patch_as(&unsigned, &json!({})).await.expect(401);
    let confused = device.key.sign(&json!({ "alg": "HS256" }), &device.claims());
    let _ = device.patch_as(&confused, &json!({})).await.expect(401);
    for nonsense in ["", "x", "a.b.c", &"x".repeat(20_000)] {
        let _ = device.patch_as(nonsense, &json!({})).await.expect(401);
    }
}

async fn a_clock_may_be_off_and_any_host_of_the_tenant_is_meant(database: TestDatabase) {
    let custom = "id.acme.example";
    let app = TestApp::build(database).await.push().custom_domain(custom).start().await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let now = app.now().as_seconds();
    for claims in [
        with(&device, "iat", now + 300),
        with(&device, "exp", now - 299),
        with(&device, "aud", "https://acme.example/api/device-accounts"),
        with(&device, "aud", "https://acme.example/guardian/api/device-accounts"),
        with(&device, "aud", format!("https://{custom}/appliance-mfa/api/device-accounts")),
        with(&device, "aud", json!(["x", "https://acme.example/api/device-accounts"])),
    ] {
        let _ = device.patch_as(&device.key.jwt(&claims), &json!({})).await.expect(200);
    }
}

async fn a_device_leaves_with_its_method(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let left = device.leave().await.expect(204);
    assert_eq!((left.body.as_str(), left.header("content-type")), ("", None));
    assert!(app.message().await.content.subject.contains("was removed"));
    assert_shown!(device.leave().await.seen(), @r#"
    {
      "body": {
        "error": "Not Found",
        "errorCode": "device_account_not_found",
        "message": "The device was not found.",
        "statusCode": 404
      },
      "status": 404
    }
    "#);
    let path = method_path(&format!("push-notification|{}", device.id));
    let _ = user.get(&path).await.expect(404);
}

async fn a_device_that_is_needed_stays(database: TestDatabase) {
    let required = |tenant: &mut Configuration| {
        tenant.tenant.settings.mfa_policy = MfaPolicy::AllApplications;
    };
    let app = TestApp::build(database).await.push().configure(required).start().await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let refused = device.leave().await.expect(409);
    assert_eq!(refused.text("/errorCode"), "enrollment_conflict");
    assert!(refused.text("/message").starts_with("A second factor is required"));
    let _ = device.patch(&json!({})).await.expect(200);
    let second = enrolled(&app, &user).await;
    let _ = second.leave().await.expect(204);
    app.ignore_messages().await;
}

on_both_engines! {
    a_device_changes_its_name_and_address,
    the_token_of_the_enrolment_is_good_too,
    what_does_not_verify_is_refused,
    a_clock_may_be_off_and_any_host_of_the_tenant_is_meant,
    a_device_leaves_with_its_method,
    a_device_that_is_needed_stays,
}
