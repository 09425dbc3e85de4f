//! Which tokens the My Account API takes, and which not (contract 01 §7, 03 §10.1).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::ME;
use housekey_testkit::jwt;
use housekey_testkit::seed::{CUSTOM_API, HOST, OTHER_HOST, SPA};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

const FACTORS: &str = "/me/v1/factors";

/// The challenge of the 401 that a token gets.
async fn refused(app: &TestApp, token: &str) -> String {
    let reply = app.get(FACTORS).bearer(token).send().await.expect(401);
    assert_eq!(reply.text("/type"), "https://auth0.com/api-errors/A0E-401-0003");
    reply.header("www-authenticate").expect("401 has a challenge").to_owned()
}

async fn without_a_token(database: TestDatabase) {
    let app = TestApp::start(database).await;
    assert_shown!(app.get(FACTORS).send().await.seen(), @r#"
    {
      "body": {
        "detail": "No auth token provided.",
        "status": 401,
        "title": "Missing Token",
        "type": "https://auth0.com/api-errors/A0E-401-0002"
      },
      "status": 401,
      "www-authenticate": "Bearer realm=\"me\""
    }
    "#);
    for value in ["Basic eDp5", "Bearer", "", "nonsense", "MAC x"] {
        let reply = app.get(FACTORS).header("authorization", value).send().await.expect(401);
        assert_eq!(reply.text("/title"), "Missing Token", "{value}");
    }
}

async fn a_token_outside_the_header_does_not_count(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let token = user.tokens.access.as_str();
    let _ = app.get(&format!("{FACTORS}?access_token={token}")).send().await.expect(401);
    let form = app.post("/me/v1/authentication-methods").form(&[("access_token", token)]);
    let _ = form.send().await.expect(401);
    let session = user.browser.cookie(HOST, "auth0").await.expect("signed in");
    let _ = app.get(FACTORS).header("cookie", &format!("auth0={session}")).send().await.expect(401);
}

async fn the_scheme_has_any_case(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for scheme in ["bearer", "BEARER", "BeArEr"] {
        let value = format!("{scheme} {}", user.tokens.access);
        let _ = app.get(FACTORS).header("authorization", &value).send().await.expect(200);
    }
    let as_dpop = format!("DPoP {}", user.tokens.access);
    let _ = app.get(FACTORS).header("authorization", &as_dpop).send().await.expect(401);
}

async fn other_tokens_of_the_same_person(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    assert_shown!(app.get(FACTORS).bearer(&user.tokens.id).send().await.seen(), @r#"
    {
      "body": {
        "detail": "Invalid Token",
        "status": 401,
        "title": "Invalid Token",
        "type": "https://auth0.com/api-errors/A0E-401-0003"
      },
      "status": 401,
      "www-authenticate": "Bearer realm=\"me\", error=\"invalid_token\""
    }
    "#);
    refused(&app, &user.tokens.refresh).await;
    let request = app.authorize("openid profile").with("audience", "");
    let code = user.browser.authorize(&request).await.code();
    let opaque = app.exchange(&request, &code).await.expect(200).text("/access_token");
    refused(&app, &opaque).await;
    let request = app.authorize("read:things").with("audience", CUSTOM_API);
    let page = user.browser.authorize(&request).await;
    let code = user.browser.submit(&page, &[("action", "accept")]).await.code();
    let elsewhere = app.exchange(&request, &code).await.expect(200).text("/access_token");
    assert_eq!(jwt::claims(&elsewhere)["aud"], CUSTOM_API);
    refused(&app, &elsewhere).await;
}

async fn forged_tokens(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let good = user.tokens.access.as_str();
    let key = app.get("/.well-known/jwks.json").send().await.expect(200).json()["keys"][0].clone();
    let text = |name: &str| key[name].as_str().expect("a text").as_bytes().to_vec();
    let (head, signature) = good.rsplit_once('.').expect("three parts");
    for forged in [
        jwt::unsecured(good),
        jwt::unsecured(good) + signature,
        jwt::confused(good, &text("n")),
        jwt::confused(good, key.to_string().as_bytes()),
        jwt::with_header(good, |header| header["kid"] = "another".into()),
        jwt::with_header(good, |header| header["kid"] = json!(null)),
        jwt::with_header(good, |header| header["alg"] = "RS512".into()),
        jwt::with_header(good, |header| header["jwk"] = key.clone()),
        jwt::with_claims(good, |claims| claims["sub"] = "auth0|0".into()),
        jwt::with_claims(good, |claims| claims["exp"] = 4_000_000_000_i64.into()),
        format!("{head}."),
        head.to_owned(),
        format!("{head}.{}", signature.chars().rev().collect::<String>()),
        "a.b.c".to_owned(),
        "...".to_owned(),
        "x".repeat(20_000),
    ] {
        refused(&app, &forged).await;
    }
    let _ = app.get(FACTORS).bearer(good).send().await.expect(200);
}

async fn a_token_lives_ten_minutes(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    app.clock().advance(599);
    let _ = user.get("/factors").await.expect(200);
    app.clock().advance(1);
    refused(&app, &user.tokens.access).await;
}

async fn a_token_of_another_tenant(database: TestDatabase) {
    let app = TestApp::build(database).await.with_other_tenant().await.start().await;
    let user = app.sign_in().await;
    let there = app.get(FACTORS).host(OTHER_HOST).bearer(&user.tokens.access);
    let _ = there.send().await.expect(401);
    app.person_on(OTHER_HOST, EMAIL).await;
    let other = app.sign_in_on(OTHER_HOST, EMAIL, SPA, ME).await;
    let _ = other.get("/factors").await.expect(200);
    refused(&app, &other.tokens.access).await;
}

async fn a_token_of_another_host_of_the_tenant(database: TestDatabase) {
    let custom = "login.acme.example";
    let app = TestApp::build(database).await.custom_domain(custom).start().await;
    let user = app.sign_in().await;
    let there = app.get(FACTORS).host(custom).bearer(&user.tokens.access).send().await;
    let _ = there.expect(401);
    let at_custom = app.sign_in_on(custom, EMAIL, SPA, ME).await;
    let _ = at_custom.get("/factors").await.expect(200);
    refused(&app, &at_custom.tokens.access).await;
}

async fn blocked_and_deleted_people(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    app.sql("UPDATE users SET blocked = 1").await;
    refused(&app, &user.tokens.access).await;
    app.sql("UPDATE users SET blocked = 0").await;
    let _ = user.get("/factors").await.expect(200);
    app.sql("DELETE FROM users").await;
    refused(&app, &user.tokens.access).await;
}

async fn applications_that_lost_their_grant(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    app.sql("DELETE FROM client_grants").await;
    app.core().directory().forget(&app.tenant_id());
    refused(&app, &user.tokens.access).await;
}

async fn revoked_authorizations(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let fields = [("client_id", SPA), ("token", user.tokens.refresh.as_str())];
    let _ = app.post("/oauth/revoke").form(&fields).send().await.expect(200);
    refused(&app, &user.tokens.access).await;
}

on_both_engines! {
    without_a_token,
    a_token_outside_the_header_does_not_count,
    the_scheme_has_any_case,
    other_tokens_of_the_same_person,
    forged_tokens,
    a_token_lives_ten_minutes,
    a_token_of_another_tenant,
    a_token_of_another_host_of_the_tenant,
    blocked_and_deleted_people,
    applications_that_lost_their_grant,
    revoked_authorizations,
}
