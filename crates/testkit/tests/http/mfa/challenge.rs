//! Giving a second factor: each kind, the others to choose from, and the limits
//! (contract 04 §11, §15.4).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::authenticator::{code, wrong_code};
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::device::Device;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::{MULTI_FACTOR, always, give_app, request, with_app};

/// Signs in with the password, in a browser of one's own, where a second factor is asked for.
async fn asked(app: &TestApp) -> (Browser<'_>, Page) {
    let browser = app.browser();
    let request = request(app).with("acr_values", MULTI_FACTOR);
    let page = browser.authorize_as(&request, EMAIL).await;
    (browser, page)
}

async fn an_apps_code_works_once(database: TestDatabase) {
    let app = super::without_mail(database).await.start().await;
    let (_, secret) = with_app(&app).await;
    let (browser, page) = asked(&app).await;
    for (typed, error) in [("", "no-code"), ("12345", "invalid-otp-code-format")] {
        let refused = browser.submit(&page, &[("code", typed)]).await;
        assert_eq!(refused.errors(), [format!("code:{error}")]);
    }
    let spaced = code(&secret, app.now());
    let spaced = format!(" {} {} ", &spaced[..3], &spaced[3..]);
    let _code = browser.submit(&page, &[("code", &spaced)]).await.code();
    let (browser, page) = asked(&app).await;
    let again = give_app(&app, &browser, &page, &secret).await;
    assert_eq!(again.errors(), ["code:invalid-code"], "used a moment ago");
    app.clock().advance(30);
    let _code = give_app(&app, &browser, &page, &secret).await.code();
}

async fn ten_wrong_codes_are_enough_for_a_while(database: TestDatabase) {
    let app = super::without_mail(database).await.start().await;
    let (_, secret) = with_app(&app).await;
    let (browser, page) = asked(&app).await;
    let wrong = wrong_code(&secret, app.now());
    for _ in 0..10 {
        let refused = browser.submit(&page, &[("code", &wrong)]).await;
        assert_eq!(refused.errors(), ["code:invalid-code"]);
    }
    let refused = give_app(&app, &browser, &page, &secret).await;
    assert_eq!(refused.errors(), ["code:too-many-failures"], "even with the right one");
    let (other, page) = asked(&app).await;
    let refused = give_app(&app, &other, &page, &secret).await;
    assert_eq!(refused.errors(), ["code:too-many-failures"], "in another browser, too");
    let mut tx = app.core().read(&app.tenant_id()).await.expect("reads");
    let events = tx.log_events(5).await.expect("the log");
    assert!(events.iter().any(|event| event.kind.code() == "gd_otp_rate_limit_exceed"));
    drop(tx);
    app.clock().advance(360);
    let _code = give_app(&app, &other, &page, &secret).await.code();
}

/// Counted exactly, however many come at once.
async fn guesses_at_once_are_counted_one_by_one(database: TestDatabase) {
    let app = super::without_mail(database).await.start().await;
    let (_, secret) = with_app(&app).await;
    let (browser, page) = asked(&app).await;
    let wrong = wrong_code(&secret, app.now());
    let fields = [("code", wrong.as_str())];
    let guess = || browser.submit(&page, &fields);
    let mut counted = 0;
    for _ in 0..5 {
        let (a, b, c, d) = tokio::join!(guess(), guess(), guess(), guess());
        let refused = [a, b, c, d];
        counted += refused.iter().filter(|page| page.errors() == ["code:invalid-code"]).count();
    }
    assert_eq!(counted, 10, "of twenty");
}

async fn one_of_several_is_chosen(database: TestDatabase) {
    let app = TestApp::build(database).await.phones().start().await;
    let (user, _) = with_app(&app).await;
    let new = json!({ "type": "phone", "phone_number": "+4930123456" });
    let begun = user.enroll(&new).await.expect(202);
    let sent = app.message().await.content.code.expect("a code");
    let proof = json!({ "auth_session": begun.text("/auth_session"), "otp_code": sent });
    let _ = user.verify(&begun.text("/id"), &proof).await.expect(201);
    app.messages().await;

    let (browser, page) = asked(&app).await;
    let page = browser.submit(&page, &[("action", "pick-authenticator")]).await;
    app.messages().await;
    assert_eq!(page.screen(), "mfa-login-options");
    for action in ["otp", "sms", "voice", "email"] {
        assert!(page.reply.body.contains(&format!("value=\"{action}\"")), "{action}");
    }
    assert!(page.reply.body.contains("XXXXXX3456") && !page.reply.body.contains("+4930123456"));
    let odd = browser.submit(&page, &[("action", "email::7")]).await;
    assert_eq!(odd.screen(), "mfa-login-options");

    let page = browser.submit(&page, &[("action", "sms")]).await;
    assert_eq!(page.screen(), "mfa-sms-challenge");
    let text = app.message().await;
    assert_eq!(text.to, "+4930123456");
    assert!(text.content.text.contains("to log in to"), "{}", text.content.text);
    let first = text.content.code.expect("a code");
    let page = browser.submit(&page, &[("action", "switch-to-voice")]).await;
    assert_eq!(page.screen(), "mfa-voice-challenge");
    let second = app.message().await.content.code.expect("a code");
    if first != second {
        let refused = browser.submit(&page, &[("code", &first)]).await;
        assert_eq!(refused.errors(), ["code:invalid-code"]);
    }
    let _code = browser.submit(&page, &[("code", &second)]).await.code();
}

async fn mails_are_limited(database: TestDatabase) {
    let app = TestApp::build(database).await.configure(always).start().await;
    app.person(EMAIL).await;
    let (browser, mut page) = asked(&app).await;
    for _ in 0..4 {
        assert_eq!(page.screen(), "mfa-email-challenge");
        page = browser.submit(&page, &[("action", "resend-code")]).await;
    }
    let sent = app.messages().await;
    assert_eq!(sent.len(), 5);
    let page = browser.submit(&page, &[("action", "resend-code")]).await;
    assert_eq!(page.errors(), [":too-many-email"]);
    assert!(app.messages().await.is_empty());
    let last = sent[4].content.code.clone().expect("a code");
    let _code = browser.submit(&page, &[("code", &last)]).await.code();
}

async fn a_code_by_mail_is_good_for_five_minutes_in_one_browser(database: TestDatabase) {
    let app = TestApp::build(database).await.configure(always).start().await;
    app.person(EMAIL).await;
    let (browser, page) = asked(&app).await;
    let sent = app.message().await.content.code.expect("a code");
    let (thief, others) = asked(&app).await;
    let own = app.message().await.content.code.expect("a code");
    if own != sent {
        let refused = thief.submit(&others, &[("code", &sent)]).await;
        assert_eq!(refused.errors(), ["code:invalid-code"]);
    }
    app.clock().advance(300);
    let refused = browser.submit(&page, &[("code", &sent)]).await;
    assert_eq!(refused.errors(), ["code:invalid-code"]);
}

async fn a_device_approves_or_refuses(database: TestDatabase) {
    let app = super::without_mail(database).await.push().start().await;
    app.person(EMAIL).await;
    let user = app.sign_in_as(EMAIL, housekey_testkit::seed::SPA, super::ME).await;
    let qr = user.enroll(&json!({ "type": "push-notification" })).await.expect(202);
    let device = Device::enroll(&app, &qr.text("/barcode_uri")).await;
    app.messages().await;

    let (browser, page) = asked(&app).await;
    assert_eq!(page.screen(), "mfa-push-challenge-push");
    assert!(page.reply.body.contains("http-equiv=\"refresh\""), "waits without scripts");
    let push = app.message().await.content.data.expect("a push message");
    let poll = async || {
        let request = app.get(&housekey_testkit::browser::path_and_query(&page.url));
        let reply = browser.send(request.header("accept", "application/json"), &page.url).await;
        reply.json()["completed"].clone()
    };
    assert_eq!(poll().await, false);
    let early = browser.submit(&page, &[]).await;
    assert_eq!(early.errors(), [":push-pending"]);
    let _ = device.answer(&push, false).await;
    assert_eq!(poll().await, true);
    let rejected = browser.submit(&page, &[]).await;
    assert_eq!(rejected.errors(), [":push-rejected"]);

    let page = browser.submit(&rejected, &[("action", "resend")]).await;
    let push = app.message().await.content.data.expect("a push message");
    let _ = device.answer(&push, true).await;
    let approved = browser.open(page.url.as_str()).await;
    assert!(approved.reply.body.contains("approved the login"), "{}", approved.reply.body);
    let _code = browser.submit(&approved, &[]).await.code();

    app.clock().advance(60);
    let (browser, page) = asked(&app).await;
    app.messages().await;
    let page = browser.submit(&page, &[("action", "enter-otp-code")]).await;
    let scanned = housekey_testkit::device::Scanned::read(&qr.text("/barcode_uri"));
    let _code = give_app(&app, &browser, &page, &scanned.secret).await.code();
}

async fn the_code_on_paper_is_replaced(database: TestDatabase) {
    let app = super::without_mail(database).await.start().await;
    let (user, _) = with_app(&app).await;
    let begun = user.enroll(&json!({ "type": "recovery-code" })).await.expect(202);
    let paper = begun.text("/recovery_code");
    let word = json!({ "auth_session": begun.text("/auth_session") });
    let _ = user.verify(&begun.text("/id"), &word).await.expect(201);
    app.ignore_messages().await;

    let (browser, page) = asked(&app).await;
    let page = browser.submit(&page, &[("action", "pick-authenticator")]).await;
    let page = browser.submit(&page, &[("action", "recovery-code")]).await;
    assert_eq!(page.screen(), "mfa-recovery-code-challenge");
    let refused = browser.submit(&page, &[("code", "ABCD1234EFGH5678IJKL9012")]).await;
    assert_eq!(refused.errors(), ["code:invalid-code"]);
    let new = browser.submit(&page, &[("code", &paper.to_lowercase())]).await;
    assert_eq!(new.screen(), "mfa-recovery-code-challenge-new-code");
    let state = new.param("state").expect("a transaction");
    let early = browser.open(&format!("/authorize/resume?state={state}")).await;
    assert_eq!(early.screen(), "mfa-recovery-code-challenge-new-code", "not before it is kept");
    let _code = browser.submit(&new, &[("saved", "on")]).await.code();

    let (browser, page) = asked(&app).await;
    let page = browser.submit(&page, &[("action", "pick-authenticator")]).await;
    let page = browser.submit(&page, &[("action", "recovery-code")]).await;
    let refused = browser.submit(&page, &[("code", &paper)]).await;
    assert_eq!(refused.errors(), ["code:invalid-code"], "it works once");
}

/// A factor that goes while it is asked for is not asked for any more.
async fn a_factor_that_is_gone_opens_nothing(database: TestDatabase) {
    let app = super::without_mail(database).await.start().await;
    let (user, secret) = with_app(&app).await;
    let (browser, page) = asked(&app).await;
    app.sql("DELETE FROM authentication_methods").await;
    let page = give_app(&app, &browser, &page, &secret).await;
    assert_eq!(page.screen(), "mfa-otp-enrollment-qr", "there is none any more");
    drop(user);
}

on_both_engines! {
    an_apps_code_works_once,
    ten_wrong_codes_are_enough_for_a_while,
    guesses_at_once_are_counted_one_by_one,
    one_of_several_is_chosen,
    mails_are_limited,
    a_code_by_mail_is_good_for_five_minutes_in_one_browser,
    a_device_approves_or_refuses,
    the_code_on_paper_is_replaced,
    a_factor_that_is_gone_opens_nothing,
}
