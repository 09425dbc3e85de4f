//! `POST …/api/enroll`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use housekey_testkit::authenticator;
use housekey_testkit::device::{Key, Scanned, enroll, enrollment};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{app, qr};

async fn a_device_learns_all_it_needs(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let scanned = Scanned::read(&qr(&user).await);
    let body = enrollment(&Key::own());
    let reply = enroll(&app, &scanned.base, &scanned.ticket, &body).await;
    assert_eq!(reply.text("/totp/secret"), scanned.secret, "codes like any other app's");
    assert_eq!(authenticator::code(&scanned.secret, app.now()).len(), 6);
    assert_shown!(reply.seen(), {
        ".body.id" => "[id]",
        ".body.token" => "[token]",
        ".body.user_id" => "[user_id]",
        ".body.totp.secret" => "[secret]",
    }, @r#"
    {
      "body": {
        "id": "[id]",
        "issuer": "The acme tenant",
        "token": "[token]",
        "totp": {
          "algorithm": "sha1",
          "digits": 6,
          "period": 30,
          "secret": "[secret]"
        },
        "url": "https://acme.example/appliance-mfa",
        "user_id": "[user_id]"
      },
      "status": 200
    }
    "#);
    app.ignore_messages().await;
}

async fn a_ticket_is_good_once_and_for_five_minutes(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let scanned = Scanned::read(&qr(&user).await);
    let body = enrollment(&Key::own());
    let _ = enroll(&app, &scanned.base, &scanned.ticket, &body).await.expect(200);
    let again = enroll(&app, &scanned.base, &scanned.ticket, &body).await;
    assert_shown!(again.seen(), @r#"
    {
      "body": {
        "error": "Not Found",
        "errorCode": "enrollment_transaction_not_found",
        "message": "The enrollment was not found, was used, or has expired.",
        "statusCode": 404
      },
      "status": 404
    }
    "#);
    let late = Scanned::read(&qr(&user).await);
    app.clock().advance(300);
    let _ = enroll(&app, &late.base, &late.ticket, &body).await.expect(404);
    let _ = enroll(&app, &late.base, "unknown", &body).await.expect(404);
    app.ignore_messages().await;
}

async fn of_many_devices_one_uses_the_ticket(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let scanned = Scanned::read(&qr(&user).await);
    let body = enrollment(&Key::own());
    let attempts = (0..6).map(|_| enroll(&app, &scanned.base, &scanned.ticket, &body));
    let replies = futures_join(attempts).await;
    let winners = replies.iter().filter(|status| **status == 200).count();
    assert_eq!(winners, 1, "{replies:?}");
    assert!(replies.iter().all(|status| [200, 404].contains(status)), "{replies:?}");
    app.ignore_messages().await;
}

/// The statuses of requests sent at once.
async fn futures_join<F>(attempts: impl Iterator<Item = F>) -> Vec<u16>
where
    F: Future<Output = housekey_testkit::request::Reply>,
{
    let mut running: Vec<_> = attempts.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        running.retain_mut(|attempt| match attempt.as_mut().poll(context) {
            std::task::Poll::Ready(reply) => {
                done.push(reply.status.as_u16());
                false
            }
            std::task::Poll::Pending => true,
        });
        if running.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

async fn the_body_must_be_whole(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let scanned = Scanned::read(&qr(&user).await);
    let good = enrollment(&Key::own());
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).expect("a member") = value;
        body
    };
    let short = URL_SAFE_NO_PAD.encode([0xff; 128]);
    for body in [
        json!([]),
        json!({}),
        with("/identifier", Value::Null),
        with("/identifier", "".into()),
        with("/identifier", "x".repeat(257).into()),
        with("/name", 7.into()),
        with("/name", "a\u{0}b".into()),
        with("/push_credentials", Value::Null),
        with("/push_credentials/service", "FCM".into()),
        with("/push_credentials/token", "".into()),
        with("/push_credentials/token", "a b".into()),
        with("/push_credentials/token", "x".repeat(5000).into()),
        with("/public_key", Value::Null),
        with("/public_key/kty", "EC".into()),
        with("/public_key/alg", "RS512".into()),
        with("/public_key/use", "enc".into()),
        with("/public_key/n", short.into()),
        with("/public_key/n", "!".into()),
        with("/public_key/e", "AQ".into()),
    ] {
        let refused = enroll(&app, &scanned.base, &scanned.ticket, &body).await.expect(400);
        assert_eq!(refused.text("/errorCode"), "invalid_body", "{body}");
    }
    let _ = enroll(&app, &scanned.base, &scanned.ticket, &good).await.expect(200);
    app.ignore_messages().await;
}

async fn keys_are_read_as_java_writes_them(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let scanned = Scanned::read(&qr(&user).await);
    let mut body = enrollment(&Key::own());
    let n = URL_SAFE_NO_PAD.decode(body["public_key"]["n"].as_str().expect("a text"));
    let signed = [&[0][..], &n.expect("base64url")].concat();
    body["public_key"]["n"] = URL_SAFE_NO_PAD.encode(signed).into();
    let reply = enroll(&app, &scanned.base, &scanned.ticket, &body).await.expect(200);
    let base = &scanned.base;
    let device = housekey_testkit::device::Device::enrolled(&app, Key::own(), base, &reply);
    let _ = device.patch(&json!({ "name": "New" })).await.expect(200);
    app.ignore_messages().await;
}

async fn both_addresses_serve_it_and_a_blocked_person_does_not_enrol(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let scanned = Scanned::read(&qr(&user).await);
    let body = enrollment(&Key::own());
    let base = "https://acme.example/guardian";
    app.sql("UPDATE users SET blocked = 1").await;
    let _ = enroll(&app, base, &scanned.ticket, &body).await.expect(404);
    app.sql("UPDATE users SET blocked = 0").await;
    let _ = enroll(&app, base, &scanned.ticket, &body).await.expect(200);
    app.ignore_messages().await;
}

async fn a_ticket_belongs_to_one_tenant(database: TestDatabase) {
    let app = TestApp::build(database).await.push().with_other_tenant().await.start().await;
    let user = app.sign_in().await;
    let scanned = Scanned::read(&qr(&user).await);
    let elsewhere = "https://globex.example/appliance-mfa";
    let body = enrollment(&Key::own());
    let refused = enroll(&app, elsewhere, &scanned.ticket, &body).await;
    assert!([403, 404].contains(&refused.status.as_u16()), "{}", refused.body);
    let _ = enroll(&app, &scanned.base, &scanned.ticket, &body).await.expect(200);
    app.ignore_messages().await;
}

on_both_engines! {
    a_device_learns_all_it_needs,
    a_ticket_is_good_once_and_for_five_minutes,
    of_many_devices_one_uses_the_ticket,
    the_body_must_be_whole,
    keys_are_read_as_java_writes_them,
    both_addresses_serve_it_and_a_blocked_person_does_not_enrol,
    a_ticket_belongs_to_one_tenant,
}
