//! Enrolling a second factor because the tenant wants one (contract 04 §9.2, §9.6, §15.6).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase, authenticator};

use super::{MULTI_FACTOR, always, give_app, request};

/// What stands in an element of that id.
fn shown(page: &Page, id: &str) -> String {
    let (_, rest) = page.reply.body.split_once(&format!("id=\"{id}\">")).expect("it is there");
    rest.split('<').next().expect("text").to_owned()
}

async fn begun(app: &TestApp) -> (Browser<'_>, Page) {
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = browser.authorize_as(&request(app), EMAIL).await;
    (browser, page)
}

async fn an_app_is_enrolled_with_a_recovery_code(database: TestDatabase) {
    let app = super::without_mail(database).await.configure(always).start().await;
    let (browser, page) = begun(&app).await;
    assert_eq!(page.screen(), "mfa-otp-enrollment-qr");
    let key = shown(&page, "manual-input-code");
    assert!(page.reply.body.contains(&format!("secret={key}")), "for the QR code");
    let page = browser.open(page.url.as_str()).await;
    assert_eq!(shown(&page, "manual-input-code"), key, "the same when loaded again");

    let wrong = authenticator::wrong_code(&key, app.now());
    let refused = browser.submit(&page, &[("code", &wrong)]).await;
    assert_eq!(refused.errors(), ["code:invalid-code"]);
    let code = authenticator::code(&key, app.now());
    let page = browser.submit(&page, &[("code", &code)]).await;
    assert_eq!(page.screen(), "mfa-recovery-code-enrollment");
    let recovery = shown(&page, "recovery-code");
    assert_eq!(recovery.len(), 24);
    let unsaved = browser.submit(&page, &[]).await;
    assert_eq!(unsaved.errors(), ["saved:no-confirmation"]);
    assert_eq!(shown(&unsaved, "recovery-code"), recovery);
    let done = browser.submit(&page, &[("saved", "on")]).await;
    let _code = done.code();
    assert_eq!(app.messages().await.len(), 2, "a factor and a recovery code were added");

    app.clock().advance(60);
    let browser = app.browser();
    let page = browser.authorize_as(&request(&app), EMAIL).await;
    let _code = give_app(&app, &browser, &page, &key).await.code();
}

async fn one_login_one_second_factor(database: TestDatabase) {
    let app = super::without_mail(database).await.configure(always).start().await;
    let (browser, page) = begun(&app).await;
    let key = shown(&page, "manual-input-code");
    let page = browser.submit(&page, &[("code", &authenticator::code(&key, app.now()))]).await;
    let _code = browser.submit(&page, &[("saved", "on")]).await.code();
    app.ignore_messages().await;
    app.clock().advance(7200);
    let _code = browser.authorize(&request(&app)).await.code();
    let again = browser.authorize(&request(&app).with("prompt", "login")).await;
    let again = browser.log_in(&again, EMAIL, housekey_testkit::app::PASSWORD).await;
    let _code = give_app(&app, &browser, &again, &key).await.code();
}

async fn a_phone_is_enrolled_by_message_or_call(database: TestDatabase) {
    let builder = super::without_mail(database).await.phones().configure(always);
    let app = builder.start().await;
    let (browser, page) = begun(&app).await;
    assert_eq!(page.screen(), "mfa-begin-enroll-options");
    let page = browser.submit(&page, &[("action", "sms")]).await;
    assert_eq!(page.screen(), "mfa-sms-enrollment");
    for (typed, error) in [("", "phone:no-phone"), ("12", "phone:invalid-phone-format")] {
        let refused = browser.submit(&page, &[("phone", typed)]).await;
        assert_eq!(refused.errors(), [error]);
    }
    let fields = [("phone", "+49 30 123456"), ("type", "voice")];
    let page = browser.submit(&page, &fields).await;
    assert_eq!(page.screen(), "mfa-sms-enrollment-verify");
    let call = app.message().await;
    assert_eq!(call.to, "+4930123456");
    let first = call.content.code.expect("a code");
    let page = browser.submit(&page, &[("action", "resend-code")]).await;
    let second = app.message().await.content.code.expect("a code");
    if first != second {
        let refused = browser.submit(&page, &[("code", &first)]).await;
        assert_eq!(refused.errors(), ["code:invalid-code"], "the newest alone is good");
    }
    let page = browser.submit(&page, &[("code", &second)]).await;
    assert_eq!(page.screen(), "mfa-recovery-code-enrollment");
    let _code = browser.submit(&page, &[("saved", "on")]).await.code();
    app.ignore_messages().await;
}

async fn a_mailbox_is_enrolled(database: TestDatabase) {
    let builder = TestApp::build(database).await.configure(always).configure(|tenant| {
        let factors = &mut tenant.tenant.settings.factors;
        (factors.otp, factors.recovery_code) = (false, false);
    });
    let app = builder.start().await;
    super::unverified(&app).await;
    let browser = app.browser();
    let page = browser.authorize_as(&request(&app), EMAIL).await;
    assert_eq!(page.screen(), "mfa-email-enrollment");
    let page = browser.submit(&page, &[("email", "ada@mail.example")]).await;
    assert_eq!(page.screen(), "mfa-email-enrollment-verify");
    let message = app.message().await;
    assert_eq!(message.to, "ada@mail.example");
    let code = message.content.code.expect("a code");
    app.clock().advance(301);
    let late = browser.submit(&page, &[("code", &code)]).await;
    assert_eq!(late.errors(), ["code:invalid-code"]);
    let page = browser.submit(&page, &[("action", "resend-code")]).await;
    let code = app.message().await.content.code.expect("a code");
    let _code = browser.submit(&page, &[("code", &code)]).await.code();
    app.ignore_messages().await;
}

/// Whoever knows only the password cannot enrol a factor of their own once there is one.
async fn whoever_began_before_another_was_added_gives_that(database: TestDatabase) {
    let app = super::without_mail(database).await.start().await;
    app.person(EMAIL).await;
    let asked = request(&app).with("acr_values", MULTI_FACTOR);
    let thief = app.browser();
    let page = thief.authorize_as(&asked, EMAIL).await;
    let key = shown(&page, "manual-input-code");
    let user = app.sign_in_as(EMAIL, SPA, super::ME).await;
    let begun = user.enroll(&serde_json::json!({ "type": "totp" })).await.expect(202);
    let own = begun.text("/manual_input_code");
    let proof = serde_json::json!({
        "auth_session": begun.text("/auth_session"),
        "otp_code": authenticator::code(&own, app.now()),
    });
    let _ = user.verify(&begun.text("/id"), &proof).await.expect(201);
    app.messages().await;
    let page = thief.submit(&page, &[("code", &authenticator::code(&key, app.now()))]).await;
    assert_eq!(page.screen(), "mfa-otp-challenge");
    let page = thief.submit(&page, &[("code", &authenticator::code(&key, app.now()))]).await;
    assert_eq!(page.errors(), ["code:invalid-code"]);
}

async fn nothing_is_demanded_where_no_factor_is_on(database: TestDatabase) {
    let builder = super::without_mail(database).await.configure(always);
    let builder = builder.configure(|tenant| tenant.tenant.settings.factors.otp = false);
    let app = builder.start().await;
    app.person(EMAIL).await;
    let _code = app.browser().authorize_as(&request(&app), EMAIL).await.code();
}

on_both_engines! {
    an_app_is_enrolled_with_a_recovery_code,
    one_login_one_second_factor,
    a_phone_is_enrolled_by_message_or_call,
    a_mailbox_is_enrolled,
    whoever_began_before_another_was_added_gives_that,
    nothing_is_demanded_where_no_factor_is_on,
}
