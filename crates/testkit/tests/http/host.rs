//! Which host was called, and what follows from it (contract 03 §1).

use housekey_testkit::actor::{EMAIL, method_path};
use housekey_testkit::app::PASSWORD;
use housekey_testkit::application::ME;
use housekey_testkit::jwt;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

const CUSTOM: &str = "login.acme.example";
const DISCOVERY: &str = "/.well-known/openid-configuration";

async fn unknown_hosts(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for host in ["evil.example", "acme.example:8443", "sub.acme.example", "", "acme.example."] {
        for path in [DISCOVERY, "/me/v1/factors", "/u/login", "/account", "/nonsense"] {
            let reply = app.get(path).host(host).send().await.expect(404);
            assert_eq!(reply.body, "There is no tenant on this host.\n", "{host} {path}");
        }
    }
    let _ = app.get("/healthz").host("evil.example").send().await.expect(200);
    let _ = app.get("/readyz").host("evil.example").send().await.expect(200);
}

async fn spellings_of_a_host(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for host in ["ACME.example", "acme.example:443"] {
        let body = app.get(DISCOVERY).host(host).send().await.expect(200).json();
        assert_eq!(body["issuer"], "https://acme.example/");
    }
}

async fn hosts_that_are_not_verified(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .custom_domain(CUSTOM)
        .configure(|tenant| tenant.domains[1].verified = false)
        .start()
        .await;
    let _ = app.get(DISCOVERY).host(CUSTOM).send().await.expect(404);
}

async fn everything_is_that_of_the_called_host(database: TestDatabase) {
    let app = TestApp::build(database).await.custom_domain(CUSTOM).start().await;
    app.person(EMAIL).await;
    let user = app.sign_in_on(CUSTOM, EMAIL, SPA, &format!("openid {ME}")).await;
    let access = jwt::claims(&user.tokens.access);
    assert_eq!(access["iss"], "https://login.acme.example/");
    let audiences = ["https://login.acme.example/me/", "https://acme.example/userinfo"];
    assert_eq!(access["aud"], json!(audiences));
    assert_eq!(jwt::claims(&user.tokens.id)["iss"], "https://login.acme.example/");
    let begun = user.enroll(&json!({ "type": "totp" })).await.expect(202);
    let path = method_path(&begun.text("/id"));
    assert_eq!(begun.location(), format!("https://login.acme.example/me/v1{path}"));
    let _ = app.get("/userinfo").host(CUSTOM).bearer(&user.tokens.access).send().await.expect(200);
    let _ = app.get("/userinfo").bearer(&user.tokens.access).send().await.expect(401);
}

async fn one_issuer_byte_for_byte(database: TestDatabase) {
    let local = "localhost:4000";
    let app = TestApp::build(database)
        .await
        .custom_domain(CUSTOM)
        .custom_domain(local)
        .plain_http()
        .start()
        .await;
    app.person(EMAIL).await;
    for host in ["acme.example", CUSTOM, local] {
        let user = app.sign_in_on(host, EMAIL, SPA, &format!("openid {ME}")).await;
        let issuer = format!("http://{host}/");
        let document = app.get(DISCOVERY).host(host).send().await.expect(200).json();
        assert_eq!(document["issuer"], issuer);
        assert_eq!(jwt::claims(&user.tokens.access)["iss"], issuer);
        assert_eq!(jwt::claims(&user.tokens.id)["iss"], issuer);
        let _ = user.get("/factors").await.expect(200);
    }
}

async fn mails_link_to_the_called_host(database: TestDatabase) {
    let app = TestApp::build(database).await.custom_domain(CUSTOM).start().await;
    let browser = app.browser();
    let request = app.authorize_on(CUSTOM, SPA, "openid").with("screen_hint", "signup");
    let page = browser.authorize(&request).await;
    let page = browser.submit(&page, &[("email", "new@example.com")]).await;
    let _ = browser.submit(&page, &[("password", PASSWORD)]).await.code();
    let link = app.message().await.content.link.expect("a link");
    assert!(link.starts_with("https://login.acme.example/u/email-verification?"), "{link}");
    let user = app.sign_in_on(CUSTOM, "new@example.com", SPA, ME).await;
    let begun = user.enroll(&json!({ "type": "recovery-code" })).await.expect(202);
    let word = json!({ "auth_session": begun.text("/auth_session") });
    let _ = user.verify(&begun.text("/id"), &word).await.expect(201);
    let content = app.message().await.content;
    let link = content.link.expect("a link");
    assert!(link.starts_with("https://login.acme.example/u/objection?"), "{link}");
    assert_text!(content.text.replace(&link, "[link]"), @r#"
    A recovery code was added to your account.

    When: 1 January 2026, 00:00 UTC
    From: 203.0.113.7
    With: Test/1.0

    If this was you, there is nothing to do. If not, say so here. It logs everybody out of your account and lets you choose a new password:

    [link]

    The link works once, for five days. Your sign-in methods: https://login.acme.example/account
    "#);
}

async fn another_hosts_audience_is_unknown(database: TestDatabase) {
    let app = TestApp::build(database).await.custom_domain(CUSTOM).start().await;
    let request = app.authorize("openid").with("audience", "https://login.acme.example/me/");
    let reply = app.get(&request.path()).send().await.expect(302);
    let text = "Service not found: https://login.acme.example/me/";
    assert_eq!(reply.answered("error").as_deref(), Some("access_denied"));
    assert_eq!(reply.answered("error_description").as_deref(), Some(text));
}

async fn sessions_belong_to_one_host(database: TestDatabase) {
    let app = TestApp::build(database).await.custom_domain(CUSTOM).start().await;
    let user = app.sign_in().await;
    let silent = app.authorize_on(CUSTOM, SPA, "openid").with("prompt", "none");
    let page = user.browser.authorize(&silent).await;
    assert_eq!(page.error().0, "login_required");
}

async fn a_transaction_belongs_to_one_host(database: TestDatabase) {
    let app = TestApp::build(database).await.custom_domain(CUSTOM).start().await;
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let cookie = browser.cookie("acme.example", "housekey_tx").await.expect("a transaction");
    browser.set_cookie(CUSTOM, "housekey_tx", &cookie).await;
    let there = page.url.as_str().replace("acme.example", CUSTOM);
    assert_eq!(browser.open(&there).await.reply.status, 400);
}

async fn strangers_cannot_forward(database: TestDatabase) {
    let app =
        TestApp::build(database).await.custom_domain(CUSTOM).trusting("10.0.0.0/8").start().await;
    let ask = |peer: &'static str| {
        app.get(DISCOVERY)
            .from(peer)
            .header("x-forwarded-host", CUSTOM)
            .header("x-forwarded-proto", "http")
            .send()
    };
    let stranger = ask("203.0.113.7").await.expect(200).json();
    assert_eq!(stranger["issuer"], "https://acme.example/");
    let proxy = ask("10.1.2.3").await.expect(200).json();
    assert_eq!(proxy["issuer"], "http://login.acme.example/");
}

async fn the_address_told_to_people_is_the_clients(database: TestDatabase) {
    let app = TestApp::build(database).await.trusting("10.0.0.0/8").start().await;
    let user = app.sign_in().await;
    let begun = user.enroll(&json!({ "type": "recovery-code" })).await.expect(202);
    let path = format!("{}/verify", method_path(&begun.text("/id")));
    let word = json!({ "auth_session": begun.text("/auth_session") });
    let request = user.request("POST", &path).json(&word).from("10.1.2.3");
    let forwarded = request.header("x-forwarded-for", "6.6.6.6, 198.51.100.9, 10.9.9.9");
    let _ = forwarded.send().await.expect(201);
    let text = app.message().await.content.text;
    assert!(text.contains("From: 198.51.100.9\n"), "{text}");
}

on_both_engines! {
    unknown_hosts,
    spellings_of_a_host,
    hosts_that_are_not_verified,
    everything_is_that_of_the_called_host,
    one_issuer_byte_for_byte,
    mails_link_to_the_called_host,
    another_hosts_audience_is_unknown,
    sessions_belong_to_one_host,
    a_transaction_belongs_to_one_host,
    strangers_cannot_forward,
    the_address_told_to_people_is_the_clients,
}
