//! `POST /oauth/token` with a refresh token: rotation, leeway, reuse (contract 03 §9).

use std::sync::Arc;

use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::{ME, Tokens};
use housekey_testkit::jwt;
use housekey_testkit::seed::{CUSTOM_API, SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase};
use tokio::task::JoinSet;

use super::{INVALID_TOKEN, expected, refusal};

fn invalid() -> (u16, String, String) {
    expected(403, "invalid_grant", INVALID_TOKEN)
}

async fn next(app: &TestApp, token: &str) -> String {
    app.refresh(SPA, token).await.expect(200).text("/refresh_token")
}

async fn with_leeway(database: TestDatabase, seconds: i64) -> TestApp {
    let change = |settings: &mut housekey_core::client::ClientSettings| {
        settings.refresh_token.leeway = seconds;
    };
    TestApp::build(database).await.client(SPA, change).start().await
}

async fn an_exchange_gives_fresh_tokens(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in_with("openid email offline_access read:me:factors").await;
    app.clock().advance(60);
    let reply = app.refresh(SPA, &user.tokens.refresh).await;
    assert_shown!(reply.seen(), {
        ".body.access_token" => "[access_token]",
        ".body.id_token" => "[id_token]",
        ".body.refresh_token" => "[refresh_token]",
    }, @r#"
    {
      "body": {
        "access_token": "[access_token]",
        "expires_in": 600,
        "id_token": "[id_token]",
        "refresh_token": "[refresh_token]",
        "scope": "openid email offline_access read:me:factors",
        "token_type": "Bearer"
      },
      "status": 200
    }
    "#);
    let id = jwt::claims(&reply.text("/id_token"));
    assert_shown!(id, { ".sub" => "[sub]" }, @r#"
    {
      "aud": "spa",
      "email": "user@example.com",
      "email_verified": true,
      "exp": 1767261660,
      "iat": 1767225660,
      "iss": "https://acme.example/",
      "sub": "[sub]"
    }
    "#);
    let access = jwt::claims(&reply.text("/access_token"));
    assert_eq!(access["gty"], "refresh_token");
    assert_ne!(reply.text("/refresh_token"), user.tokens.refresh);
    let factors = app.get("/me/v1/factors").bearer(&reply.text("/access_token"));
    let _ = factors.send().await.expect(200);
}

async fn reuse_ends_the_family(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let second = next(&app, &user.tokens.refresh).await;
    let third = next(&app, &second).await;
    assert_eq!(refusal(&app.refresh(SPA, &user.tokens.refresh).await), invalid());
    assert_eq!(refusal(&app.refresh(SPA, &third).await), invalid(), "the newest is dead, too");
    let _ = user.get("/factors").await.expect(401);
}

async fn without_leeway_the_previous_token_is_reuse(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let second = next(&app, &user.tokens.refresh).await;
    assert_eq!(refusal(&app.refresh(SPA, &user.tokens.refresh).await), invalid());
    assert_eq!(refusal(&app.refresh(SPA, &second).await), invalid());
}

async fn inside_the_leeway_the_previous_token_works(database: TestDatabase) {
    let app = with_leeway(database, 10).await;
    let user = app.sign_in().await;
    let _lost = next(&app, &user.tokens.refresh).await;
    app.clock().advance(10);
    let successor = next(&app, &user.tokens.refresh).await;
    let _works = next(&app, &successor).await;
}

async fn after_the_leeway_it_is_reuse(database: TestDatabase) {
    let app = with_leeway(database, 10).await;
    let user = app.sign_in().await;
    let second = next(&app, &user.tokens.refresh).await;
    app.clock().advance_ms(10_001);
    assert_eq!(refusal(&app.refresh(SPA, &user.tokens.refresh).await), invalid());
    assert_eq!(refusal(&app.refresh(SPA, &second).await), invalid());
}

async fn an_older_token_is_reuse_even_inside_the_leeway(database: TestDatabase) {
    let app = with_leeway(database, 10).await;
    let user = app.sign_in().await;
    let second = next(&app, &user.tokens.refresh).await;
    let third = next(&app, &second).await;
    assert_eq!(refusal(&app.refresh(SPA, &user.tokens.refresh).await), invalid());
    assert_eq!(refusal(&app.refresh(SPA, &third).await), invalid());
}

/// Many exchanges of one token at once: the tokens of those that succeeded. Nothing else happens but
/// refusals.
async fn at_once(app: &Arc<TestApp>) -> Vec<String> {
    let token = app.sign_in().await.tokens.refresh;
    let mut exchanges = JoinSet::new();
    for _ in 0..64 {
        let (app, token) = (Arc::clone(app), token.clone());
        exchanges.spawn(async move { app.refresh(SPA, &token).await });
    }
    let replies = exchanges.join_all().await;
    let (succeeded, refused): (Vec<_>, Vec<_>) =
        replies.iter().partition(|reply| reply.status == 200);
    for reply in refused {
        assert_eq!(refusal(reply), invalid());
    }
    succeeded.iter().map(|reply| reply.text("/refresh_token")).collect()
}

async fn of_many_at_once_one_succeeds_without_leeway(database: TestDatabase) {
    assert_eq!(at_once(&Arc::new(TestApp::start(database).await)).await.len(), 1);
}

/// Tabs of one browser, each of which goes on with what it got.
async fn of_many_at_once_all_succeed_inside_the_leeway(database: TestDatabase) {
    let app = Arc::new(with_leeway(database, 10).await);
    let tokens = at_once(&app).await;
    assert_eq!(tokens.len(), 64);
    for token in tokens {
        let _ = app.refresh(SPA, &token).await.expect(200);
    }
}

async fn tokens_that_do_not_rotate_stay(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let user = app.sign_in_as(EMAIL, WEB, &format!("offline_access {ME}")).await;
    let secret = app.secret_of(WEB).await;
    for _ in 0..2 {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", WEB),
            ("client_secret", secret.as_str()),
            ("refresh_token", user.tokens.refresh.as_str()),
        ];
        let reply = app.post("/oauth/token").form(&fields).send().await.expect(200);
        assert!(reply.json().get("refresh_token").is_none(), "{}", reply.body);
    }
}

async fn scopes_can_be_narrowed_for_one_exchange(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in_with("openid offline_access read:me:factors").await;
    let ask = |token: String, scope: &'static str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", SPA),
            ("refresh_token", token.as_str()),
            ("scope", scope),
        ];
        app.post("/oauth/token").form(&fields).send()
    };
    let narrow = ask(user.tokens.refresh.clone(), "read:me:factors write:nothing email").await;
    let narrow = Tokens::read(SPA, &narrow.expect(200));
    assert_eq!((narrow.scope.as_str(), narrow.id.as_str()), ("read:me:factors", ""));
    let full = Tokens::read(SPA, &ask(narrow.refresh, "").await.expect(200));
    assert_eq!(full.scope, "openid offline_access read:me:factors");
}

async fn another_audience_is_refused_and_the_own_one_is_not(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let ask = |audience: &'static str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", SPA),
            ("refresh_token", user.tokens.refresh.as_str()),
            ("audience", audience),
        ];
        app.post("/oauth/token").form(&fields).send()
    };
    let text = format!("Client is not authorized to access resource server \"{CUSTOM_API}\"");
    assert_eq!(refusal(&ask(CUSTOM_API).await), expected(403, "access_denied", &text));
    let _ = ask("https://acme.example/me/").await.expect(200);
}

async fn a_failed_exchange_uses_nothing_up(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let token = user.tokens.refresh.as_str();
    assert_eq!(app.refresh("nobody", token).await.status, 401);
    let foreign = app.post("/oauth/token").header("origin", "https://evil.example");
    let fields = [("grant_type", "refresh_token"), ("client_id", SPA), ("refresh_token", token)];
    assert_eq!(foreign.form(&fields).send().await.status, 403);
    app.sql("UPDATE users SET blocked = 1").await;
    assert_eq!(app.refresh(SPA, token).await.status, 401);
    app.sql("UPDATE users SET blocked = 0").await;
    let _ = app.refresh(SPA, token).await.expect(200);
}

on_both_engines! {
    an_exchange_gives_fresh_tokens,
    reuse_ends_the_family,
    without_leeway_the_previous_token_is_reuse,
    inside_the_leeway_the_previous_token_works,
    after_the_leeway_it_is_reuse,
    an_older_token_is_reuse_even_inside_the_leeway,
    of_many_at_once_one_succeeds_without_leeway,
    of_many_at_once_all_succeed_inside_the_leeway,
    tokens_that_do_not_rotate_stay,
    scopes_can_be_narrowed_for_one_exchange,
    another_audience_is_refused_and_the_own_one_is_not,
    a_failed_exchange_uses_nothing_up,
}
