//! `/v2/logout` (contract 03 §11.3).

use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::request::encode_pairs;
use housekey_testkit::seed::{HOST, SPA};
use housekey_testkit::{TestApp, TestDatabase};

async fn is_signed_in(app: &TestApp, user: &Actor<'_>) -> bool {
    let silent = app.authorize("openid").with("prompt", "none");
    user.browser.authorize(&silent).await.param("code").is_some()
}

fn path(params: &[(&str, &str)]) -> String {
    format!("/v2/logout?{}", encode_pairs(params))
}

async fn the_session_ends_and_the_browser_goes_where_it_may(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let cookie = user.browser.cookie(HOST, "auth0").await.expect("signed in");
    let page = user
        .browser
        .open(&path(&[("client_id", SPA), ("returnTo", "https://spa.example/bye")]))
        .await;
    assert_eq!(page.url.as_str(), "https://spa.example/bye");
    assert_eq!(user.browser.cookie(HOST, "auth0").await, None);
    user.browser.set_cookie(HOST, "auth0", &cookie).await;
    assert!(!is_signed_in(&app, &user).await, "the old cookie is dead");
    let _ = app.refresh(SPA, &user.tokens.refresh).await.expect(200);
}

async fn where_it_may_go(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let browser = app.browser();
    for (params, target) in [
        (vec![("client_id", SPA)], "https://spa.example/bye"),
        (
            vec![("client_id", SPA), ("returnTo", "https://spa.example/later?x=1#y")],
            "https://spa.example/later?x=1#y",
        ),
        (
            vec![("client_id", SPA), ("returnTo", "https://SPA.example/bye")],
            "https://spa.example/bye",
        ),
        (vec![("returnTo", "https://home.example/?x=1")], "https://home.example/?x=1"),
        (
            vec![("client_id", SPA), ("federated", ""), ("auth0Client", "x")],
            "https://spa.example/bye",
        ),
    ] {
        let page = browser.open(&path(&params)).await;
        assert_eq!(page.url.as_str(), target, "{params:?}");
    }
    let nowhere = browser.open("/v2/logout").await;
    assert_eq!((nowhere.reply.status.as_u16(), nowhere.reply.body.as_str()), (200, "OK"));
}

async fn where_it_may_not_go(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for params in [
        vec![("client_id", SPA), ("returnTo", "https://evil.example/")],
        vec![("client_id", SPA), ("returnTo", "https://spa.example/BYE")],
        vec![("client_id", SPA), ("returnTo", "https://spa.example/bye/more")],
        vec![("client_id", SPA), ("returnTo", "http://spa.example/bye")],
        vec![("client_id", SPA), ("returnTo", "https://spa.example@evil.example/bye")],
        vec![("client_id", SPA), ("returnTo", "https://home.example/")],
        vec![("returnTo", "https://spa.example/bye")],
        vec![("client_id", SPA), ("returnTo", "javascript:alert(1)")],
    ] {
        let page = user.browser.open(&path(&params)).await;
        assert_eq!(page.reply.status, 400, "{params:?}");
        assert!(page.reply.body.contains("Allowed Logout URLs"), "{params:?}");
    }
    assert!(is_signed_in(&app, &user).await, "a bad request ends nothing");
}

async fn without_a_session_it_is_the_same(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let page = app.browser().open(&path(&[("client_id", SPA)])).await;
    assert_eq!(page.url.as_str(), "https://spa.example/bye");
}

async fn other_browsers_stay_signed_in(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let elsewhere = app.sign_in_as(EMAIL, SPA, "openid").await;
    let _ = user.browser.open(&path(&[("client_id", SPA)])).await;
    assert!(!is_signed_in(&app, &user).await);
    assert!(is_signed_in(&app, &elsewhere).await);
}

on_both_engines! {
    the_session_ends_and_the_browser_goes_where_it_may,
    where_it_may_go,
    where_it_may_not_go,
    without_a_session_it_is_the_same,
    other_browsers_stay_signed_in,
}
