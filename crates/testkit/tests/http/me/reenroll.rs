//! Enrolling again, the limit, and what is cleaned up (contract 01 §3.4, §4.6).

use housekey_testkit::actor::method_path;
use housekey_testkit::authenticator;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::{add_email, add_recovery_code, add_totp, begin, begin_email};

async fn a_second_app_replaces_a_pending_one_and_leaves_confirmed_ones(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let confirmed = add_totp(&app, &user).await;
    let first = begin(&user, "totp").await;
    let second = begin(&user, "totp").await;
    assert_ne!(first.secret(), second.secret());
    let ids = user.method_ids().await;
    assert!(ids.contains(&confirmed) && ids.contains(&second.id) && !ids.contains(&first.id));
    let code = authenticator::code(first.secret(), app.now());
    let _ = user.verify(&first.id, &first.proof(&code)).await.expect(404);
}

async fn the_same_pending_address_keeps_its_row_and_only_the_latest_code_works(
    database: TestDatabase,
) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (first, old_code) = begin_email(&app, &user, "second@example.com").await;
    let again = json!({ "type": "email", "email": "Second@Example.com" });
    let second = super::Begun::read(&user.enroll(&again).await.expect(202));
    let code = app.message().await.content.code.expect("a code");
    assert_eq!(first.id, second.id);
    let expired = user.verify(&first.id, &first.proof(&old_code)).await.expect(403);
    assert_eq!(expired.text("/detail"), "The enrollment has expired.");
    let _ = user.verify(&second.id, &second.proof(&code)).await.expect(201);
    let _told = app.message().await;
}

async fn a_confirmed_address_is_not_enrolled_twice(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    add_email(&app, &user, "second@example.com").await;
    let again = json!({ "type": "email", "email": "SECOND@example.com" });
    assert_shown!(user.enroll(&again).await.seen(), @r#"
    {
      "body": {
        "detail": "This authentication method is already enrolled.",
        "status": 409,
        "title": "Duplicate Resource",
        "type": "https://auth0.com/api-errors/A0E-409-0003"
      },
      "status": 409
    }
    "#);
    let third = json!({ "type": "email", "email": "third@example.com" });
    let _ = user.enroll(&third).await.expect(202);
    assert_eq!(app.message().await.to, "third@example.com");
}

async fn a_new_recovery_code_replaces_the_old_one_when_it_is_verified(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let old = add_recovery_code(&app, &user).await;
    let new = begin(&user, "recovery-code").await;
    let confirmed = |id: &str| {
        let path = method_path(id);
        let user = &user;
        async move { user.get(&path).await.expect(200).json()["confirmed"].clone() }
    };
    assert_eq!(confirmed(&old).await, true, "the old one works on");
    assert_eq!(confirmed(&new.id).await, false);
    let word = json!({ "auth_session": new.auth_session });
    let _ = user.verify(&new.id, &word).await.expect(201);
    let _told = app.message().await;
    let _ = user.get(&method_path(&old)).await.expect(404);
    assert_eq!(confirmed(&new.id).await, true);
}

async fn twenty_methods_are_enough(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    // The password is one of them.
    for number in 0..19 {
        let body = json!({ "type": "email", "email": format!("a{number}@example.com") });
        let _ = user.enroll(&body).await.expect(202);
    }
    assert_eq!(app.messages().await.len(), 19);
    let one_more = json!({ "type": "email", "email": "more@example.com" });
    assert_shown!(user.enroll(&one_more).await.seen(), @r#"
    {
      "body": {
        "detail": "The maximum number of authentication methods is reached.",
        "error": "too_many_entities",
        "status": 409,
        "title": "Conflict",
        "type": "https://auth0.com/api-errors/A0E-409-0001"
      },
      "status": 409
    }
    "#);
    let again = json!({ "type": "email", "email": "a0@example.com" });
    let _ = user.enroll(&again).await.expect(202);
    let _code = app.message().await;
}

async fn pending_methods_are_forgotten_after_a_day(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin_email(&app, &user, "second@example.com").await.0;
    app.clock().advance(86_401);
    let user = app.sign_in_as(housekey_testkit::actor::EMAIL, "spa", ALL).await;
    let fresh = begin(&user, "totp").await;
    let ids = user.method_ids().await;
    assert!(!ids.contains(&begun.id) && ids.contains(&fresh.id), "{ids:?}");
}

const ALL: &str = housekey_testkit::application::ME;

on_both_engines! {
    a_second_app_replaces_a_pending_one_and_leaves_confirmed_ones,
    the_same_pending_address_keeps_its_row_and_only_the_latest_code_works,
    a_confirmed_address_is_not_enrolled_twice,
    a_new_recovery_code_replaces_the_old_one_when_it_is_verified,
    twenty_methods_are_enough,
    pending_methods_are_forgotten_after_a_day,
}
