//! Forms that did not come from the page of this browser change nothing.

use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::seed::HOST;
use housekey_testkit::{TestApp, TestDatabase};

async fn at_password(app: &TestApp, browser: &Browser<'_>) -> Page {
    let page = browser.authorize(&app.authorize("openid")).await;
    browser.submit(&page, &[("username", EMAIL)]).await
}

async fn a_missing_or_wrong_token(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = at_password(&app, &browser).await;
    let other_browser = app.browser();
    let other = at_password(&app, &other_browser).await;
    let state = page.param("state").expect("a transaction");
    let others_token = other.form().hidden.iter().find(|(name, _)| name == "_csrf").cloned();
    let others_token = others_token.expect("forms have a token").1;
    for token in ["", "forged", others_token.as_str()] {
        let fields = [("state", state.as_str()), ("_csrf", token), ("password", PASSWORD)];
        let refused = browser.post(&page, &fields).await;
        assert_eq!(refused.reply.status, 400, "{token}");
        assert!(refused.reply.body.contains("session-mismatch"), "{}", refused.reply.body);
    }
    let without = [("state", state.as_str()), ("password", PASSWORD)];
    assert_eq!(browser.post(&page, &without).await.reply.status, 400);
    assert_eq!(browser.cookie(HOST, "auth0").await, None, "nobody is signed in");
    let _ = browser.submit(&page, &[("password", PASSWORD)]).await.code();
}

async fn another_browsers_transaction(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = at_password(&app, &browser).await;
    let thief = app.browser();
    let stolen = thief.submit(&page, &[("password", PASSWORD)]).await;
    assert_eq!(stolen.reply.status, 400);
    let own = at_password(&app, &thief).await;
    assert_eq!(own.screen(), "login-password");
    let stolen = thief.submit(&page, &[("password", PASSWORD)]).await;
    assert_eq!(stolen.reply.status, 400, "a cookie of its own does not help");
    let looked = thief.open(page.url.as_str()).await;
    assert_eq!(looked.reply.status, 400);
    assert_eq!(thief.cookie(HOST, "auth0").await, None);
    let _ = browser.submit(&page, &[("password", PASSWORD)]).await.code();
}

async fn another_transaction_of_the_same_browser(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let (one, two) = (at_password(&app, &browser).await, at_password(&app, &browser).await);
    let state = one.param("state").expect("a transaction");
    let crossed = browser.submit(&two, &[("state", &state), ("password", PASSWORD)]).await;
    assert_eq!(crossed.reply.status, 400);
    let _ = browser.submit(&one, &[("password", PASSWORD)]).await.code();
}

async fn what_is_no_form(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = at_password(&app, &browser).await;
    let target = housekey_testkit::browser::path_and_query(&page.url);
    let json = app.post(&target).json(&serde_json::json!({ "password": PASSWORD }));
    assert_eq!(browser.send(json, &page.url).await.status, 400);
    let huge = app.post(&target).form(&[("password", &"x".repeat(10 << 20))]);
    assert_eq!(browser.send(huge, &page.url).await.status, 400);
}

async fn two_tabs_go_on_side_by_side(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let one = browser.authorize(&app.authorize("openid")).await;
    let two = browser.authorize(&app.authorize("openid")).await;
    let _ = browser.log_in(&two, EMAIL, PASSWORD).await.code();
    let _ = browser.log_in(&one, EMAIL, PASSWORD).await.code();
}

on_both_engines! {
    a_missing_or_wrong_token,
    another_browsers_transaction,
    another_transaction_of_the_same_browser,
    what_is_no_form,
    two_tabs_go_on_side_by_side,
}
