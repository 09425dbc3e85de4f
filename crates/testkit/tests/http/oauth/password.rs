//! Grants `password` and `password-realm` (contract 03 §6.4, 04 §12.3).

use std::sync::Arc;

use housekey_core::client::{ClientSettings, GrantType};
use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::{Builder, PASSWORD};
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{CUSTOM_API, NATIVE, SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase, jwt};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{expected, refusal};

const REALM: &str = "http://auth0.com/oauth/grant-type/password-realm";
const CONNECTION: &str = "Username-Password-Authentication";
const WRONG: &str = "Wrong email or password.";

fn allow(settings: &mut ClientSettings) {
    settings.grant_types.extend([GrantType::Password, GrantType::PasswordRealm]);
}

async fn build(database: TestDatabase) -> Builder {
    TestApp::build(database).await.client(SPA, allow).client(NATIVE, allow).client(WEB, allow)
}

async fn start(database: TestDatabase) -> TestApp {
    let app = build(database).await.start().await;
    app.person(EMAIL).await;
    app
}

fn body(more: &Value) -> Value {
    let mut body = json!({
        "grant_type": "password", "client_id": SPA, "username": EMAIL, "password": PASSWORD,
    });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

async fn ask(app: &TestApp, more: &Value) -> Reply {
    app.post("/oauth/token").json(&body(more)).send().await
}

async fn a_password_is_exchanged_for_tokens(database: TestDatabase) {
    let app = start(database).await;
    let reply = ask(&app, &json!({ "scope": "openid email offline_access" })).await.expect(200);
    let tokens = reply.json();
    assert_eq!(tokens["scope"], "openid email offline_access");
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(86_400)));
    let claims = jwt::claims(&reply.text("/id_token"));
    assert_eq!(claims["email"], EMAIL);
    // No browser is signed in by it.
    assert!(claims.get("sid").is_none() && claims.get("amr").is_none(), "{claims}");
    let info = app.get("/userinfo").bearer(&reply.text("/access_token")).send().await.expect(200);
    assert_eq!(info.json()["email"], EMAIL);
    let next = app.refresh(SPA, &reply.text("/refresh_token")).await.expect(200);
    assert_eq!(next.json()["scope"], "openid email offline_access");
}

async fn a_form_says_the_same(database: TestDatabase) {
    let app = start(database).await;
    let secret = app.secret_of(WEB).await;
    let fields = [
        ("grant_type", REALM),
        ("realm", CONNECTION),
        ("username", " User@Example.COM "),
        ("password", PASSWORD),
        ("scope", "openid"),
    ];
    let reply = app.post("/oauth/token").basic(WEB, &secret).form(&fields).send().await;
    assert_eq!(reply.expect(200).json()["scope"], "openid");
}

async fn scopes_nobody_names_are_all_there_are(database: TestDatabase) {
    let app = start(database).await;
    let reply = ask(&app, &json!({})).await.expect(200);
    assert_eq!(reply.json()["scope"], "openid profile email address phone");
    let reply = ask(&app, &json!({ "audience": CUSTOM_API })).await.expect(200);
    let claims = jwt::claims(&reply.text("/access_token"));
    assert_eq!(claims["aud"], CUSTOM_API);
    assert_eq!(claims["gty"], "password");
    assert_eq!(reply.json()["scope"], "read:things write:things");
}

/// The answer, and what it costs, is the same whoever it is.
async fn nobody_learns_who_has_an_account(database: TestDatabase) {
    let app = start(database).await;
    for name in [EMAIL, "nobody@example.com", "x", &"x".repeat(500)] {
        let reply = ask(&app, &json!({ "username": name, "password": "wrong" })).await;
        assert_eq!(refusal(&reply), expected(403, "invalid_grant", WRONG), "{name}");
    }
    let long = "x".repeat(5000);
    let reply = ask(&app, &json!({ "password": long })).await;
    assert_eq!(refusal(&reply), expected(403, "invalid_grant", WRONG));
    let mut tx = app.core().read(&app.tenant_id()).await.expect("reads");
    let events = tx.log_events(10).await.expect("the log");
    assert!(events.iter().all(|event| event.kind.code() == "fepft"), "{events:?}");
}

async fn what_is_missing_is_named(database: TestDatabase) {
    let app = start(database).await;
    for name in ["username", "password"] {
        let reply = ask(&app, &json!({ name: null })).await;
        let text = format!("Missing required parameter: {name}");
        assert_eq!(refusal(&reply), expected(400, "invalid_request", &text));
    }
    let reply = ask(&app, &json!({ "grant_type": REALM })).await;
    let text = "Missing required parameter: realm";
    assert_eq!(refusal(&reply), expected(400, "invalid_request", text));
    let reply = ask(&app, &json!({ "grant_type": REALM, "realm": "nonsense" })).await;
    let text = "The realm nonsense is not enabled for the client";
    assert_eq!(refusal(&reply), expected(400, "invalid_request", text));
    let reply = ask(&app, &json!({ "audience": "https://nonsense/" })).await;
    let text = "Service not found: https://nonsense/";
    assert_eq!(refusal(&reply), expected(403, "access_denied", text));
}

async fn a_realm_is_found_by_the_names_it_has(database: TestDatabase) {
    let app = build(database)
        .await
        .connection(|options| options.realms = vec!["people".to_owned()])
        .start()
        .await;
    app.person(EMAIL).await;
    let _ = ask(&app, &json!({ "grant_type": REALM, "realm": "people" })).await.expect(200);
    let _ = ask(&app, &json!({ "grant_type": REALM, "realm": CONNECTION })).await.expect(400);
}

async fn without_a_default_directory_there_is_none(database: TestDatabase) {
    let app = build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.default_directory = None)
        .start()
        .await;
    let text = "Authorization server not configured with default connection.";
    assert_eq!(refusal(&ask(&app, &json!({})).await), expected(500, "server_error", text));
    let realm = json!({ "grant_type": REALM, "realm": CONNECTION });
    assert_eq!(refusal(&ask(&app, &realm).await), expected(403, "invalid_grant", WRONG));
}

async fn connections_serve_whom_they_are_for(database: TestDatabase) {
    let app = build(database)
        .await
        .connection(|options| options.enabled_clients = Some(Vec::new()))
        .start()
        .await;
    let _ = ask(&app, &json!({ "grant_type": REALM, "realm": CONNECTION })).await.expect(400);
}

async fn applications_need_to_be_allowed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let text = "Grant type 'password' not allowed for the client.";
    assert_eq!(refusal(&ask(&app, &json!({})).await), expected(403, "unauthorized_client", text));
}

async fn blocked_people_get_nothing(database: TestDatabase) {
    let app = start(database).await;
    app.sql("UPDATE users SET blocked = 1").await;
    let reply = ask(&app, &json!({})).await;
    assert_eq!(refusal(&reply), expected(401, "unauthorized", "user is blocked"));
    let reply = ask(&app, &json!({ "password": "wrong" })).await;
    assert_eq!(refusal(&reply), expected(403, "invalid_grant", WRONG));
}

/// Guesses count together with those on the sign-in page.
async fn guesses_are_slowed_down(database: TestDatabase) {
    let app = start(database).await;
    app.ignore_messages().await;
    let wrong = json!({ "password": "wrong" });
    for _ in 0..10 {
        assert_eq!(refusal(&ask(&app, &wrong).await), expected(403, "invalid_grant", WRONG));
    }
    let reply = ask(&app, &json!({})).await;
    assert_eq!(reply.text("/error"), "too_many_attempts");
    assert_eq!(reply.status, 429);
    let browser = app.browser();
    let page = browser.authorize_as(&app.authorize("openid"), EMAIL).await;
    assert_eq!(page.errors(), ["password:too-many-failures"]);
    let elsewhere = app.post("/oauth/token").from("203.0.113.9").json(&body(&json!({})));
    let _ = elsewhere.send().await.expect(200);
}

async fn guesses_at_once_are_counted_one_by_one(database: TestDatabase) {
    let app = Arc::new(start(database).await);
    app.ignore_messages().await;
    let mut guesses = JoinSet::new();
    for _ in 0..40 {
        let app = app.clone();
        guesses.spawn(async move { ask(&app, &json!({ "password": "wrong" })).await });
    }
    let replies = guesses.join_all().await;
    let looked_at = replies.iter().filter(|reply| reply.status == 403).count();
    // Two are hashed at once, so that the last two may not have known of each other.
    assert!((10..=11).contains(&looked_at), "the others were not looked at: {looked_at}");
}

on_both_engines! {
    a_password_is_exchanged_for_tokens,
    a_form_says_the_same,
    scopes_nobody_names_are_all_there_are,
    nobody_learns_who_has_an_account,
    what_is_missing_is_named,
    a_realm_is_found_by_the_names_it_has,
    without_a_default_directory_there_is_none,
    connections_serve_whom_they_are_for,
    applications_need_to_be_allowed,
    blocked_people_get_nothing,
    guesses_are_slowed_down,
    guesses_at_once_are_counted_one_by_one,
}
