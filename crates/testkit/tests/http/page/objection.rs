//! `/u/objection`: "this was not me", the link in every mail about a change.

use housekey_core::log::LogEvent;
use housekey_testkit::actor::{Actor, EMAIL, method_path};
use housekey_testkit::app::PASSWORD;
use housekey_testkit::application::{Authorize, ME};
use housekey_testkit::authenticator;
use housekey_testkit::browser::Page;
use housekey_testkit::passkey::{Authenticator, KeyKind};
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

const NEW_PASSWORD: &str = "Battery-staple-8";

/// Everything the application may ask for, refresh tokens included.
fn all_scopes() -> String {
    format!("openid offline_access {ME}")
}

/// Somebody adds an authenticator app; its id, and the link in the mail.
async fn add_app(app: &TestApp, user: &Actor<'_>) -> (String, String) {
    let begun = user.enroll(&json!({ "type": "totp" })).await.expect(202);
    let code = authenticator::code(&begun.text("/manual_input_code"), app.now());
    let proof = json!({ "auth_session": begun.text("/auth_session"), "otp_code": code });
    let _ = user.verify(&begun.text("/id"), &proof).await.expect(201);
    (begun.text("/id"), link(app).await)
}

/// Somebody changes the password; the link in the mail.
async fn change_password(app: &TestApp, user: &Actor<'_>, password: &str) -> String {
    let begun = user.enroll(&json!({ "type": "password" })).await.expect(202);
    let proof = json!({ "auth_session": begun.text("/auth_session"), "new_password": password });
    let _ = user.verify("password|new", &proof).await.expect(201);
    link(app).await
}

/// The link in the one mail that is queued.
async fn link(app: &TestApp) -> String {
    let message = app.message().await;
    assert_eq!(message.to, EMAIL);
    message.content.link.expect("a link to object")
}

/// Opens the link in a browser nobody has used and answers the page.
async fn object(app: &TestApp, link: &str) -> Page {
    let browser = app.browser();
    let page = browser.open(link).await;
    assert_eq!((page.reply.status.as_u16(), page.screen().as_str()), (200, "objection"));
    browser.submit(&page, &[("action", "default")]).await
}

async fn done(app: &TestApp, link: &str) -> Page {
    let page = object(app, link).await;
    assert_eq!((page.reply.status.as_u16(), page.screen().as_str()), (200, "objection-done"));
    page
}

/// Whether the application still gets in by what it has.
async fn is_signed_in(app: &TestApp, user: &Actor<'_>) -> [bool; 3] {
    let by_token = user.get("/factors").await.status == 200;
    let silent = app.authorize("openid").with("prompt", "none");
    let by_session = user.browser.authorize(&silent).await.param("code").is_some();
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", user.tokens.client_id.as_str()),
        ("refresh_token", user.tokens.refresh.as_str()),
    ];
    let by_refresh = app.post("/oauth/token").form(&fields).send().await.status == 200;
    [by_token, by_session, by_refresh]
}

/// The page that a password leads to.
async fn log_in(app: &TestApp, password: &str) -> Page {
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    browser.log_in(&page, EMAIL, password).await
}

async fn opening_the_link_changes_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (id, link) = add_app(&app, &user).await;
    for _ in 0..3 {
        let page = app.browser().open(&link).await;
        assert_eq!((page.reply.status.as_u16(), page.screen().as_str()), (200, "objection"));
        for part in ["An authenticator app was added", "1 January 2026, 00:00 UTC", "203.0.113.7"] {
            assert!(page.reply.body.contains(part), "{part}: {}", page.reply.body);
        }
    }
    let head = app.request("HEAD", &link["https://acme.example".len()..]).send().await;
    assert_eq!(head.status, 200);
    let _ = user.get(&method_path(&id)).await.expect(200);
    assert_eq!(is_signed_in(&app, &user).await, [true; 3]);
}

async fn an_added_method_goes_and_everybody_is_signed_out(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.sign_in().await;
    let thief = app.sign_in_as(EMAIL, SPA, &all_scopes()).await;
    let (id, link) = add_app(&app, &thief).await;
    app.clock().advance(60);
    let page = done(&app, &link).await;
    for user in [&owner, &thief] {
        assert_eq!(is_signed_in(&app, user).await, [false; 3]);
    }
    let reset = app.browser();
    let form = reset.open(&page.link("/u/reset-password/change")).await;
    let fields = [("password-reset", NEW_PASSWORD), ("re-enter-password", NEW_PASSWORD)];
    assert_eq!(reset.submit(&form, &fields).await.screen(), "reset-password-success");
    assert_eq!(log_in(&app, PASSWORD).await.errors(), ["password:wrong-email-credentials"]);
    let _ = log_in(&app, NEW_PASSWORD).await.code();
    let _told = app.message().await;
    let browser = app.browser();
    let request = app.authorize(ME);
    let page = browser.authorize(&request).await;
    let code = browser.log_in(&page, EMAIL, NEW_PASSWORD).await.code();
    let token = app.exchange(&request, &code).await.expect(200).text("/access_token");
    let path = format!("/me/v1{}", method_path(&id));
    let _ = app.get(&path).bearer(&token).send().await.expect(404);
}

async fn a_new_password_stops_working(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let thief = app.sign_in().await;
    let link = change_password(&app, &thief, NEW_PASSWORD).await;
    let _ = log_in(&app, NEW_PASSWORD).await.code();
    let page = done(&app, &link).await;
    for password in [NEW_PASSWORD, PASSWORD] {
        assert_eq!(log_in(&app, password).await.errors(), ["password:wrong-email-credentials"]);
    }
    let reset = app.browser();
    let form = reset.open(&page.link("/u/reset-password/change")).await;
    let own = "Correct-horse-9";
    let fields = [("password-reset", own), ("re-enter-password", own)];
    assert_eq!(reset.submit(&form, &fields).await.screen(), "reset-password-success");
    let _ = log_in(&app, own).await.code();
    let _told = app.message().await;
}

async fn a_passkey_that_was_added_opens_nothing_any_more(database: TestDatabase) {
    let app = TestApp::build(database).await.passkeys().start().await;
    let thief = app.sign_in().await;
    let begun = thief.enroll(&json!({ "type": "passkey" })).await.expect(202);
    let mut authenticator = Authenticator::new(KeyKind::Es256, 1, "https://acme.example");
    let made = authenticator.create(&begun.json()["authn_params_public_key"]);
    let proof = json!({ "auth_session": begun.text("/auth_session"), "authn_response": made });
    let added = thief.verify("passkey|new", &proof).await.expect(201).text("/id");
    let link = link(&app).await;
    let shown = app.browser().open(&link).await;
    assert!(shown.reply.body.contains("A passkey was added"), "{}", shown.reply.body);
    let _ = done(&app, &link).await;
    let left = app.sign_in_as(EMAIL, SPA, ME).await.method_ids().await;
    assert!(!left.contains(&added), "{left:?}");
}

/// The owner was faster: an objection to the thief's password leaves the owner's own alone.
async fn a_password_set_since_stays(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let thief = app.sign_in().await;
    let objection = change_password(&app, &thief, NEW_PASSWORD).await;
    app.clock().advance(60);
    let own = "Correct-horse-9";
    let _ = change_password(&app, &thief, own).await;
    let _ = done(&app, &objection).await;
    let _ = log_in(&app, own).await.code();
}

async fn what_is_gone_cannot_be_brought_back(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let thief = app.sign_in().await;
    let (id, _) = add_app(&app, &thief).await;
    let _ = thief.delete(&method_path(&id)).await.expect(204);
    let link = link(&app).await;
    let shown = app.browser().open(&link).await;
    assert!(shown.reply.body.contains("cannot be brought back"), "{}", shown.reply.body);
    let page = done(&app, &link).await;
    assert!(page.reply.body.contains("cannot be brought back"), "{}", page.reply.body);
    assert_eq!(is_signed_in(&app, &thief).await, [false; 3]);
}

/// A second factor that was there before stays, with its recovery code; only what was added goes.
async fn what_was_there_before_stays(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.sign_in().await;
    let (first, _) = add_app(&app, &owner).await;
    let begun = owner.enroll(&json!({ "type": "recovery-code" })).await.expect(202);
    let word = json!({ "auth_session": begun.text("/auth_session") });
    let _ = owner.verify(&begun.text("/id"), &word).await.expect(201);
    let _ = link(&app).await;
    let (second, objection) = add_app(&app, &owner).await;
    let _ = done(&app, &objection).await;
    let left = app.sign_in_as(EMAIL, SPA, ME).await.method_ids().await;
    assert!(left.contains(&first) && left.contains(&begun.text("/id")), "{left:?}");
    assert!(!left.contains(&second), "{left:?}");
}

async fn a_link_works_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (_, link) = add_app(&app, &user).await;
    let browser = app.browser();
    let page = browser.open(&link).await;
    let _ = browser.submit(&page, &[]).await.reply.expect(200);
    assert_eq!(browser.submit(&page, &[]).await.screen(), "status");
    let again = browser.open(&link).await;
    assert_eq!((again.reply.status.as_u16(), again.screen().as_str()), (400, "status"));
}

async fn of_many_answers_at_once_one_counts(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (_, link) = add_app(&app, &user).await;
    let browser = app.browser();
    let page = browser.open(&link).await;
    let answers = tokio::join!(
        browser.submit(&page, &[]),
        browser.submit(&page, &[]),
        browser.submit(&page, &[]),
        browser.submit(&page, &[]),
    );
    let mut statuses =
        [answers.0, answers.1, answers.2, answers.3].map(|page| page.reply.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400]);
}

async fn old_and_made_up_links_are_dead(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (id, link) = add_app(&app, &user).await;
    let browser = app.browser();
    let page = browser.open(&link).await;
    for ticket in ["", "made-up", &"x".repeat(10_000)] {
        let dead = app.browser().open(&format!("/u/objection?ticket={ticket}")).await;
        assert_eq!((dead.reply.status.as_u16(), dead.screen().as_str()), (400, "status"));
    }
    app.clock().advance(432_000);
    assert_eq!(app.browser().open(&link).await.reply.status, 400);
    assert_eq!(browser.submit(&page, &[]).await.reply.status, 400);
    let user = app.sign_in_as(EMAIL, SPA, ME).await;
    let _ = user.get(&method_path(&id)).await.expect(200);
}

async fn an_answer_must_come_from_the_page_in_the_same_browser(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (id, link) = add_app(&app, &user).await;
    let browser = app.browser();
    let page = browser.open(&link).await;
    let ticket = link.split("ticket=").nth(1).expect("a ticket");
    let another = app.browser();
    let theirs = another.open(&link).await;
    let csrf = |page: &Page| {
        let hidden = page.form().hidden;
        hidden.into_iter().find(|(name, _)| name == "_csrf").expect("a token").1
    };
    for (who, token) in [
        (&browser, String::new()),
        (&browser, "made-up".to_owned()),
        (&browser, csrf(&theirs)),
        (&another, csrf(&page)),
        (&app.browser(), csrf(&page)),
    ] {
        let again = who.post(&page, &[("ticket", ticket), ("_csrf", &token)]).await;
        assert_eq!((again.reply.status.as_u16(), again.screen().as_str()), (400, "objection"));
        assert_eq!(again.errors(), [":session-mismatch"]);
    }
    let _ = user.get(&method_path(&id)).await.expect(200);
    let _ = browser.submit(&page, &[]).await.reply.expect(200);
}

/// Whoever changed the address of the account, too, is told nothing and cannot stop it: the link
/// went to the former address. It leads to no password, as that mailbox is no longer the account's.
async fn the_former_address_may_object(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let thief = app.sign_in().await;
    let (_, link) = add_app(&app, &thief).await;
    let mut tx = app.core().write(&app.tenant_id()).await.expect("the database answers");
    let id = housekey_core::id::UserId::from_raw(
        housekey_testkit::jwt::claims(&thief.tokens.id)["sub"].as_str().expect("text"),
    );
    let user = tx.user(&id).await.expect("the database answers").expect("there");
    let mut profile = user.profile.clone();
    profile.email = Some("thief@example.com".to_owned());
    tx.update_profile(&user, &profile, app.now()).await.expect("the address is free");
    tx.commit().await.expect("commits");
    let page = done(&app, &link).await;
    assert!(!page.reply.body.contains("reset-password"), "{}", page.reply.body);
    assert!(page.reply.body.contains("address of your account was changed"), "{}", page.reply.body);
    assert_eq!(is_signed_in(&app, &thief).await, [false; 3]);
}

/// Codes and logins under way are over, too: nothing that was proved before counts any more.
async fn logins_under_way_are_over(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (_, link) = add_app(&app, &user).await;
    let request: Authorize = app.authorize("openid");
    let code = user.browser.authorize(&request).await.code();
    let waiting = app.browser();
    let consent = app.authorize("openid write:things");
    let consent = consent.with("audience", housekey_testkit::seed::CUSTOM_API);
    let page = waiting.authorize_as(&consent, EMAIL).await;
    assert_eq!(page.screen(), "consent");
    app.clock().advance(1);
    let _ = done(&app, &link).await;
    let refused = app.exchange(&request, &code).await.expect(403);
    assert_eq!(refused.text("/error"), "invalid_grant");
    let answered = waiting.submit(&page, &[("action", "accept")]).await;
    assert_eq!(answered.error().0, "login_required");
    app.clock().advance(1);
    let _ = log_in(&app, PASSWORD).await.code();
}

async fn the_log_tells_of_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (id, link) = add_app(&app, &user).await;
    let _ = done(&app, &link).await;
    let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
    let events: Vec<LogEvent> = tx.log_events(2).await.expect("the database answers");
    assert_eq!(events[1].kind.code(), "gd_unenroll");
    let told = Value::from(events[0].details.clone());
    assert_eq!(events[0].kind.code(), "my_account_authentication_method_succeeded");
    assert_eq!(events[0].user_name.as_deref(), Some(EMAIL));
    assert_eq!(
        (&told["operation"], &told["authentication_method_id"]),
        (&json!("object"), &json!(id))
    );
    assert_eq!(told["revoked"], json!([id]));
    assert_eq!((&told["sessions_ended"], &told["authorizations_revoked"]), (&json!(1), &json!(1)));
    let ticket = link.split("ticket=").nth(1).expect("a ticket");
    assert!(!format!("{events:?}").contains(ticket));
}

on_both_engines! {
    opening_the_link_changes_nothing,
    an_added_method_goes_and_everybody_is_signed_out,
    a_new_password_stops_working,
    a_passkey_that_was_added_opens_nothing_any_more,
    a_password_set_since_stays,
    what_is_gone_cannot_be_brought_back,
    what_was_there_before_stays,
    a_link_works_once,
    of_many_answers_at_once_one_counts,
    old_and_made_up_links_are_dead,
    an_answer_must_come_from_the_page_in_the_same_browser,
    the_former_address_may_object,
    logins_under_way_are_over,
    the_log_tells_of_it,
}
