//! `POST /api/v2/guardian/enrollments/ticket` and the page behind its link (contract 04 §9.7).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::authenticator::code;
use housekey_testkit::browser::Page;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, refusal};

const PATH: &str = "guardian/enrollments/ticket";

async fn link(machine: &Machine<'_>, body: &Value) -> String {
    machine.post(PATH, body).await.expect(200).text("/ticket_url")
}

/// The secret that the page of an authenticator app shows.
fn secret(page: &Page) -> String {
    let uri = page.reply.body.split("secret=").nth(1).expect("a secret");
    uri.chars().take_while(char::is_ascii_alphanumeric).collect()
}

async fn types(machine: &Machine<'_>, user: &str) -> Vec<String> {
    let path = format!("users/{}/authentication-methods", super::encoded(user));
    let methods = machine.get(&path).await.expect(200).json();
    let methods = methods.as_array().expect("a list").iter();
    let mut types: Vec<_> =
        methods.map(|own| own["type"].as_str().expect("a type").to_owned()).collect();
    types.sort();
    types
}

async fn an_app_is_enrolled_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let made = machine.post(PATH, &json!({ "user_id": user.id.as_str(), "factor": "otp" })).await;
    let made = made.expect(200);
    let (link, id) = (made.text("/ticket_url"), made.text("/ticket_id"));
    assert_eq!(link, format!("https://acme.example/guardian/enroll?ticket={id}"));
    let log = machine.get("logs").await.expect(200).body;
    assert!(!log.contains(&id), "the ticket is a secret");

    // Mail scanners open links: that uses nothing up.
    for _ in 0..2 {
        assert_eq!(app.browser().open(&link).await.screen(), "guardian-enroll");
    }
    let browser = app.browser();
    let page = browser.open(&link).await;
    let page = browser.submit(&page, &[]).await;
    assert_eq!(page.screen(), "mfa-otp-enrollment-qr");
    let secret = secret(&page);
    let wrong = browser.submit(&page, &[("code", "000000")]).await;
    assert_eq!(wrong.errors(), ["code:invalid-code"]);
    let page = browser.submit(&wrong, &[("code", &code(&secret, app.now()))]).await;
    assert_eq!(page.screen(), "mfa-recovery-code-enrollment");
    let done = browser.submit(&page, &[("saved", "on")]).await;
    assert!(done.reply.body.contains("All Set"), "{}", done.reply.body);
    assert_eq!(types(&machine, user.id.as_str()).await, ["recovery-code", "totp"]);
    app.ignore_messages().await;

    let again = app.get(&link.replace("https://acme.example", "")).send().await.expect(400);
    assert!(again.body.contains("This Link Does Not Work"));
    let session = browser.cookie("acme.example", "auth0").await;
    assert!(session.is_none(), "nobody was signed in");
}

async fn only_the_newest_link_works_and_not_for_long(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "user_id": user.id.as_str() });
    let (first, second) = (link(&machine, &body).await, link(&machine, &body).await);
    let open = async |link: &str| app.get(&link.replace("https://acme.example", "")).send().await;
    let _ = open(&first).await.expect(400);
    let browser = app.browser();
    let page = browser.open(&second).await;
    let page = browser.submit(&page, &[]).await;
    assert_eq!(page.screen(), "mfa-begin-enroll-options", "there are several");
    app.clock().advance(432_000);
    let _ = open(&second).await.expect(400);
}

async fn two_browsers_cannot_both_use_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let body =
        json!({ "user_id": user.id.as_str(), "factor": "otp", "allow_multiple_enrollments": true });
    let link = link(&machine, &body).await;
    let (one, other) = (app.browser(), app.browser());
    let mut pages = Vec::new();
    for browser in [&one, &other] {
        let page = browser.open(&link).await;
        pages.push(browser.submit(&page, &[]).await);
    }
    let first = code(&secret(&pages[0]), app.now());
    let _ = one.submit(&pages[0], &[("code", &first)]).await;
    let late = other.submit(&pages[1], &[("code", &code(&secret(&pages[1]), app.now()))]).await;
    assert_eq!(late.reply.status, 400, "{}", late.reply.body);
    assert_eq!(types(&machine, user.id.as_str()).await, ["recovery-code", "totp"]);
    app.ignore_messages().await;
}

async fn whoever_has_one_needs_a_link_that_says_so(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let path = format!("users/{}/authentication-methods", super::encoded(user.id.as_str()));
    let totp = json!({ "type": "totp", "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" });
    let _ = machine.post(&path, &totp).await.expect(201);
    let plain = link(&machine, &json!({ "user_id": user.id.as_str(), "factor": "email" })).await;
    let browser = app.browser();
    let page = browser.open(&plain).await;
    let page = browser.submit(&page, &[]).await;
    assert!(page.reply.body.contains("All Set"), "there is nothing to do");
    let several = json!({
        "user_id": user.id.as_str(), "factor": "email", "allow_multiple_enrollments": true,
    });
    let page = browser.open(&link(&machine, &several).await).await;
    let page = browser.submit(&page, &[]).await;
    assert_eq!(page.screen(), "mfa-email-enrollment");
    app.ignore_messages().await;
}

async fn a_link_is_mailed_if_wanted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let mailed = async |body: Value| {
        let link = link(&machine, &body).await;
        let message = app.message().await;
        assert_eq!(message.content.link.as_deref(), Some(link.as_str()));
        message.to
    };
    let id = user.id.as_str();
    assert_eq!(mailed(json!({ "user_id": id, "send_mail": true })).await, EMAIL);
    let other = json!({ "user_id": id, "send_mail": true, "email": "other@example.com" });
    assert_eq!(mailed(other).await, "other@example.com");
}

async fn what_cannot_be_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let id = user.id.as_str();
    for (body, expected) in [
        (json!({}), (400, "invalid_body")),
        (json!({ "user_id": "auth0|nobody" }), (404, "inexistent_user")),
        (json!({ "user_id": id, "factor": "x" }), (400, "invalid_body")),
        (json!({ "user_id": id, "factor": "phone" }), (400, "invalid_body")),
        (json!({ "user_id": id, "factor": "webauthn-roaming" }), (400, "operation_not_supported")),
        (json!({ "user_id": id, "allow_multiple_enrollments": true }), (400, "invalid_body")),
    ] {
        let (status, code, _) = refusal(&machine.post(PATH, &body).await);
        assert_eq!((status, code.as_str()), expected, "{body}");
    }
    // A post that did not come from the page begins nothing.
    let link = link(&machine, &json!({ "user_id": id })).await;
    let ticket = link.split("ticket=").nth(1).expect("a ticket");
    let forged = app.post("/guardian/enroll").form(&[("ticket", ticket), ("_csrf", "x")]);
    let _ = forged.send().await.expect(400);
}

on_both_engines! {
    an_app_is_enrolled_once,
    only_the_newest_link_works_and_not_for_long,
    two_browsers_cannot_both_use_it,
    whoever_has_one_needs_a_link_that_says_so,
    a_link_is_mailed_if_wanted,
    what_cannot_be_is_refused,
}
