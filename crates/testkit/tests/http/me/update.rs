//! `PATCH /me/v1/authentication-methods/{id}` (contract 01 §4.7).

use housekey_testkit::actor::method_path;
use housekey_testkit::application::ME;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::{add_email, add_recovery_code, add_totp, begin};

async fn a_method_gets_a_name(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let path = method_path(&add_totp(&app, &user).await);
    let reply = user.patch(&path, &json!({ "name": "  My phone " })).await;
    assert_shown!(reply.seen(), { ".body.id" => "[id]" }, @r#"
    {
      "body": {
        "confirmed": true,
        "created_at": "2026-01-01T00:00:00.000Z",
        "id": "[id]",
        "name": "My phone",
        "type": "totp",
        "usage": [
          "secondary"
        ]
      },
      "status": 200
    }
    "#);
    assert_eq!(user.get(&path).await.expect(200).text("/name"), "My phone");
    let again = user.patch(&path, &json!({ "name": "Ünï ☎" })).await.expect(200);
    assert_eq!(again.text("/name"), "Ünï ☎");
    let told: Vec<_> = app.messages().await.into_iter().map(|own| own.content.subject).collect();
    assert_eq!(told, ["An authenticator app was renamed – The acme tenant"; 2]);
}

async fn pending_methods_and_addresses_can_be_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let pending = method_path(&begin(&user, "totp").await.id);
    let reply = user.patch(&pending, &json!({ "name": "New" })).await.expect(200).json();
    assert_eq!((&reply["name"], &reply["confirmed"]), (&json!("New"), &json!(false)));
    let email = method_path(&add_email(&app, &user, "second@example.com").await);
    let _ = user.patch(&email, &json!({ "name": "Work" })).await.expect(200);
    assert!(
        app.message().await.content.subject.starts_with("A mail address for codes was renamed")
    );
}

async fn nothing_to_change_changes_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for id in [add_totp(&app, &user).await, user.method_ids().await.remove(0)] {
        let path = method_path(&id);
        let before = user.get(&path).await.expect(200).json();
        assert_eq!(user.patch(&path, &json!({})).await.expect(200).json(), before);
    }
}

async fn input_must_be_right(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let path = method_path(&add_totp(&app, &user).await);
    assert_shown!(user.patch(&path, &json!({ "name": "x".repeat(101) })).await.seen(), @r#"
    {
      "body": {
        "detail": "Invalid request payload input",
        "status": 400,
        "title": "Validation Error",
        "type": "https://auth0.com/api-errors/A0E-400-0003",
        "validation_errors": [
          {
            "detail": "data/name must NOT have more than 100 characters",
            "field": "data/name",
            "pointer": "/name",
            "source": "body"
          }
        ]
      },
      "status": 400
    }
    "#);
    for body in [
        json!({ "name": "" }),
        json!({ "name": "   " }),
        json!({ "name": 7 }),
        json!({ "name": null }),
        json!({ "name": "a\u{0}b" }),
        json!({ "name": "x", "confirmed": true }),
        json!({ "id": "totp|dev_0" }),
        json!({ "preferred_authentication_method": "sms" }),
        json!({ "preferred_authentication_method": "pigeon" }),
        json!([]),
        json!("name"),
    ] {
        let _ = user.patch(&path, &body).await.expect(400);
    }
    let plain = user.request("PATCH", &path).body(r#"{"name":"x"}"#).send().await;
    let _ = plain.expect(415);
    assert!(user.get(&path).await.expect(200).json()["name"].is_null(), "nothing changed");
}

async fn some_methods_have_no_name(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let password = user.method_ids().await.remove(0);
    for id in [password, add_recovery_code(&app, &user).await] {
        let refused = user.patch(&method_path(&id), &json!({ "name": "x" })).await.expect(400);
        assert_eq!(refused.text("/validation_errors/0/pointer"), "/name");
    }
}

async fn others_methods_are_not_found(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.sign_in().await;
    let path = method_path(&add_totp(&app, &owner).await);
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", SPA, ME).await;
    let _ = other.patch(&path, &json!({ "name": "Mine" })).await.expect(404);
    let _ = owner.patch("/authentication-methods/totp%7Cdev_0", &json!({})).await.expect(404);
    assert!(owner.get(&path).await.expect(200).json()["name"].is_null(), "nothing changed");
}

on_both_engines! {
    a_method_gets_a_name,
    pending_methods_and_addresses_can_be_named,
    nothing_to_change_changes_nothing,
    input_must_be_right,
    some_methods_have_no_name,
    others_methods_are_not_found,
}
