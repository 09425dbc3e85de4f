//! The offer of a passkey after signing in.

use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::application::ME;
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::passkey::{Authenticator, KeyKind};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::Value;

use super::passkey::{options, start};
use crate::me::passkey::{ORIGIN, add};

/// A browser on a device that can keep passkeys signs in with the password.
async fn with_password(app: &TestApp) -> (Browser<'_>, Page) {
    let browser = app.browser();
    let page = browser.authorize(&app.authorize(&format!("openid {ME}"))).await;
    let fields = [("username", EMAIL), ("webauthn-platform-available", "true")];
    let page = browser.submit(&page, &fields).await;
    let page = browser.submit(&page, &[("password", PASSWORD)]).await;
    (browser, page)
}

async fn is_offered(app: &TestApp) -> bool {
    let (_browser, page) = with_password(app).await;
    let offered = !page.left;
    assert!(!offered || page.screen() == "passkey-enrollment");
    offered
}

fn made(authenticator: &mut Authenticator, page: &Page) -> String {
    authenticator.create(&options(page)).to_string()
}

async fn accepting_makes_a_passkey_that_signs_in(database: TestDatabase) {
    let app = start(database).await;
    app.person(EMAIL).await;
    let (browser, page) = with_password(&app).await;
    assert_eq!(page.screen(), "passkey-enrollment");
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    let done = browser.submit(&page, &[("passkey", &made(&mut authenticator, &page))]).await;
    let _code = done.code();
    let message = app.message().await;
    assert!(message.content.text.contains("passkey"), "{}", message.content.text);
    assert!(!is_offered(&app).await, "there is one now");

    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let response = authenticator.get(&options(&page)).to_string();
    let _code = browser.submit(&page, &[("passkey", &response)]).await.code();

    let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
    let events = tx.log_events(20).await.expect("the log");
    let enrolled = events.iter().find(|event| event.kind.code() == "gd_enrollment_complete");
    let details = &enrolled.expect("an enrolment").details;
    assert_eq!(details["authenticator"]["type"], "passkey");
}

async fn declining_goes_on_and_asks_again(database: TestDatabase) {
    let app = start(database).await;
    app.person(EMAIL).await;
    let (browser, page) = with_password(&app).await;
    let done = browser.submit(&page, &[("action", "abort-passkey-enrollment")]).await;
    let _code = done.code();
    assert!(is_offered(&app).await);
}

async fn a_snooze_lasts_thirty_days(database: TestDatabase) {
    let app = start(database).await;
    app.person(EMAIL).await;
    let (browser, page) = with_password(&app).await;
    let fields = [("action", "abort-passkey-enrollment"), ("dontShowAgain", "on")];
    let _code = browser.submit(&page, &fields).await.code();
    assert!(!is_offered(&app).await);
    app.clock().advance(30 * 86_400 - 1);
    assert!(!is_offered(&app).await);
    app.clock().advance(1);
    assert!(is_offered(&app).await);
}

async fn nobody_is_offered_what_cannot_be(database: TestDatabase) {
    let app = start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let request = app.authorize("openid");
    let _code = browser.authorize_as(&request, EMAIL).await.code();
    let builder = TestApp::build(TestDatabase::sqlite().await).await.passkeys();
    let app = builder
        .connection(|options| options.passkey.progressive_enrollment_enabled = false)
        .start()
        .await;
    app.person(EMAIL).await;
    assert!(!is_offered(&app).await, "the connection says no");
}

async fn what_does_not_verify_is_asked_again(database: TestDatabase) {
    let app = start(database).await;
    app.person(EMAIL).await;
    let (browser, page) = with_password(&app).await;
    let mut wrong = Authenticator::new(KeyKind::EdDsa, 1, "https://evil.example");
    let refused = browser.submit(&page, &[("passkey", &made(&mut wrong, &page))]).await;
    assert_eq!(refused.screen(), "passkey-enrollment");
    assert_eq!(refused.errors(), [":invalid-passkey"]);
    for garbage in ["", "{", "[]"] {
        let refused = browser.submit(&page, &[("passkey", garbage)]).await;
        assert_eq!(refused.errors(), [":invalid-passkey"], "{garbage}");
    }
    app.clock().advance(300);
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    let late = browser.submit(&page, &[("passkey", &made(&mut authenticator, &page))]).await;
    assert_eq!(late.errors(), [":invalid-passkey"]);
    let done = browser.submit(&late, &[("passkey", &made(&mut authenticator, &late))]).await;
    let _code = done.code();
    app.messages().await;
}

async fn a_passkey_that_exists_is_not_made_again(database: TestDatabase) {
    let app = start(database).await;
    let other = {
        app.person("other@example.com").await;
        app.sign_in_as("other@example.com", "spa", &format!("openid {ME}")).await
    };
    add(&app, &other, &mut Authenticator::new(KeyKind::EdDsa, 1, ORIGIN)).await;
    app.person(EMAIL).await;
    let (browser, page) = with_password(&app).await;
    let mut copy = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    let refused = browser.submit(&page, &[("passkey", &made(&mut copy, &page))]).await;
    assert_eq!(refused.errors(), [":passkey-exists"]);
}

async fn of_many_equal_answers_one_is_kept(database: TestDatabase) {
    let app = start(database).await;
    app.person(EMAIL).await;
    let (browser, page) = with_password(&app).await;
    let hidden: Vec<_> =
        page.form().hidden.into_iter().filter(|(name, _)| name != "passkey").collect();
    let credentials: Vec<String> = (1..=4)
        .map(|number| made(&mut Authenticator::new(KeyKind::EdDsa, number, ORIGIN), &page))
        .collect();
    let post = |credential: &str| {
        let mut fields: Vec<(&str, &str)> =
            hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.push(("passkey", credential));
        browser.send(app.post("/u/passkey-enrollment").form(&fields), &page.url)
    };
    let _ = tokio::join!(
        post(&credentials[0]),
        post(&credentials[1]),
        post(&credentials[2]),
        post(&credentials[3]),
    );
    assert_eq!(app.messages().await.len(), 1, "one passkey was added");
}

async fn one_of_another_device_leads_to_one_of_this(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let mut phone = Authenticator::new(KeyKind::Es256, 1, ORIGIN);
    phone.transports = vec!["hybrid".to_owned(), "internal".to_owned()];
    add(&app, &user, &mut phone).await;
    let mut sign_in = async |attachment: &str, platform: &str| {
        let browser = app.browser();
        let page = browser.authorize(&app.authorize("openid")).await;
        let mut response: Value = phone.get(&options(&page));
        response["authenticatorAttachment"] = attachment.into();
        let fields =
            [("passkey", response.to_string()), ("webauthn-platform-available", platform.into())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let page = browser.submit(&page, &fields).await;
        (browser, page)
    };
    let _code = sign_in("platform", "true").await.1.code();
    let _code = sign_in("cross-platform", "false").await.1.code();
    let (browser, page) = sign_in("cross-platform", "true").await;
    assert_eq!(page.screen(), "passkey-enrollment-local");
    let exclude = options(&page)["excludeCredentials"].as_array().map(Vec::len);
    assert_eq!(exclude, Some(1));
    let mut laptop = Authenticator::new(KeyKind::EdDsa, 2, ORIGIN);
    let done = browser.submit(&page, &[("passkey", &made(&mut laptop, &page))]).await;
    let _code = done.code();
    assert_eq!(app.messages().await.len(), 1);
    assert_eq!(user.method_ids().await.len(), 3);
}

on_both_engines! {
    accepting_makes_a_passkey_that_signs_in,
    declining_goes_on_and_asks_again,
    a_snooze_lasts_thirty_days,
    nobody_is_offered_what_cannot_be,
    what_does_not_verify_is_asked_again,
    a_passkey_that_exists_is_not_made_again,
    of_many_equal_answers_one_is_kept,
    one_of_another_device_leads_to_one_of_this,
}
