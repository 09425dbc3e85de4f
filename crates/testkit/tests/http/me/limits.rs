//! Rate limits of the My Account API (contract 01 §6).

use housekey_core::tenant::{Configuration, RateLimits};
use housekey_testkit::application::ME;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

fn limit(change: impl FnOnce(&mut RateLimits)) -> impl FnOnce(&mut Configuration) {
    |tenant| change(&mut tenant.tenant.settings.my_account_limits)
}

async fn a_persons_reads_are_limited(database: TestDatabase) {
    let limits = limit(|limits| limits.user_reads_per_minute = 2);
    let app = TestApp::build(database).await.configure(limits).start().await;
    let user = app.sign_in().await;
    let first = user.get("/factors").await.expect(200);
    assert_eq!(first.header("x-ratelimit-limit"), Some("2"));
    assert_eq!(first.header("x-ratelimit-remaining"), Some("1"));
    let _ = user.get("/factors").await.expect(200);
    let refused = user.get("/factors").await;
    assert_shown!(refused.seen(), @r#"
    {
      "body": {
        "detail": "Rate limit exceeded.",
        "status": 429,
        "title": "Too Many Requests",
        "type": "https://auth0.com/api-errors/A0E-429-0001"
      },
      "retry-after": "30",
      "status": 429,
      "x-ratelimit-limit": "2"
    }
    "#);
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    let reset: i64 = refused.header("x-ratelimit-reset").expect("sent").parse().expect("seconds");
    assert_eq!(reset - app.now().as_seconds(), 61, "Unix seconds, when full again");
    let _ = user.enroll(&json!({ "type": "totp" })).await.expect(202);
    app.clock().advance(30);
    let _ = user.get("/factors").await.expect(200);
    let _ = user.get("/factors").await.expect(429);
}

async fn a_persons_writes_are_limited_apart_from_others(database: TestDatabase) {
    let limits = limit(|limits| limits.user_writes_per_minute = 1);
    let app = TestApp::build(database).await.configure(limits).start().await;
    let user = app.sign_in().await;
    let _ = user.enroll(&json!({ "type": "totp" })).await.expect(202);
    let _ = user.enroll(&json!({ "type": "recovery-code" })).await.expect(429);
    assert_eq!(user.method_ids().await.len(), 2, "nothing changed");
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", SPA, ME).await;
    let _ = other.enroll(&json!({ "type": "totp" })).await.expect(202);
}

async fn a_tenants_requests_are_limited_before_the_token_is_looked_at(database: TestDatabase) {
    let limits = limit(|limits| limits.tenant_per_second = 1);
    let app = TestApp::build(database).await.configure(limits).with_other_tenant().await;
    let app = app.start().await;
    let user = app.sign_in().await;
    let _ = user.get("/factors").await.expect(200);
    assert_shown!(user.get("/factors").await.seen(), @r#"
    {
      "body": {
        "detail": "Rate limit exceeded.",
        "status": 429,
        "title": "Too Many Requests",
        "type": "https://auth0.com/api-errors/A0E-429-0001"
      },
      "retry-after": "1",
      "status": 429,
      "x-auth0-error-kind": "global-rate-limit",
      "x-ratelimit-limit": "1"
    }
    "#);
    let _ = app.get("/me/v1/factors").send().await.expect(429);
    let elsewhere = app.get("/me/v1/factors").host(housekey_testkit::seed::OTHER_HOST);
    let _ = elsewhere.send().await.expect(401);
    app.clock().advance(1);
    let _ = user.get("/factors").await.expect(200);
}

async fn without_limits_there_are_no_headers(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in_with(ME).await;
    let reply = user.get("/factors").await.expect(200);
    assert_eq!(reply.header("x-ratelimit-limit"), None);
}

on_both_engines! {
    a_persons_reads_are_limited,
    a_persons_writes_are_limited_apart_from_others,
    a_tenants_requests_are_limited_before_the_token_is_looked_at,
    without_limits_there_are_no_headers,
}
