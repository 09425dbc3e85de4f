//! `/userinfo` (contract 03 §11.1).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::ME;
use housekey_testkit::jwt;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};

async fn claims_follow_the_scopes(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let info = app.get("/userinfo").bearer(&user.tokens.access).send().await;
    assert_shown!(info.seen(), { ".body.sub" => "[sub]", ".body.picture" => "[picture]" }, @r#"
    {
      "body": {
        "email": "user@example.com",
        "email_verified": true,
        "name": "user@example.com",
        "nickname": "user",
        "picture": "[picture]",
        "sub": "[sub]",
        "updated_at": "2026-01-01T00:00:00.000Z"
      },
      "status": 200
    }
    "#);
    assert_eq!(info.text("/sub"), jwt::claims(&user.tokens.id)["sub"]);
    let narrow = app.sign_in_as(EMAIL, SPA, "openid").await;
    let info = app.get("/userinfo").bearer(&narrow.tokens.access).send().await.expect(200);
    assert_eq!(info.json().as_object().map(serde_json::Map::len), Some(1));
}

async fn an_opaque_token_will_do_and_so_will_a_post(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize("openid email").with("audience", "");
    let code = app.browser().authorize_as(&request, EMAIL).await.code();
    let token = app.exchange(&request, &code).await.expect(200).text("/access_token");
    let get = app.get("/userinfo").bearer(&token).send().await.expect(200);
    let post = app.post("/userinfo").bearer(&token).send().await.expect(200);
    let form = app.post("/userinfo").form(&[("access_token", &token)]).send().await.expect(200);
    assert_eq!(get.json(), post.json());
    assert_eq!(get.json(), form.json());
    app.clock().advance(86_400);
    let _ = app.get("/userinfo").bearer(&token).send().await.expect(401);
}

async fn what_is_no_token_for_it_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let user = app.sign_in_as(EMAIL, SPA, &format!("openid offline_access {ME}")).await;
    let without_openid = app.sign_in_as(EMAIL, SPA, ME).await;
    let refused = app.get("/userinfo").send().await;
    assert_shown!(refused.seen(), @r#"
    {
      "body": {
        "error": "invalid_token",
        "error_description": "The access token is missing, expired or not for this endpoint"
      },
      "status": 401,
      "www-authenticate": "Bearer realm=\"Users\", error=\"invalid_token\", error_description=\"The access token is not valid\""
    }
    "#);
    let opaque = "A".repeat(400);
    for token in [
        "x",
        opaque.as_str(),
        user.tokens.id.as_str(),
        user.tokens.refresh.as_str(),
        without_openid.tokens.access.as_str(),
        jwt::unsecured(&user.tokens.access).as_str(),
    ] {
        let refused = app.get("/userinfo").bearer(token).send().await.expect(401);
        assert!(
            refused.header("www-authenticate").is_some_and(|own| own.contains("invalid_token"))
        );
    }
}

async fn blocked_people_and_revoked_authorizations(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let ask = || app.get("/userinfo").bearer(&user.tokens.access).send();
    app.sql("UPDATE users SET blocked = 1").await;
    let _ = ask().await.expect(401);
    app.sql("UPDATE users SET blocked = 0").await;
    let _ = ask().await.expect(200);
    let fields = [("client_id", SPA), ("token", user.tokens.refresh.as_str())];
    let _ = app.post("/oauth/revoke").form(&fields).send().await.expect(200);
    let _ = ask().await.expect(401);
}

on_both_engines! {
    claims_follow_the_scopes,
    an_opaque_token_will_do_and_so_will_a_post,
    what_is_no_token_for_it_is_refused,
    blocked_people_and_revoked_authorizations,
}
