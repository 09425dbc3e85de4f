//! What every operation checks first, and in which order (contract 01 §1, §2).

use housekey_core::resource_server::ResourceServerKind;
use housekey_core::tenant::RateLimits;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::ME;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

async fn unknown_routes_and_methods_are_not_found(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    assert_shown!(user.get("/nonsense").await.seen(), @r#"
    {
      "body": {
        "detail": "The requested resource GET /me/v1/nonsense was not found.",
        "status": 404,
        "title": "Not Found",
        "type": "https://auth0.com/api-errors/A0E-404-0001"
      },
      "status": 404
    }
    "#);
    for (method, path) in [
        ("PUT", "/factors"),
        ("POST", "/factors"),
        ("GET", "/factors/"),
        ("GET", "/authentication-methods/"),
        ("PUT", "/authentication-methods/totp%7Cdev_0"),
        ("GET", "/authentication-methods/totp%7Cdev_0/verify"),
        ("GET", ""),
        ("GET", "/connected-accounts/accounts"),
    ] {
        let refused = user.request(method, path).send().await.expect(404);
        assert!(refused.text("/detail").starts_with("The requested resource "), "{method} {path}");
    }
    let head = app.request("HEAD", "/me/v1/nonsense").send().await;
    assert_eq!(head.status, 404);
}

async fn the_version_may_be_left_out(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for path in ["/factors", "/authentication-methods"] {
        let alias = app.get(&format!("/me{path}")).bearer(&user.tokens.access).send().await;
        assert_eq!(alias.expect(200).body, user.get(path).await.expect(200).body);
    }
}

async fn where_the_api_is_not_active_there_is_nothing(database: TestDatabase) {
    let inactive = |tenant: &mut housekey_core::tenant::Configuration| {
        let is_me = |kind: &ResourceServerKind| *kind == ResourceServerKind::MyAccount;
        tenant.resource_servers.retain(|api| !is_me(&api.kind));
        tenant.client_grants.clear();
    };
    let app = TestApp::build(database).await.configure(inactive).start().await;
    for path in ["/me/v1/factors", "/me/factors", "/me/v1/authentication-methods"] {
        let reply = app.get(path).bearer("x").send().await.expect(404);
        assert_eq!(reply.text("/type"), "https://auth0.com/api-errors/A0E-404-0001");
    }
}

/// Each step breaks one thing less than the one before.
async fn checks_run_in_the_order_clients_rely_on(database: TestDatabase) {
    let limits = RateLimits { user_writes_per_minute: 6, ..RateLimits::OFF };
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.my_account_limits = limits)
        .start()
        .await;
    app.person(EMAIL).await;
    let reader = app.sign_in_as(EMAIL, SPA, "read:me:factors").await;
    let writer = app.sign_in_as(EMAIL, SPA, ME).await;
    let verify = "/me/v1/authentication-methods/totp%7Cdev_0/verify";
    let send = |token: &str, kind: &str, body: &str, path: &str| {
        let request = app.post(path).bearer(token).header("content-type", kind);
        request.body(body.to_owned()).send()
    };
    let (json, good) = ("application/json", r#"{"auth_session":"x","otp_code":"000000"}"#);
    let access = writer.tokens.access.as_str();
    let _ = send("bad", "text/plain", "{", "/me/v1/nonsense").await.expect(404);
    let _ = send("bad", "text/plain", "{", verify).await.expect(401);
    let _ = send(&reader.tokens.access, "text/plain", "{", verify).await.expect(403);
    let _ = send(access, "text/plain", "{", verify).await.expect(415);
    let _ = send(access, json, "{", verify).await.expect(400);
    let _ = send(access, json, "{}", verify).await.expect(400);
    let _ = send(access, json, good, verify).await.expect(404);
    let _ = send(access, json, good, verify).await.expect(404);
    let _ = send(&reader.tokens.access, "text/plain", "{", verify).await.expect(429);
    let _ = send("bad", "text/plain", "{", verify).await.expect(401);
}

async fn a_scope_that_is_missing_is_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in_with("openid read:me:authentication_methods").await;
    assert_shown!(user.enroll(&json!({ "type": "totp" })).await.seen(), @r#"
    {
      "body": {
        "detail": "The auth token lacks the required scope: create:me:authentication_methods",
        "status": 403,
        "title": "Insufficient Scope",
        "type": "https://auth0.com/api-errors/A0E-403-0002"
      },
      "status": 403
    }
    "#);
    let _ = user.get("/factors").await.expect(403);
    let _ = user.get("/authentication-methods").await.expect(200);
}

on_both_engines! {
    unknown_routes_and_methods_are_not_found,
    the_version_may_be_left_out,
    where_the_api_is_not_active_there_is_nothing,
    checks_run_in_the_order_clients_rely_on,
    a_scope_that_is_missing_is_named,
}
