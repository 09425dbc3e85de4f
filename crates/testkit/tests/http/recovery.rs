//! Using a recovery code, as the login that is to come will (contract 04 §9.6).

use housekey_core::factor::FactorType;
use housekey_core::id::UserId;
use housekey_core::mfa::{RecoveryError, UsedRecoveryCode, use_recovery_code};
use housekey_core::session::Usage;
use housekey_testkit::actor::{Actor, method_path};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

/// Somebody with a recovery code; their id and the code.
async fn enrolled(app: &TestApp, user: &Actor<'_>) -> (UserId, String, String) {
    let begun = user.enroll(&json!({ "type": "recovery-code" })).await.expect(202);
    let (id, code) = (begun.text("/id"), begun.text("/recovery_code"));
    let word = json!({ "auth_session": begun.text("/auth_session") });
    let _ = user.verify(&id, &word).await.expect(201);
    app.messages().await;
    let claims = housekey_testkit::jwt::claims(&user.tokens.access);
    let user_id = claims["sub"].as_str().expect("a subject").to_owned();
    (UserId::from_raw(user_id), id, code)
}

async fn try_code(
    app: &TestApp,
    user: &UserId,
    code: &str,
) -> Result<UsedRecoveryCode, RecoveryError> {
    use_recovery_code(app.core(), &app.call().await, user, code).await
}

#[track_caller]
fn assert_wrong(outcome: &Result<UsedRecoveryCode, RecoveryError>) {
    assert!(matches!(outcome, Err(RecoveryError::Wrong)), "{outcome:?}");
}

async fn a_code_works_once_and_another_takes_its_place(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (person, id, code) = enrolled(&app, &user).await;
    app.clock().advance(60);
    let used = try_code(&app, &person, &code).await.expect("right");
    assert_eq!((used.event.usage, used.event.factor), (Usage::Secondary, FactorType::RecoveryCode));
    assert_eq!(used.event.at, app.now());
    assert_ne!(used.replacement, code);
    let news = app.message().await;
    assert!(news.content.subject.starts_with("Your recovery code was used"));
    assert!(!news.content.text.contains(&used.replacement));
    assert_wrong(&try_code(&app, &person, &code).await);
    let listed = user.get(&method_path(&id)).await.expect(200);
    assert_eq!(listed.text("/last_auth_at"), app.now().rfc3339(), "the same row");
    try_code(&app, &person, &used.replacement).await.expect("right");
    app.ignore_messages().await;
}

async fn codes_are_typed_as_people_write_them(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (person, _, code) = enrolled(&app, &user).await;
    let groups: Vec<_> = code.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    let typed = format!(" {} ", groups.join("-").to_lowercase());
    try_code(&app, &person, &typed).await.expect("right");
    app.ignore_messages().await;
}

async fn of_many_at_once_one_gets_in(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (person, _, code) = enrolled(&app, &user).await;
    let attempt = || try_code(&app, &person, &code);
    let (a, b, c, d) = tokio::join!(attempt(), attempt(), attempt(), attempt());
    let winners = [a, b, c, d].iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(winners, 1);
    assert_eq!(app.messages().await.len(), 1);
}

async fn an_unconfirmed_or_foreign_code_opens_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (person, _, code) = enrolled(&app, &user).await;
    let pending = user.enroll(&json!({ "type": "recovery-code" })).await.expect(202);
    assert_wrong(&try_code(&app, &person, &pending.text("/recovery_code")).await);
    let other = app.person("other@example.com").await;
    assert_wrong(&try_code(&app, &other.id, &code).await);
    assert_wrong(&try_code(&app, &UserId::from_raw("auth0|0"), &code).await);
    for nonsense in ["", "x", &"A".repeat(24), &"A".repeat(100_000)] {
        assert_wrong(&try_code(&app, &person, nonsense).await);
    }
    try_code(&app, &person, &code).await.expect("right");
    app.ignore_messages().await;
}

async fn ten_wrong_codes_are_enough_for_an_hour(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (person, _, code) = enrolled(&app, &user).await;
    for _ in 0..10 {
        assert_wrong(&try_code(&app, &person, "ABCD1234EFGH5678IJKL9012").await);
    }
    let refused = try_code(&app, &person, &code).await;
    assert!(matches!(refused, Err(RecoveryError::TooMany { again_in: 360 })), "{refused:?}");
    app.clock().advance(359);
    let refused = try_code(&app, &person, &code).await;
    assert!(matches!(refused, Err(RecoveryError::TooMany { again_in: 1 })), "{refused:?}");
    app.clock().advance(1);
    try_code(&app, &person, &code).await.expect("right");
    app.ignore_messages().await;
}

on_both_engines! {
    a_code_works_once_and_another_takes_its_place,
    codes_are_typed_as_people_write_them,
    of_many_at_once_one_gets_in,
    an_unconfirmed_or_foreign_code_opens_nothing,
    ten_wrong_codes_are_enough_for_an_hour,
}
