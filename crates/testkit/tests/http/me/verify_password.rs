//! Verifying `password|new`: setting a password, its policy, and what it ends.

use housekey_core::factor::password::{LongPasswords, Repetition};
use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::app::PASSWORD;
use housekey_testkit::application::ME;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::begin;

const NEW: &str = "Battery-staple-8";

async fn set(user: &Actor<'_>, password: &str) -> Reply {
    let begun = begin(user, "password").await;
    let body = json!({ "auth_session": begun.auth_session, "new_password": password });
    user.verify("password|new", &body).await
}

/// The details of what is wrong with a password.
async fn refused(user: &Actor<'_>, password: &str) -> Vec<String> {
    let body = set(user, password).await.expect(400).json();
    let errors = body["validation_errors"].as_array().expect("what is wrong").iter();
    errors.map(|error| error["detail"].as_str().expect("a detail").to_owned()).collect()
}

async fn the_new_password_works_and_the_old_one_does_not(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let id = user.method_ids().await.remove(0);
    app.clock().advance(60);
    let reply = set(&user, NEW).await.expect(201);
    assert_shown!(reply.seen(), {
        ".body.id" => "[id]",
        ".body.identity_user_id" => "[identity]",
        ".location" => "[location]",
    }, @r#"
    {
      "body": {
        "created_at": "2026-01-01T00:00:00.000Z",
        "id": "[id]",
        "identity_user_id": "[identity]",
        "last_password_reset": "2026-01-01T00:01:00.000Z",
        "type": "password",
        "usage": [
          "primary"
        ]
      },
      "location": "[location]",
      "status": 201
    }
    "#);
    assert_eq!(reply.text("/id"), id, "ids are stable");
    let message = app.message().await;
    assert_eq!(message.to, EMAIL);
    assert_text!(message.content.subject, @"Your password was changed – The acme tenant");
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let page = browser.log_in(&page, EMAIL, PASSWORD).await;
    assert_eq!(page.errors(), ["password:wrong-email-credentials"]);
    let page = browser.submit(&page, &[("password", NEW)]).await;
    let _ = page.code();
}

async fn sessions_elsewhere_end_and_this_application_goes_on(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let elsewhere = app.sign_in_as(EMAIL, SPA, ME).await;
    let _ = set(&user, NEW).await.expect(201);
    let _told = app.message().await;
    let page = elsewhere.browser.authorize(&app.authorize("openid").with("prompt", "none")).await;
    assert_eq!(page.error().0, "login_required");
    let _ = user.get("/factors").await.expect(200);
    let _ = elsewhere.get("/factors").await.expect(401);
    let _ = app.refresh(SPA, &user.tokens.refresh).await.expect(200);
}

async fn the_policy_is_enforced(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    assert_shown!(set(&user, "short").await.seen(), @r#"
    {
      "body": {
        "detail": "Invalid request payload input",
        "status": 400,
        "title": "Validation Error",
        "type": "https://auth0.com/api-errors/A0E-400-0003",
        "validation_errors": [
          {
            "detail": "PasswordStrengthError: At least 8 characters in length",
            "field": "data/new_password",
            "pointer": "/new_password",
            "source": "body"
          },
          {
            "detail": "PasswordStrengthError: At least 3 of the following 4 types of characters: upper case letters, lower case letters, numbers, special characters (!@#$%^&*)",
            "field": "data/new_password",
            "pointer": "/new_password",
            "source": "body"
          }
        ]
      },
      "status": 400
    }
    "#);
    for (password, rule) in [
        ("Sh0rt!", "PasswordStrengthError: At least 8"),
        ("alllowercase", "PasswordStrengthError: At least 3 of the following 4"),
        ("Password1", "PasswordDictionaryError: "),
        ("User-is-my-name-1", "PasswordNoUserInfoError: "),
        (PASSWORD, "PasswordHistoryError: "),
        (&"Long-passwords-7".repeat(5), "PasswordStrengthError: At most 72 bytes"),
    ] {
        let details = refused(&user, password).await;
        assert!(details.iter().any(|own| own.starts_with(rule)), "{password}: {details:?}");
    }
    let ids = user.method_ids().await;
    assert_eq!(ids.len(), 1);
    let _still = app.sign_in_as(EMAIL, SPA, ME).await;
}

async fn a_refused_password_leaves_the_session_open(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "password").await;
    let with =
        |password: &str| json!({ "auth_session": begun.auth_session, "new_password": password });
    let _ = user.verify("password|new", &with("short")).await.expect(400);
    let _ = user.verify("password|new", &with(NEW)).await.expect(201);
    let _ = user.verify("password|new", &with("Another-one-9")).await.expect(409);
    let _told = app.message().await;
}

async fn the_last_passwords_are_remembered(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.connections[0].options.password.history.size = 2)
        .start()
        .await;
    let user = app.sign_in().await;
    let _ = set(&user, "First-secret-1").await.expect(201);
    assert_eq!(
        refused(&user, PASSWORD).await,
        ["PasswordHistoryError: Must not be one of the last 2 passwords"]
    );
    let _ = set(&user, "Second-secret-2").await.expect(201);
    let _ = set(&user, PASSWORD).await.expect(201);
    assert_eq!(refused(&user, "Second-secret-2").await.len(), 1);
    assert_eq!(app.messages().await.len(), 3);
}

async fn stricter_and_laxer_policies(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| {
            let policy = &mut tenant.connections[0].options.password;
            policy.complexity.identical_characters = Repetition::Block;
            policy.complexity.sequential_characters = Repetition::Block;
            policy.complexity.max_length_exceeded = LongPasswords::Truncate;
            policy.dictionary.custom = vec!["Housekey-1".to_owned()];
            policy.history.active = false;
        })
        .start()
        .await;
    let user = app.sign_in().await;
    for password in ["zzz-Staple-81", "Staple-abc-81", "Staple-321-xx", "Housekey-1"] {
        assert_eq!(refused(&user, password).await.len(), 1, "{password}");
    }
    let long = "Long-staple-81".repeat(6);
    let _ = set(&user, &long).await.expect(201);
    let _ = set(&user, &long).await.expect(201);
    assert_eq!(app.messages().await.len(), 2);
}

async fn what_is_typed_must_be_text(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "password").await;
    for password in [json!(""), json!(1), json!(null), json!("Tab\there-1"), json!("x".repeat(257))]
    {
        let body = json!({ "auth_session": begun.auth_session, "new_password": password });
        let refused = user.verify("password|new", &body).await.expect(400);
        assert!(refused.body.contains("new_password"), "{}", refused.body);
    }
    let without = json!({ "auth_session": begun.auth_session });
    let _ = user.verify("password|new", &without).await.expect(400);
}

async fn refresh_tokens_end_where_the_tenant_says_so(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| {
            tenant.tenant.settings.revoke_refresh_tokens_on_password_change = true;
        })
        .start()
        .await;
    let user = app.sign_in().await;
    let elsewhere = app.sign_in_as(EMAIL, SPA, &format!("offline_access {ME}")).await;
    let _ = set(&user, NEW).await.expect(201);
    let _told = app.message().await;
    let _ = app.refresh(SPA, &elsewhere.tokens.refresh).await.expect(403);
    let _ = app.refresh(SPA, &user.tokens.refresh).await.expect(200);
}

on_both_engines! {
    the_new_password_works_and_the_old_one_does_not,
    sessions_elsewhere_end_and_this_application_goes_on,
    the_policy_is_enforced,
    a_refused_password_leaves_the_session_open,
    the_last_passwords_are_remembered,
    stricter_and_laxer_policies,
    what_is_typed_must_be_text,
    refresh_tokens_end_where_the_tenant_says_so,
}
