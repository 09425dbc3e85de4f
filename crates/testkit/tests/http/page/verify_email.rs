//! `/u/email-verification`: the link in the mail after a sign-up.

use housekey_testkit::app::PASSWORD;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::Value;

const ADDRESS: &str = "new@example.com";

/// Signs up and returns the link.
async fn link(app: &TestApp) -> String {
    let browser = app.browser();
    let request = app.authorize("openid").with("screen_hint", "signup");
    let page = browser.authorize(&request).await;
    let page = browser.submit(&page, &[("email", ADDRESS)]).await;
    let _ = browser.submit(&page, &[("password", PASSWORD)]).await.code();
    app.message().await.content.link.expect("a link")
}

async fn is_verified(app: &TestApp) -> Value {
    let user = app.sign_in_as(ADDRESS, SPA, "openid email").await;
    housekey_testkit::jwt::claims(&user.tokens.id)["email_verified"].clone()
}

async fn the_link_verifies_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let link = link(&app).await;
    assert_eq!(is_verified(&app).await, false);
    let browser = app.browser();
    let page = browser.open(&link).await;
    assert_eq!((page.reply.status.as_u16(), page.screen().as_str()), (200, "email-verification"));
    assert_eq!(is_verified(&app).await, true);
    assert_eq!(browser.open(&link).await.reply.status, 400);
}

async fn old_and_made_up_links(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let link = link(&app).await;
    let browser = app.browser();
    for ticket in ["", "made-up", &"x".repeat(10_000)] {
        let page = browser.open(&format!("/u/email-verification?ticket={ticket}")).await;
        assert_eq!(page.reply.status, 400);
    }
    app.clock().advance(432_000);
    assert_eq!(browser.open(&link).await.reply.status, 400);
    assert_eq!(is_verified(&app).await, false);
}

async fn a_link_is_good_for_nothing_else(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let link = link(&app).await;
    let reset = link.replace("/u/email-verification", "/u/reset-password/change");
    assert_eq!(app.browser().open(&reset).await.reply.status, 400);
    assert_eq!(app.browser().open(&link).await.reply.status, 200);
}

on_both_engines! {
    the_link_verifies_once,
    old_and_made_up_links,
    a_link_is_good_for_nothing_else,
}
