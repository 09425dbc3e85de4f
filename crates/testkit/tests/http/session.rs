//! Sessions and their cookies (contract 03 §15).

use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::app::PASSWORD;
use housekey_testkit::application::ME;
use housekey_testkit::seed::{HOST, SPA};
use housekey_testkit::{TestApp, TestDatabase};

const HOUR: i64 = 3600;

async fn is_signed_in(app: &TestApp, user: &Actor<'_>) -> bool {
    let silent = app.authorize("openid").with("prompt", "none");
    user.browser.authorize(&silent).await.param("code").is_some()
}

/// The attributes of the session's and the transaction's cookie.
async fn attributes(app: &TestApp) -> [String; 2] {
    app.person(EMAIL).await;
    let begun = app.get(&app.authorize("openid").path()).send().await;
    let after = |cookie: Option<&str>| {
        let cookie = cookie.expect("a cookie").to_owned();
        cookie.split_once(';').expect("attributes").1.trim().to_owned()
    };
    let page = app.browser().authorize_as(&app.authorize("openid"), EMAIL).await;
    [after(page.reply.cookie("auth0")), after(begun.cookie("housekey_tx"))]
}

async fn over_tls_cookies_travel_to_frames(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let [session, transaction] = attributes(&app).await;
    assert_eq!(session, "Path=/; HttpOnly; Secure; SameSite=None; Max-Age=604800");
    assert_eq!(transaction, "Path=/; HttpOnly; Secure; SameSite=None");
}

async fn over_plain_http_they_stay_on_the_site(database: TestDatabase) {
    let app = TestApp::build(database).await.plain_http().start().await;
    let [session, transaction] = attributes(&app).await;
    assert_eq!(session, "Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
    assert_eq!(transaction, "Path=/; HttpOnly; SameSite=Lax");
}

async fn unused_sessions_end(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    app.clock().advance(72 * HOUR - 1);
    assert!(is_signed_in(&app, &user).await, "use moves the end");
    app.clock().advance(72 * HOUR - 1);
    assert!(is_signed_in(&app, &user).await);
    app.clock().advance(72 * HOUR);
    assert!(!is_signed_in(&app, &user).await);
}

async fn used_sessions_end_too(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for _ in 0..2 {
        app.clock().advance(70 * HOUR);
        assert!(is_signed_in(&app, &user).await);
    }
    app.clock().advance(28 * HOUR - 1);
    assert!(is_signed_in(&app, &user).await);
    app.clock().advance(1);
    assert!(!is_signed_in(&app, &user).await, "168 hours after its beginning");
}

async fn authenticating_again_changes_the_handle(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let old = user.browser.cookie(HOST, "auth0").await.expect("signed in");
    let again = app.authorize("openid").with("prompt", "login");
    let page = user.browser.authorize(&again).await;
    let _ = user.browser.log_in(&page, EMAIL, PASSWORD).await.code();
    let new = user.browser.cookie(HOST, "auth0").await.expect("still signed in");
    assert_ne!(old, new);
    assert!(is_signed_in(&app, &user).await);
    user.browser.set_cookie(HOST, "auth0", &old).await;
    assert!(!is_signed_in(&app, &user).await, "whoever knew the old handle has nothing");
}

async fn a_handle_planted_beforehand_is_not_used(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    browser.set_cookie(HOST, "auth0", "planted").await;
    let _ = browser.authorize_as(&app.authorize("openid"), EMAIL).await.code();
    assert_ne!(browser.cookie(HOST, "auth0").await.as_deref(), Some("planted"));
}

async fn somebody_elses_session_gives_way(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let first = app.sign_in().await;
    let cookie = first.browser.cookie(HOST, "auth0").await.expect("signed in");
    app.person("other@example.com").await;
    let again = app.authorize("openid").with("prompt", "login");
    let page = first.browser.authorize(&again).await;
    let _ = first.browser.log_in(&page, "other@example.com", PASSWORD).await.code();
    first.browser.set_cookie(HOST, "auth0", &cookie).await;
    assert!(!is_signed_in(&app, &first).await);
}

async fn a_session_is_good_for_nothing_but_pages(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in_with(ME).await;
    let url = url::Url::parse("https://acme.example/").expect("a URL");
    let me = user.browser.send(app.get("/me/v1/factors"), &url).await;
    assert_eq!(me.status, 401);
    let userinfo = user.browser.send(app.get("/userinfo"), &url).await;
    assert_eq!(userinfo.status, 401);
}

async fn strange_cookies_do_not_matter(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let silent = app.authorize("openid").with("prompt", "none").path();
    let long = format!("auth0={}; __session={}", "x".repeat(5000), "y".repeat(60_000));
    for cookies in ["auth0=", "auth0", "=;;=", "auth0=a=b=c", long.as_str(), "auth0=ü"] {
        let reply = app.get(&silent).header("cookie", cookies).send().await.expect(302);
        assert_eq!(reply.answered("error").as_deref(), Some("login_required"));
        let touched = reply.headers.get_all("set-cookie").iter().count();
        assert_eq!(touched, 0, "foreign cookies stay");
    }
    assert_eq!(app.sign_in_as(EMAIL, SPA, "openid").await.tokens.client_id, SPA);
}

on_both_engines! {
    over_tls_cookies_travel_to_frames,
    over_plain_http_they_stay_on_the_site,
    unused_sessions_end,
    used_sessions_end_too,
    authenticating_again_changes_the_handle,
    a_handle_planted_beforehand_is_not_used,
    somebody_elses_session_gives_way,
    a_session_is_good_for_nothing_but_pages,
    strange_cookies_do_not_matter,
}
