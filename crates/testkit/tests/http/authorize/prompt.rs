//! `/authorize`: `prompt`, `max_age` and hints against the session (contract 03 §3.5).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::browser::Page;
use housekey_testkit::seed::{CUSTOM_API, NATIVE, SPA};
use housekey_testkit::{TestApp, TestDatabase};

/// Where a request ends: the screen, the error, or `code`.
fn ending(page: &Page) -> String {
    if !page.left {
        page.screen()
    } else if page.param("code").is_some() {
        "code".to_owned()
    } else {
        let (error, description) = page.error();
        format!("{error}: {description}")
    }
}

const LOGIN: &str = "login_required: Login required";
const CONSENT: &str = "consent_required: Consent required";

async fn without_a_session(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for (prompt, expected) in [
        ("", "login-id"),
        ("login", "login-id"),
        ("consent", "login-id"),
        ("select_account", "login-id"),
        ("login consent", "login-id"),
        ("none", LOGIN),
    ] {
        let page = app.browser().authorize(&app.authorize("openid").with("prompt", prompt)).await;
        assert_eq!(ending(&page), expected, "{prompt}");
    }
}

async fn with_a_session(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for (prompt, expected) in [
        ("", "code"),
        ("none", "code"),
        ("login", "login-id"),
        ("select_account", "login-id"),
        ("consent", "consent"),
    ] {
        let request = app.authorize("openid").with("prompt", prompt);
        assert_eq!(ending(&user.browser.authorize(&request).await), expected, "{prompt}");
    }
}

async fn where_consent_is_missing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for (prompt, expected) in
        [("", "consent"), ("none", CONSENT), ("login", "login-id"), ("consent", "consent")]
    {
        let request = app.authorize("read:things").with("audience", CUSTOM_API);
        let page = user.browser.authorize(&request.with("prompt", prompt)).await;
        assert_eq!(ending(&page), expected, "{prompt}");
    }
}

async fn callbacks_anybody_could_claim(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for callback in ["http://127.0.0.1:8080/callback", "com.example.native://acme.example/callback"]
    {
        let request =
            app.authorize_on("acme.example", NATIVE, "openid").with("redirect_uri", callback);
        let page = user.browser.authorize(&request).await;
        assert_eq!(ending(&page), "confirmation", "{callback}");
        let silent = user.browser.authorize(&request.with("prompt", "none")).await;
        assert_eq!(ending(&silent), CONSENT, "{callback}");
    }
}

async fn skipping_the_confirmation(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .client(NATIVE, |settings| {
            settings.skip_non_verifiable_callback_uri_confirmation_prompt = Some(true);
        })
        .start()
        .await;
    let user = app.sign_in().await;
    let request = app
        .authorize_on("acme.example", NATIVE, "openid")
        .with("redirect_uri", "http://127.0.0.1:8080/callback");
    let page = user.browser.authorize(&request.with("prompt", "none")).await;
    assert_eq!(ending(&page), "code");
}

async fn sessions_grow_too_old(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    app.clock().advance(100);
    for (max_age, prompt, expected) in [
        ("100", "", "code"),
        ("99", "", "login-id"),
        ("100", "none", "code"),
        ("99", "none", LOGIN),
        ("0", "", "login-id"),
        ("0", "none", LOGIN),
    ] {
        let request = app.authorize("openid").with("max_age", max_age).with("prompt", prompt);
        let page = user.browser.authorize(&request).await;
        assert_eq!(ending(&page), expected, "{max_age} {prompt}");
    }
}

async fn authenticating_again_satisfies_the_request_that_asked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    app.clock().advance(100);
    for (name, value) in [("prompt", "login"), ("max_age", "0"), ("max_age", "10")] {
        app.clock().advance(20);
        let page = user.browser.authorize(&app.authorize("openid").with(name, value)).await;
        let page = user.browser.log_in(&page, EMAIL, housekey_testkit::app::PASSWORD).await;
        assert_eq!(ending(&page), "code", "{name}={value}");
    }
}

async fn a_hint_names_the_person(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", SPA, "openid").await;
    let request = |hint: &str| app.authorize("openid").with("id_token_hint", hint);
    let own = user.browser.authorize(&request(&user.tokens.id).with("prompt", "none")).await;
    assert_eq!(ending(&own), "code");
    let silent = user.browser.authorize(&request(&other.tokens.id).with("prompt", "none")).await;
    assert_eq!(ending(&silent), LOGIN);
    let asked = user.browser.authorize(&request(&other.tokens.id)).await;
    assert_eq!(ending(&asked), "login-id");
    app.clock().advance(40_000);
    let expired = user.browser.authorize(&request(&user.tokens.id).with("prompt", "none")).await;
    assert_eq!(ending(&expired), "code", "an expired hint still names somebody");
}

async fn hints_for_pages(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let browser = app.browser();
    let hinted = app.authorize("openid").with("login_hint", "hint\"@example.com");
    let page = browser.authorize(&hinted).await;
    assert!(page.reply.body.contains("value=\"hint&quot;@example.com\""), "{}", page.reply.body);
    let signup = app.authorize("openid").with("screen_hint", "signup");
    assert_eq!(ending(&browser.authorize(&signup).await), "signup-id");
    let user = app.sign_in().await;
    assert_eq!(ending(&user.browser.authorize(&signup).await), "code");
    let again = signup.with("prompt", "login");
    assert_eq!(ending(&user.browser.authorize(&again).await), "signup-id");
}

on_both_engines! {
    without_a_session,
    with_a_session,
    where_consent_is_missing,
    callbacks_anybody_could_claim,
    skipping_the_confirmation,
    sessions_grow_too_old,
    authenticating_again_satisfies_the_request_that_asked,
    a_hint_names_the_person,
    hints_for_pages,
}
