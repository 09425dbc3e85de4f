//! "Remember this device for 30 days" (contract 04 §9.4).

use housekey_core::tenant::{Remembering, TenantSettings, change_settings};
use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::authenticator;
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::seed::HOST;
use housekey_testkit::{TestApp, TestDatabase};

use super::{always, give_app, request, require_2fa, with_app};

/// A browser that is spared the second factor.
async fn remembered<'a>(app: &'a TestApp, secret: &str) -> Browser<'a> {
    let browser = app.browser();
    let page = again(app, &browser).await;
    assert!(page.reply.body.contains("Remember this device for 30 days"));
    let code = authenticator::code(secret, app.now());
    let fields = [("code", code.as_str()), ("rememberBrowser", "true")];
    let _code = browser.submit(&page, &fields).await.code();
    assert!(browser.cookie(HOST, "auth0-mf").await.is_some());
    browser
}

/// Signs in anew, for no API in particular.
async fn again(app: &TestApp, browser: &Browser<'_>) -> Page {
    let asked = request(app).with("audience", "").with("prompt", "login");
    let page = browser.authorize(&asked).await;
    browser.log_in(&page, EMAIL, PASSWORD).await
}

async fn start(database: TestDatabase) -> (TestApp, String) {
    let builder = super::without_mail(database).await.configure(require_2fa).configure(always);
    let app = builder.start().await;
    // The API's policy lets somebody in who has none, to enrol one.
    let (_, secret) = with_app(&app).await;
    (app, secret)
}

async fn it_is_spared_for_thirty_days_of_use(database: TestDatabase) {
    let (app, secret) = start(database).await;
    let browser = remembered(&app, &secret).await;
    for _ in 0..5 {
        app.clock().advance(6 * 86_400 - 1);
        let _code = again(&app, &browser).await.code();
    }
    app.clock().advance(5);
    assert_eq!(again(&app, &browser).await.screen(), "mfa-otp-challenge");
}

async fn unused_it_is_forgotten_after_a_week(database: TestDatabase) {
    let (app, secret) = start(database).await;
    let browser = remembered(&app, &secret).await;
    app.clock().advance(7 * 86_400);
    assert_eq!(again(&app, &browser).await.screen(), "mfa-otp-challenge");
}

/// What `/guardian/settings` sets (contract 05 §11).
async fn tenants_say_for_how_long(database: TestDatabase) {
    let (app, secret) = start(database).await;
    let set = async |remembering: Remembering| {
        let change = |settings: &mut TenantSettings| settings.remembering = remembering;
        change_settings(app.core(), &app.tenant_id(), change).await.expect("changes");
    };
    let (lifetime, idle_lifetime) = (2 * 86_400, 86_400);
    set(Remembering { offered: true, preset: true, idle_lifetime, lifetime }).await;
    let browser = app.browser();
    let page = again(&app, &browser).await;
    assert!(page.reply.body.contains("Remember this device for 2 days"), "{}", page.reply.body);
    assert!(page.reply.body.contains(r#"value="true" checked"#));
    let code = authenticator::code(&secret, app.now());
    let wish = [("code", code.as_str()), ("rememberBrowser", "true")];
    let _code = browser.submit(&page, &wish).await.code();
    app.clock().advance(86_400 - 1);
    let _code = again(&app, &browser).await.code();
    app.clock().advance(86_400);
    assert_eq!(again(&app, &browser).await.screen(), "mfa-otp-challenge");
    // Where it is not offered, nobody gets it by asking.
    set(Remembering { offered: false, ..Remembering::default() }).await;
    let browser = app.browser();
    let page = again(&app, &browser).await;
    assert!(!page.reply.body.contains("rememberBrowser"));
    let code = authenticator::code(&secret, app.now());
    let wish = [("code", code.as_str()), ("rememberBrowser", "true")];
    let _code = browser.submit(&page, &wish).await.code();
    assert!(browser.cookie(HOST, "auth0-mf").await.is_none());
}

async fn it_never_counts_for_the_default_policy(database: TestDatabase) {
    let (app, secret) = start(database).await;
    let browser = remembered(&app, &secret).await;
    app.clock().advance(901);
    let page = browser.authorize(&request(&app)).await;
    let page = give_app(&app, &browser, &page, &secret).await;
    let _code = page.code();
}

async fn it_is_one_persons_in_one_browser(database: TestDatabase) {
    let (app, secret) = start(database).await;
    let browser = remembered(&app, &secret).await;
    let other = app.browser();
    assert_eq!(again(&app, &other).await.screen(), "mfa-otp-challenge");
    app.person("other@example.com").await;
    let asked = request(&app).with("audience", "").with("prompt", "login");
    let page = browser.authorize(&asked).await;
    let page = browser.log_in(&page, "other@example.com", PASSWORD).await;
    assert_eq!(page.screen(), "mfa-otp-enrollment-qr");
}

on_both_engines! {
    it_is_spared_for_thirty_days_of_use,
    unused_it_is_forgotten_after_a_week,
    tenants_say_for_how_long,
    it_never_counts_for_the_default_policy,
    it_is_one_persons_in_one_browser,
}
