//! Two tenants in one process: nothing of one is anything to the other.

use housekey_testkit::actor::{EMAIL, method_path};
use housekey_testkit::app::PASSWORD;
use housekey_testkit::application::ME;
use housekey_testkit::seed::{HOST, OTHER_HOST, SPA};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

async fn both(database: TestDatabase) -> TestApp {
    let app = TestApp::build(database).await.with_other_tenant().await.start().await;
    app.person_on(OTHER_HOST, EMAIL).await;
    app
}

async fn tokens_and_methods(database: TestDatabase) {
    let app = both(database).await;
    let own = app.sign_in().await;
    let other =
        app.sign_in_on(OTHER_HOST, EMAIL, SPA, &format!("openid offline_access {ME}")).await;
    let begun = own.enroll(&json!({ "type": "totp" })).await.expect(202);
    let path = method_path(&begun.text("/id"));
    let verify = json!({ "auth_session": begun.text("/auth_session"), "otp_code": "000000" });
    for (method, path, body) in [
        ("GET", path.clone(), json!(null)),
        ("PATCH", path.clone(), json!({ "name": "x" })),
        ("DELETE", path.clone(), json!(null)),
        ("POST", format!("{path}/verify"), verify),
    ] {
        let with_theirs = other.request(method, &path).json(&body).send().await;
        assert_eq!(with_theirs.status, 404, "{method} {path}");
        let with_ours = own.request(method, &path).host(OTHER_HOST).json(&body).send().await;
        assert_eq!(with_ours.status, 401, "{method} {path}");
    }
    let _ = own.get(&path).await.expect(200);
    let _ =
        app.get("/userinfo").host(OTHER_HOST).bearer(&own.tokens.access).send().await.expect(401);
}

async fn refresh_tokens_and_codes(database: TestDatabase) {
    let app = both(database).await;
    let own = app.sign_in().await;
    let token = own.tokens.refresh.as_str();
    let there = |path: &'static str, fields: Vec<(&'static str, String)>| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.clone())).collect();
        let pairs: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        app.post(path).host(OTHER_HOST).form(&pairs).send()
    };
    let refresh = vec![
        ("grant_type", "refresh_token".to_owned()),
        ("client_id", SPA.to_owned()),
        ("refresh_token", token.to_owned()),
    ];
    let _ = there("/oauth/token", refresh).await.expect(403);
    let revoke = vec![("client_id", SPA.to_owned()), ("token", token.to_owned())];
    let _ = there("/oauth/revoke", revoke).await.expect(200);
    let request = app.authorize(ME);
    let code = own.browser.authorize(&request).await.code();
    let post = app.post("/oauth/token").host(OTHER_HOST).form(&request.token_fields(&code));
    let _ = post.send().await.expect(403);
    let _ = app.exchange(&request, &code).await.expect(200);
    let _ = app.refresh(SPA, token).await.expect(200);
}

async fn sessions_and_transactions(database: TestDatabase) {
    let app = both(database).await;
    let own = app.sign_in().await;
    let session = own.browser.cookie(HOST, "auth0").await.expect("signed in");
    own.browser.set_cookie(OTHER_HOST, "auth0", &session).await;
    let silent = app.authorize_on(OTHER_HOST, SPA, "openid").with("prompt", "none");
    assert_eq!(own.browser.authorize(&silent).await.error().0, "login_required");
    let page = own.browser.authorize(&app.authorize("openid").with("prompt", "login")).await;
    let cookie = own.browser.cookie(HOST, "housekey_tx").await.expect("a transaction");
    own.browser.set_cookie(OTHER_HOST, "housekey_tx", &cookie).await;
    let there = page.url.as_str().replace(HOST, OTHER_HOST);
    assert_eq!(own.browser.open(&there).await.reply.status, 400);
    let logout = format!("https://{OTHER_HOST}/oidc/logout?id_token_hint={}", own.tokens.id);
    assert_eq!(own.browser.open(&logout).await.reply.status, 400);
    let silent = app.authorize("openid").with("prompt", "none");
    let _ = own.browser.authorize(&silent).await.code();
}

async fn people_and_their_mails(database: TestDatabase) {
    let app = both(database).await;
    app.person("only-here@example.com").await;
    let browser = app.browser();
    let page = browser.authorize(&app.authorize_on(OTHER_HOST, SPA, "openid")).await;
    let page = browser.log_in(&page, "only-here@example.com", PASSWORD).await;
    assert_eq!(page.errors(), ["password:wrong-email-credentials"]);
    let page = browser.open(&format!("https://{OTHER_HOST}{}", page.link("password-reset"))).await;
    let _ = browser.submit(&page, &[("email", EMAIL)]).await.reply.expect(200);
    let message = app.message().await;
    assert_eq!(message.from_name, "The globex tenant");
    let link = message.content.link.expect("a link");
    assert!(link.starts_with("https://globex.example/"), "{link}");
    let here = link.replace(OTHER_HOST, HOST);
    assert_eq!(app.browser().open(&here).await.reply.status, 400);
    assert_eq!(app.browser().open(&link).await.screen(), "reset-password");
}

on_both_engines! {
    tokens_and_methods,
    refresh_tokens_and_codes,
    sessions_and_transactions,
    people_and_their_mails,
}
