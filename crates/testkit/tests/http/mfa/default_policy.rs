//! Require 2FA on the My Account API, through the browser (contract 04 §8.1, §8.4).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::authenticator;
use housekey_testkit::seed::CUSTOM_API;
use housekey_testkit::{TestApp, TestDatabase};

use super::{REQUIRED, always, give_app, request, require_2fa, sign_in, unverified, with_app};

async fn start(database: TestDatabase) -> TestApp {
    super::without_mail(database).await.configure(require_2fa).start().await
}

async fn whoever_has_a_second_factor_gives_it(database: TestDatabase) {
    let app = start(database).await;
    let (_, secret) = with_app(&app).await;
    let browser = app.browser();
    let page = browser.authorize_as(&request(&app), EMAIL).await;
    let wrong = authenticator::wrong_code(&secret, app.now());
    let page = browser.submit(&page, &[("code", &wrong)]).await;
    assert_eq!(
        (page.reply.status.as_u16(), page.errors()),
        (400, vec!["code:invalid-code".into()])
    );
    let page = browser.open(page.url.as_str()).await;
    let _code = give_app(&app, &browser, &page, &secret).await.code();
}

async fn the_password_alone_opens_nothing(database: TestDatabase) {
    let app = start(database).await;
    let (_, _secret) = with_app(&app).await;
    let browser = app.browser();
    let page = browser.authorize_as(&request(&app), EMAIL).await;
    assert_eq!(page.screen(), "mfa-otp-challenge");
    let state = page.param("state").expect("a transaction");
    for path in ["/authorize/resume", "/u/consent", "/u/login/password", "/u/passkey-enrollment"] {
        let page = browser.open(&format!("{path}?state={state}")).await;
        assert_eq!(page.screen(), "mfa-otp-challenge", "{path}");
    }
    // Nobody is signed in yet, so there is nothing to go on from either.
    let silent = browser.authorize(&request(&app).with("prompt", "none")).await;
    assert_eq!(silent.error().0, "login_required");
    assert_eq!(silent.error().1, "Login required");
}

async fn a_session_is_good_for_fifteen_minutes(database: TestDatabase) {
    let app = start(database).await;
    let (_, secret) = with_app(&app).await;
    let browser = app.browser();
    let page = browser.authorize_as(&request(&app), EMAIL).await;
    let _code = give_app(&app, &browser, &page, &secret).await.code();
    let silent = || request(&app).with("prompt", "none");
    app.clock().advance(899);
    let _code = browser.authorize(&silent()).await.code();
    app.clock().advance(1);
    let _code = browser.authorize(&silent()).await.code();
    app.clock().advance(1);
    let page = browser.authorize(&silent()).await;
    assert_eq!(page.error(), ("login_required".to_owned(), REQUIRED.to_owned()));
    // What popups send: the same without a prompt. The first factor is not asked for again.
    let page = browser.authorize(&request(&app)).await;
    let _code = give_app(&app, &browser, &page, &secret).await.code();
    let _code = browser.authorize(&silent()).await.code();
}

async fn other_apis_are_not_concerned(database: TestDatabase) {
    let app = start(database).await;
    with_app(&app).await;
    let browser = app.browser();
    let other = request(&app).with("audience", CUSTOM_API).with("scope", "openid");
    let _code = browser.authorize_as(&other, EMAIL).await.code();
    let page = browser.authorize(&request(&app)).await;
    assert_eq!(page.screen(), "mfa-otp-challenge");
}

async fn whoever_has_none_signs_in_again(database: TestDatabase) {
    let app = start(database).await;
    unverified(&app).await;
    let browser = app.browser();
    let _code = browser.authorize_as(&request(&app), EMAIL).await.code();
    let silent = || request(&app).with("prompt", "none");
    app.clock().advance(900);
    let _code = browser.authorize(&silent()).await.code();
    let _code = browser.authorize(&request(&app)).await.code();
    app.clock().advance(1);
    let page = browser.authorize(&silent()).await;
    assert_eq!(page.error().0, "unmet_authentication_requirements");
    let page = browser.authorize(&request(&app)).await;
    assert_eq!(page.screen(), "login-id");
    let _code = browser.log_in(&page, EMAIL, PASSWORD).await.code();
    let _code = browser.authorize(&silent()).await.code();
}

async fn a_page_left_open_counts_for_nothing(database: TestDatabase) {
    let app = start(database).await;
    let (_, secret) = with_app(&app).await;
    let browser = app.browser();
    let consent = request(&app).with("prompt", "consent");
    let page = browser.authorize_as(&consent, EMAIL).await;
    let page = give_app(&app, &browser, &page, &secret).await;
    assert_eq!(page.screen(), "consent");
    app.clock().advance(901);
    let page = browser.submit(&page, &[("action", "accept")]).await;
    let _code = give_app(&app, &browser, &page, &secret).await.code();
}

async fn it_overrides_the_tenants_policy_for_whoever_has_none(database: TestDatabase) {
    let builder = super::without_mail(database).await.configure(require_2fa).configure(always);
    let app = builder.start().await;
    unverified(&app).await;
    let _code = app.browser().authorize_as(&request(&app), EMAIL).await.code();
    let other = request(&app).with("audience", "");
    let page = app.browser().authorize_as(&other, EMAIL).await;
    assert_eq!(page.screen(), "mfa-otp-enrollment-qr", "elsewhere the tenant's holds");
}

async fn a_verified_address_is_a_second_factor(database: TestDatabase) {
    let app = TestApp::build(database).await.configure(require_2fa).start().await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = browser.authorize_as(&request(&app), EMAIL).await;
    assert_eq!(page.screen(), "mfa-email-challenge");
    assert!(page.reply.body.contains("us****@e***.com"), "{}", page.reply.body);
    assert!(!page.reply.body.contains("rememberBrowser"), "it would spare nothing");
    let message = app.message().await;
    assert_eq!(message.to, EMAIL);
    let code = message.content.code.expect("a code");
    let _code = browser.submit(&page, &[("code", &code)]).await.code();
}

async fn signing_in_leaves_a_trace(database: TestDatabase) {
    let app = start(database).await;
    let (_, secret) = with_app(&app).await;
    sign_in(&app, &secret).await;
    let mut tx = app.core().read(&app.tenant_id()).await.expect("reads");
    let events = tx.log_events(30).await.expect("the log");
    let find = |code: &str| events.iter().find(|event| event.kind.code() == code).cloned();
    let required = find("mfar").expect("a second factor was demanded");
    assert_eq!(required.details["verdict"], "second_factor");
    assert_eq!(required.details["layers"][0]["layer"], "api");
    assert!(find("gd_start_auth").is_some() && find("gd_auth_succeed").is_some());
    let login = find("s").expect("a login");
    assert_eq!(login.details["prompts"][1]["performed_amr"][0], "mfa");
}

on_both_engines! {
    whoever_has_a_second_factor_gives_it,
    the_password_alone_opens_nothing,
    a_session_is_good_for_fifteen_minutes,
    other_apis_are_not_concerned,
    whoever_has_none_signs_in_again,
    a_page_left_open_counts_for_nothing,
    it_overrides_the_tenants_policy_for_whoever_has_none,
    a_verified_address_is_a_second_factor,
    signing_in_leaves_a_trace,
}
