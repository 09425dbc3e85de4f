//! Refresh tokens: how long they live, and who may use them (contract 03 §7, §9).

use housekey_core::client::ClientSettings;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::ME;
use housekey_testkit::seed::{NATIVE, SPA};
use housekey_testkit::{TestApp, TestDatabase};

use super::{INVALID_TOKEN, expected, refusal};

fn invalid() -> (u16, String, String) {
    expected(403, "invalid_grant", INVALID_TOKEN)
}

fn lifetimes(absolute: i64, idle: i64) -> impl FnOnce(&mut ClientSettings) {
    move |settings| {
        settings.refresh_token.token_lifetime = absolute;
        settings.refresh_token.idle_token_lifetime = idle;
    }
}

async fn an_unused_token_ends(database: TestDatabase) {
    let app = TestApp::build(database).await.client(SPA, lifetimes(1000, 100)).start().await;
    let user = app.sign_in().await;
    app.clock().advance(99);
    let used = app.refresh(SPA, &user.tokens.refresh).await.expect(200).text("/refresh_token");
    app.clock().advance(99);
    let used = app.refresh(SPA, &used).await.expect(200).text("/refresh_token");
    app.clock().advance(100);
    assert_eq!(refusal(&app.refresh(SPA, &used).await), invalid());
}

async fn use_does_not_move_the_absolute_end(database: TestDatabase) {
    let app = TestApp::build(database).await.client(SPA, lifetimes(250, 100)).start().await;
    let mut token = app.sign_in().await.tokens.refresh;
    for _ in 0..3 {
        app.clock().advance(83);
        token = app.refresh(SPA, &token).await.expect(200).text("/refresh_token");
    }
    app.clock().advance(1);
    assert_eq!(refusal(&app.refresh(SPA, &token).await), invalid());
}

async fn blocked_and_deleted_people(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.sign_in().await.tokens.refresh;
    app.sql("UPDATE users SET blocked = 1").await;
    let blocked = expected(401, "unauthorized", "user is blocked");
    assert_eq!(refusal(&app.refresh(SPA, &token).await), blocked);
    app.sql("DELETE FROM users").await;
    let text = "The refresh_token was generated for a user who doesn't exist anymore.";
    let gone = app.refresh(SPA, &token).await;
    assert_eq!(refusal(&gone), expected(403, "invalid_grant", text));
}

async fn an_application_that_lost_its_grant(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.sign_in().await.tokens.refresh;
    app.sql("DELETE FROM client_grants").await;
    app.core().directory().forget(&app.tenant_id());
    let text = "Client is not authorized to access resource server \"https://acme.example/me/\"";
    let refused = app.refresh(SPA, &token).await;
    assert_eq!(refusal(&refused), expected(403, "access_denied", text));
}

async fn another_clients_token_is_invalid_and_stays_good(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.sign_in().await.tokens.refresh;
    assert_eq!(refusal(&app.refresh(NATIVE, &token).await), invalid());
    let _ = app.refresh(SPA, &token).await.expect(200);
}

async fn another_hosts_token_is_invalid(database: TestDatabase) {
    let custom = "login.acme.example";
    let app = TestApp::build(database).await.custom_domain(custom).start().await;
    app.person(EMAIL).await;
    let scope = format!("offline_access {ME}");
    let token = app.sign_in_on(custom, EMAIL, SPA, &scope).await.tokens.refresh;
    assert_eq!(refusal(&app.refresh(SPA, &token).await), invalid());
}

async fn made_up_tokens(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let good = app.sign_in().await.tokens.refresh;
    let other_secret = format!("{}{}", &good[..24], "A".repeat(good.len() - 24));
    for token in ["x", "ü", &"x".repeat(67), &"é".repeat(40), &"x".repeat(100_000)] {
        assert_eq!(refusal(&app.refresh(SPA, token).await), invalid());
    }
    let missing = expected(400, "invalid_request", "Missing required parameter: refresh_token");
    assert_eq!(refusal(&app.refresh(SPA, "").await), missing);
    let swapped: String = good.chars().rev().collect();
    assert_eq!(refusal(&app.refresh(SPA, &swapped).await), invalid());
    let _ = app.refresh(SPA, &good).await.expect(200);
    assert_eq!(refusal(&app.refresh(SPA, &other_secret).await), invalid());
}

async fn without_offline_access_there_is_none(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let online = app.sign_in_as(EMAIL, SPA, ME).await;
    assert_eq!(online.tokens.refresh, "");
}

on_both_engines! {
    an_unused_token_ends,
    use_does_not_move_the_absolute_end,
    blocked_and_deleted_people,
    an_application_that_lost_its_grant,
    another_clients_token_is_invalid_and_stays_good,
    another_hosts_token_is_invalid,
    made_up_tokens,
    without_offline_access_there_is_none,
}
