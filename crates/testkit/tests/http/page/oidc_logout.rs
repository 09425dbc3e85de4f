//! `/oidc/logout` (contract 03 §11.4).

use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::browser::Page;
use housekey_testkit::jwt;
use housekey_testkit::request::encode_pairs;
use housekey_testkit::seed::{SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase};

async fn is_signed_in(app: &TestApp, user: &Actor<'_>) -> bool {
    let silent = app.authorize("openid").with("prompt", "none");
    user.browser.authorize(&silent).await.param("code").is_some()
}

async fn open(user: &Actor<'_>, params: &[(&str, &str)]) -> Page {
    user.browser.open(&format!("/oidc/logout?{}", encode_pairs(params))).await
}

const BYE: (&str, &str) = ("post_logout_redirect_uri", "https://spa.example/bye");

async fn a_hint_of_the_session_is_enough(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    for by_token in [true, false] {
        let user = app.sign_in_as(EMAIL, SPA, "openid").await;
        let sid = jwt::claims(&user.tokens.id)["sid"].as_str().expect("a sid").to_owned();
        let hint = if by_token {
            ("id_token_hint", user.tokens.id.as_str())
        } else {
            ("logout_hint", sid.as_str())
        };
        let page = open(&user, &[hint, ("client_id", SPA), BYE, ("state", "a b")]).await;
        assert_eq!(page.url.as_str(), "https://spa.example/bye?state=a+b");
        assert!(!is_signed_in(&app, &user).await);
    }
}

async fn an_application_alone_in_the_session_need_not_hint(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let page = open(&user, &[("client_id", SPA), BYE]).await;
    assert_eq!(page.url.as_str(), "https://spa.example/bye");
    assert!(!is_signed_in(&app, &user).await);
}

async fn otherwise_the_person_is_asked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let request = app.authorize_on("acme.example", WEB, "openid");
    let _ = user.browser.authorize(&request).await.code();
    let page = open(&user, &[("client_id", SPA), BYE]).await;
    assert_eq!((page.reply.status.as_u16(), page.screen().as_str()), (200, "logout"));
    assert!(is_signed_in(&app, &user).await, "asking ends nothing");
    let stay = user.browser.submit(&page, &[("action", "deny")]).await;
    assert_eq!(stay.screen(), "logout-aborted");
    assert!(is_signed_in(&app, &user).await);
    let gone = user.browser.submit(&page, &[("action", "accept")]).await;
    assert_eq!(gone.url.as_str(), "https://spa.example/bye");
    assert!(!is_signed_in(&app, &user).await);
}

async fn a_forged_yes_is_none(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let page = open(&user, &[]).await;
    for csrf in ["forged", ""] {
        let refused = user.browser.submit(&page, &[("action", "accept"), ("_csrf", csrf)]).await;
        assert!(!refused.left);
        assert!(is_signed_in(&app, &user).await, "{csrf}");
    }
    app.person("other@example.com").await;
    let thief = app.sign_in_as("other@example.com", SPA, "openid").await;
    let refused = thief.browser.submit(&page, &[("action", "accept")]).await;
    assert_eq!(refused.screen(), "logout-aborted");
    assert!(is_signed_in(&app, &user).await);
}

async fn hints_that_are_wrong(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let elsewhere = app.sign_in_as(EMAIL, SPA, "openid").await;
    let of_another_session = open(&user, &[("id_token_hint", elsewhere.tokens.id.as_str())]).await;
    assert_eq!(of_another_session.screen(), "logout");
    let contradiction = [("id_token_hint", user.tokens.id.as_str()), ("client_id", WEB)];
    assert_eq!(open(&user, &contradiction).await.reply.status, 400);
    for hint in ["x", &jwt::unsecured(&user.tokens.id), user.tokens.access.as_str()] {
        assert_eq!(open(&user, &[("id_token_hint", hint)]).await.reply.status, 400, "{hint}");
    }
    assert!(is_signed_in(&app, &user).await);
}

async fn the_return_url_matches_exactly(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for url in ["https://spa.example/bye?x=1", "https://spa.example/bye#x", "https://evil.example/"]
    {
        let hint = ("id_token_hint", user.tokens.id.as_str());
        let page = open(&user, &[hint, ("post_logout_redirect_uri", url)]).await;
        assert_eq!(page.reply.status, 400, "{url}");
    }
    assert!(is_signed_in(&app, &user).await);
}

async fn an_expired_hint_will_do(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    app.clock().advance(36_001);
    let page = open(&user, &[("id_token_hint", user.tokens.id.as_str()), BYE]).await;
    assert_eq!(page.url.as_str(), "https://spa.example/bye");
    assert!(!is_signed_in(&app, &user).await);
}

async fn without_a_session_nobody_is_asked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let page = app.browser().open("/oidc/logout").await;
    assert_eq!(page.screen(), "logout-complete");
    let query = encode_pairs(&[("client_id", SPA), BYE]);
    let page = app.browser().open(&format!("/oidc/logout?{query}")).await;
    assert_eq!(page.url.as_str(), "https://spa.example/bye");
}

async fn a_form_post_is_as_good(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let url = url::Url::parse("https://acme.example/oidc/logout").expect("a URL");
    let fields = [("id_token_hint", user.tokens.id.as_str()), BYE];
    let reply = user.browser.send(app.post("/oidc/logout").form(&fields), &url).await;
    let page = user.browser.open(reply.location()).await;
    assert_eq!(page.url.as_str(), "https://spa.example/bye");
    assert!(!is_signed_in(&app, &user).await);
}

on_both_engines! {
    a_hint_of_the_session_is_enough,
    an_application_alone_in_the_session_need_not_hint,
    otherwise_the_person_is_asked,
    a_forged_yes_is_none,
    hints_that_are_wrong,
    the_return_url_matches_exactly,
    an_expired_hint_will_do,
    without_a_session_nobody_is_asked,
    a_form_post_is_as_good,
}
