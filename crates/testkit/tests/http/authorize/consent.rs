//! Consent and confirmation, end to end (contract 03 §4).

use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::application::Authorize;
use housekey_testkit::seed::{CUSTOM_API, NATIVE, SPA};
use housekey_testkit::{TestApp, TestDatabase};

fn things(app: &TestApp, scope: &str) -> Authorize {
    app.authorize(scope).with("audience", CUSTOM_API)
}

async fn is_asked(user: &Actor<'_>, request: &Authorize) -> bool {
    let page = user.browser.authorize(request).await;
    !page.left && page.screen() == "consent"
}

async fn a_yes_is_remembered_for_these_scopes(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let request = things(&app, "openid read:things");
    let page = user.browser.authorize(&request).await;
    assert_eq!(page.screen(), "consent");
    let code = user.browser.submit(&page, &[("action", "accept")]).await.code();
    let reply = app.exchange(&request, &code).await.expect(200);
    assert_eq!(reply.text("/scope"), "openid read:things");
    assert!(!is_asked(&user, &things(&app, "read:things")).await);
    assert!(is_asked(&user, &things(&app, "read:things write:things")).await, "a new scope");
    let elsewhere = app.sign_in_as(EMAIL, SPA, "openid").await;
    assert!(!is_asked(&elsewhere, &things(&app, "read:things")).await, "another browser");
    assert!(is_asked(&user, &things(&app, "read:things").with("prompt", "consent")).await);
    let other_client = things(&app, "read:things")
        .with("client_id", "ungranted")
        .with("redirect_uri", "https://ungranted.example/callback");
    assert!(is_asked(&user, &other_client).await);
}

async fn a_no_goes_back_and_is_not_remembered(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let request = things(&app, "read:things");
    for action in ["deny", "default", "nonsense"] {
        let page = user.browser.authorize(&request).await;
        let page = user.browser.submit(&page, &[("action", action)]).await;
        let declined = ("access_denied", "User did not authorize the request");
        assert_eq!(page.error(), (declined.0.to_owned(), declined.1.to_owned()), "{action}");
        assert_eq!(page.param("state").as_deref(), request.get("state"));
    }
    assert!(is_asked(&user, &request).await);
}

async fn consent_follows_a_login(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = browser.authorize_as(&things(&app, "read:things"), EMAIL).await;
    assert_eq!(page.screen(), "consent");
    assert!(page.reply.body.contains("The spa application"), "{}", page.reply.body);
    let _ = browser.submit(&page, &[("action", "accept")]).await.code();
}

async fn openids_own_scopes_need_none(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    assert!(!is_asked(&user, &things(&app, "openid profile email")).await);
}

async fn consent_is_given_by_whoever_was_asked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let page = user.browser.authorize(&things(&app, "read:things")).await;
    assert_eq!(page.screen(), "consent");
    app.person("other@example.com").await;
    let again = app.authorize("openid").with("prompt", "login");
    let _ = user.browser.authorize_as(&again, "other@example.com").await.code();
    let after = user.browser.submit(&page, &[("action", "accept")]).await;
    assert!(!after.left, "the other person agreed to nothing: {}", after.url);
    let silent = things(&app, "read:things").with("prompt", "none");
    assert_eq!(user.browser.authorize(&silent).await.error().0, "consent_required");
}

async fn a_confirmation_is_asked_each_time(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let request = app
        .authorize_on("acme.example", NATIVE, "openid")
        .with("redirect_uri", "http://127.0.0.1:8080/callback");
    for _ in 0..2 {
        let page = user.browser.authorize(&request).await;
        assert_eq!(page.screen(), "confirmation");
        let page = user.browser.submit(&page, &[("action", "default")]).await;
        assert!(page.left && page.url.as_str().starts_with("http://127.0.0.1:8080/callback?code="));
    }
    let page = user.browser.authorize(&request).await;
    let page = user.browser.submit(&page, &[("action", "back-action")]).await;
    assert_eq!(page.error().0, "access_denied");
}

async fn a_login_is_confirmation_enough(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app
        .authorize_on("acme.example", NATIVE, "openid")
        .with("redirect_uri", "com.example.native://acme.example/callback");
    let page = app.browser().authorize_as(&request, EMAIL).await;
    assert!(page.left, "{}", page.url);
    assert_eq!(page.url.scheme(), "com.example.native");
}

async fn a_form_of_another_page_answers_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let request = things(&app, "read:things");
    for csrf in ["", "forged"] {
        let page = user.browser.authorize(&request).await;
        let page = user.browser.submit(&page, &[("action", "accept"), ("_csrf", csrf)]).await;
        assert_eq!(page.reply.status, 400);
    }
    let page = user.browser.authorize(&request).await;
    let thief = app.browser();
    let stolen = thief.submit(&page, &[("action", "accept")]).await;
    assert_eq!(stolen.reply.status, 400);
    assert!(is_asked(&user, &request).await);
}

on_both_engines! {
    a_yes_is_remembered_for_these_scopes,
    a_no_goes_back_and_is_not_remembered,
    consent_follows_a_login,
    openids_own_scopes_need_none,
    consent_is_given_by_whoever_was_asked,
    a_confirmation_is_asked_each_time,
    a_login_is_confirmation_enough,
    a_form_of_another_page_answers_nothing,
}
