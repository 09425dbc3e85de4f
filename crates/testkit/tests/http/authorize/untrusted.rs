//! `/authorize`: requests without a trusted place to answer to end on an error page (contract 03
//! §3.3, steps 1 to 3).

use housekey_testkit::html::unescape;
use housekey_testkit::{TestApp, TestDatabase};

/// What the error page says.
async fn told(app: &TestApp, path: &str) -> String {
    let reply = app.get(path).send().await.expect(400);
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    let start = reply.body.find("id=\"error-description\">").expect("an error page") + 23;
    let text = reply.body[start..].split("</p>").next().expect("the text ends");
    unescape(text)
}

async fn unknown_clients(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let request = app.authorize("openid");
    let without = told(&app, &request.clone().with("client_id", "").path()).await;
    assert_eq!(without, "Missing required parameter: client_id");
    let unknown = told(&app, &request.with("client_id", "nobody").path()).await;
    assert_eq!(unknown, "Unknown client: nobody");
}

async fn callbacks_that_are_not_registered(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for uri in [
        "https://evil.example/callback",
        "https://spa.example/callback/",
        "https://spa.example/callback?x=1",
        "https://spa.example/callback#x",
        "http://spa.example/callback",
        "https://spa.example:8443/callback",
        "https://spa.example@evil.example/callback",
        "javascript:alert(1)",
        "//evil.example",
    ] {
        let told = told(&app, &app.authorize("openid").with("redirect_uri", uri).path()).await;
        assert!(told.starts_with("Callback URL mismatch."), "{uri}: {told}");
    }
}

async fn a_callback_may_be_left_out_only_if_there_is_one(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let spa = app.authorize("openid").with("redirect_uri", "");
    let _ = app.get(&spa.path()).send().await.expect(302);
    let native = spa.with("client_id", "native");
    assert_eq!(told(&app, &native.path()).await, "Missing required parameter: redirect_uri");
}

async fn web_message_needs_a_registered_origin(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let request = app.authorize_on("acme.example", "web", "openid");
    let told = told(&app, &request.with("response_mode", "web_message").path()).await;
    let text = "The specified redirect_uri 'https://web.example/callback' does not have a \
                registered origin.";
    assert_eq!(told, text);
}

async fn what_is_reflected_is_escaped(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let script = "<script>alert('1')</script>\"onload=\"x";
    for path in [
        app.authorize("openid").with("client_id", script).path(),
        format!("/v2/logout?returnTo={}", percent(&format!("https://x.example/{script}"))),
        format!("/u/login?state={}", percent(script)),
        format!("/u/reset-password/change?ticket={}", percent(script)),
        format!("/u/email-verification?ticket={}", percent(script)),
        format!("/oidc/logout?id_token_hint={}", percent(script)),
    ] {
        let reply = app.get(&path).header("accept", "application/json").send().await.expect(400);
        assert!(!reply.body.contains("<script>alert"), "{path}");
        assert!(!reply.body.contains("\"onload"), "{path}");
        assert_eq!(reply.header("x-frame-options"), Some("DENY"), "{path}");
    }
}

fn percent(text: &str) -> String {
    housekey_testkit::request::encode_pairs(&[("x", text)])[2..].to_owned()
}

async fn what_cannot_be_read(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let post = app.post("/authorize").header("content-type", "application/json").body("{}");
    let _ = post.send().await.expect(400);
    let huge = app.post("/authorize").form(&[("client_id", &"x".repeat(10 << 20))]);
    let _ = huge.send().await.expect(400);
    let _ = app.get("/authorize").send().await.expect(400);
    let _ = app.get("/authorize?client_id=%ff").send().await.expect(400);
}

on_both_engines! {
    unknown_clients,
    callbacks_that_are_not_registered,
    a_callback_may_be_left_out_only_if_there_is_one,
    web_message_needs_a_registered_origin,
    what_is_reflected_is_escaped,
    what_cannot_be_read,
}
