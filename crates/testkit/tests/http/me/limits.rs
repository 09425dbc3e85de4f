//! Rate limits of the My Account API (contract 01 §6).

use housekey_core::tenant::{Configuration, RateLimits};
use housekey_testkit::actor::{Actor, EMAIL, method_path};
use housekey_testkit::application::ME;
use housekey_testkit::request::Reply;
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
    assert_eq!(reset - app.now().as_seconds(), 60, "Unix seconds, when full again");
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
    let limits = limit(|limits| limits.tenant_reads_per_second = 1);
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

/// Each bucket alone: to the last request it holds, then not one more, and the others are untouched.
async fn every_bucket_is_counted_apart(database: TestDatabase) {
    let limits = RateLimits {
        tenant_reads_per_second: 7,
        tenant_writes_per_second: 6,
        tenant_filtered_reads_per_second: 5,
        user_reads_per_minute: 4,
        user_writes_per_minute: 3,
        user_filtered_reads_per_minute: 2,
    };
    let app = TestApp::build(database).await.configure(limit(|own| *own = limits)).start().await;
    let user = app.sign_in().await;
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", SPA, ME).await;
    let calls: [(&str, &str, u32, u32, u16); 3] = [
        ("GET", "/authentication-methods", 4, 7, 200),
        ("DELETE", "/authentication-methods/totp%7Cdev_0", 3, 6, 404),
        ("GET", "/authentication-methods?type=totp", 2, 5, 200),
    ];
    for (method, path, of_user, of_tenant, status) in calls {
        let send = async |who: &Actor<'_>| who.request(method, path).send().await;
        for left in (0..of_user).rev() {
            let passed = send(&user).await.expect(status);
            assert_eq!(passed.header("x-ratelimit-limit"), Some(of_user.to_string().as_str()));
            assert_eq!(passed.header("x-ratelimit-remaining"), Some(left.to_string().as_str()));
        }
        let refused = send(&user).await.expect(429);
        assert_eq!(refused.header("x-auth0-error-kind"), None, "one person's own fault");
        // The refused one counted towards the tenant, as every request does.
        for _ in of_user + 1..of_tenant {
            let _ = send(&other).await.expect(status);
        }
        let refused = send(&other).await.expect(429);
        assert_eq!(refused.header("x-auth0-error-kind"), Some("global-rate-limit"));
        assert_eq!(refused.header("x-ratelimit-limit"), Some(of_tenant.to_string().as_str()));
    }
}

async fn the_tightest_bucket_is_told(database: TestDatabase) {
    let limits = limit(|limits| {
        limits.tenant_reads_per_second = 3;
        limits.user_reads_per_minute = 4;
    });
    let app = TestApp::build(database).await.configure(limits).start().await;
    let user = app.sign_in().await;
    let told = |reply: &Reply| {
        ["x-ratelimit-limit", "x-ratelimit-remaining"]
            .map(|name| reply.header(name).expect("sent").parse::<u32>().expect("a number"))
    };
    assert_eq!(told(&user.get("/factors").await.expect(200)), [3, 2]);
    assert_eq!(told(&user.get("/factors").await.expect(200)), [3, 1]);
    app.clock().advance(1);
    assert_eq!(told(&user.get("/factors").await.expect(200)), [4, 1]);
}

/// 401, 403, 404 and 409 are answers of an authenticated call, too.
async fn errors_carry_the_headers(database: TestDatabase) {
    let limits = limit(|limits| *limits = RateLimits::default());
    let app = TestApp::build(database).await.configure(limits).start().await;
    let user = app.sign_in_with("openid read:me:authentication_methods").await;
    let password = user.method_ids().await.remove(0);
    let gone = "/authentication-methods/totp%7Cdev_0";
    for (method, path, status) in [
        ("GET", "/factors", 403),
        ("GET", gone, 404),
        ("DELETE", gone, 403),
        ("GET", "/authentication-methods?type=x", 400),
    ] {
        let reply = user.request(method, path).send().await.expect(status);
        for name in ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] {
            let value = reply.header(name).expect(name).parse::<i64>();
            assert!(value.is_ok(), "{method} {path}: {name}");
        }
    }
    let all = app.sign_in_as(EMAIL, SPA, ME).await;
    let refused = all.delete(&method_path(&password)).await.expect(409);
    assert_eq!(refused.header("x-ratelimit-limit"), Some("25"));
    let nobody = app.get("/me/v1/factors").bearer("x").send().await.expect(401);
    assert_eq!(nobody.header("x-ratelimit-limit"), Some("25"));
}

async fn requests_at_once_get_exactly_what_is_allowed(database: TestDatabase) {
    let limits = limit(|limits| limits.tenant_reads_per_second = 25);
    let app = TestApp::build(database).await.configure(limits).start().await;
    let user = app.sign_in().await;
    let rush = async || {
        let mut statuses = Vec::new();
        for replies in [
            tokio::join!(user.get("/factors"), user.get("/factors"), user.get("/factors")),
            tokio::join!(user.get("/factors"), user.get("/factors"), user.get("/factors")),
        ] {
            statuses.extend([replies.0, replies.1, replies.2].map(|own| own.status.as_u16()));
        }
        statuses
    };
    let mut passed = 0;
    for _ in 0..10 {
        let rushes = tokio::join!(rush(), rush(), rush());
        let all = [rushes.0, rushes.1, rushes.2].concat();
        passed += all.iter().filter(|status| **status == 200).count();
    }
    assert_eq!(passed, 25, "of 180 requests in one instant");
    app.clock().advance(1);
    let rushes = tokio::join!(rush(), rush(), rush());
    let again = [rushes.0, rushes.1, rushes.2].concat();
    assert_eq!(again.iter().filter(|status| **status == 200).count(), 18, "the clock moved on");
}

/// The figures of the contract, for a tenant that sets none.
async fn what_holds_unless_a_tenant_says_otherwise(database: TestDatabase) {
    let limits = limit(|limits| *limits = RateLimits::default());
    let app = TestApp::build(database).await.configure(limits).start().await;
    let user = app.sign_in().await;
    let mut reads = 0;
    while user.get("/factors").await.status == 200 {
        reads += 1;
    }
    assert_eq!(reads, 25, "a tenant's in a second");
    for _ in 0..2 {
        app.clock().advance(1);
        while user.get("/factors").await.status == 200 {
            reads += 1;
        }
    }
    // Two seconds gave two more to the person, too.
    assert_eq!(reads, 62, "a person's in a minute");
    let mut writes = 0;
    let gone = "/authentication-methods/totp%7Cdev_0";
    for _ in 0..2 {
        app.clock().advance(1);
        while user.delete(gone).await.status == 404 {
            writes += 1;
        }
    }
    assert_eq!(writes, 30);
}

async fn a_malformed_filter_is_a_filter(database: TestDatabase) {
    let limits = limit(|limits| limits.user_filtered_reads_per_minute = 1);
    let app = TestApp::build(database).await.configure(limits).start().await;
    let user = app.sign_in().await;
    let _ = user.get("/authentication-methods?type=nonsense").await.expect(400);
    let _ = user.get("/authentication-methods?type=totp").await.expect(429);
    let _ = user.get("/authentication-methods?kind=totp").await.expect(200);
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
    every_bucket_is_counted_apart,
    the_tightest_bucket_is_told,
    errors_carry_the_headers,
    requests_at_once_get_exactly_what_is_allowed,
    what_holds_unless_a_tenant_says_otherwise,
    a_malformed_filter_is_a_filter,
    without_limits_there_are_no_headers,
}
