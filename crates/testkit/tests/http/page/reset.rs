//! A new password by mail: `/u/reset-password/…`.

use housekey_core::tenant::Configuration;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};

const NEW: &str = "Battery-staple-8";

/// Goes from the login page to where the mail is asked for.
async fn asking(app: &TestApp, browser: &Browser<'_>) -> Page {
    let page = browser.authorize(&app.authorize("openid")).await;
    let page = browser.submit(&page, &[("username", EMAIL)]).await;
    browser.open(&page.link("/u/login/password-reset-start/")).await
}

/// Asks for the mail and returns the link in it.
async fn link(app: &TestApp, browser: &Browser<'_>) -> String {
    let page = asking(app, browser).await;
    let sent = browser.submit(&page, &[("email", EMAIL)]).await;
    assert_eq!(sent.screen(), "reset-password-email");
    app.message().await.content.link.expect("a link")
}

async fn choose(browser: &Browser<'_>, page: &Page, password: &str) -> Page {
    let fields = [("password-reset", password), ("re-enter-password", password)];
    browser.submit(page, &fields).await
}

async fn the_link_sets_a_new_password(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = asking(&app, &browser).await;
    assert_eq!(page.screen(), "reset-password-request");
    assert!(page.reply.body.contains("value=\"user@example.com\""), "what was typed before");
    let sent = browser.submit(&page, &[("email", EMAIL)]).await;
    assert_eq!(sent.screen(), "reset-password-email");
    let message = app.message().await;
    assert_eq!(message.to, EMAIL);
    let link = message.content.link.expect("a link");
    assert!(link.starts_with("https://acme.example/u/reset-verify?ticket="), "{link}");
    assert_text!(message.content.text.replace(&link, "[link]"), @r#"
    Somebody asked for a new password for your account at The acme tenant. If it was you, choose one here:

    [link]

    If it was not you, there is nothing to do.
    "#);
    let elsewhere = app.browser();
    let page = elsewhere.open(&link).await;
    assert_eq!(
        (page.url.path(), page.screen().as_str()),
        ("/u/reset-password/change", "reset-password")
    );
    let done = choose(&elsewhere, &page, NEW).await;
    assert_eq!(
        (done.reply.status.as_u16(), done.screen().as_str()),
        (200, "reset-password-success")
    );
    assert_eq!(app.message().await.content.subject, "Your password was changed – The acme tenant");
    let page = browser.authorize(&app.authorize("openid")).await;
    let page = browser.log_in(&page, EMAIL, PASSWORD).await;
    assert_eq!(page.errors(), ["password:wrong-email-credentials"]);
    let _ = browser.submit(&page, &[("password", NEW)]).await.code();
}

async fn a_link_works_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = browser.open(&link(&app, &browser).await).await;
    assert_eq!(choose(&browser, &page, NEW).await.reply.status, 200);
    let again = choose(&browser, &page, "Another-secret-9").await;
    assert_eq!((again.reply.status.as_u16(), again.screen().as_str()), (400, "status"));
    assert_eq!(browser.open(page.url.as_str()).await.reply.status, 400);
    let _changed = app.message().await;
}

async fn looking_does_not_use_it_up(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let link = link(&app, &browser).await;
    for _ in 0..3 {
        assert_eq!(browser.open(&link).await.screen(), "reset-password");
    }
}

async fn only_the_newest_link_works(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let old = link(&app, &browser).await;
    let new = link(&app, &browser).await;
    assert_eq!(browser.open(&old).await.reply.status, 400);
    assert_eq!(browser.open(&new).await.screen(), "reset-password");
}

async fn a_link_lives_five_days(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let link = link(&app, &browser).await;
    app.clock().advance(432_000 - 1);
    let page = browser.open(&link).await;
    assert_eq!(page.screen(), "reset-password");
    app.clock().advance(1);
    assert_eq!(browser.open(&link).await.reply.status, 400);
    assert_eq!(choose(&browser, &page, NEW).await.reply.status, 400);
}

async fn sessions_end_and_offline_access_stays(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let online = app.sign_in_as(EMAIL, SPA, "read:me:factors").await;
    let browser = app.browser();
    let page = browser.open(&link(&app, &browser).await).await;
    let _ = choose(&browser, &page, NEW).await.reply.expect(200);
    let _changed = app.message().await;
    let silent = app.authorize("openid").with("prompt", "none");
    assert_eq!(user.browser.authorize(&silent).await.error().0, "login_required");
    let _ = online.get("/factors").await.expect(401);
    let _ = app.refresh(SPA, &user.tokens.refresh).await.expect(200);
}

async fn offline_access_ends_where_the_tenant_says_so(database: TestDatabase) {
    let strict = |tenant: &mut Configuration| {
        tenant.tenant.settings.revoke_refresh_tokens_on_password_change = true;
    };
    let app = TestApp::build(database).await.configure(strict).start().await;
    let user = app.sign_in().await;
    let browser = app.browser();
    let page = browser.open(&link(&app, &browser).await).await;
    let _ = choose(&browser, &page, NEW).await.reply.expect(200);
    let _changed = app.message().await;
    let _ = app.refresh(SPA, &user.tokens.refresh).await.expect(403);
}

async fn the_new_password_must_be_right(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = browser.open(&link(&app, &browser).await).await;
    let differing = [("password-reset", NEW), ("re-enter-password", "Battery-staple-9")];
    let again = browser.submit(&page, &differing).await;
    assert_eq!(again.errors(), ["re-enter-password:password-mismatch"]);
    let again = choose(&browser, &page, "").await;
    assert_eq!(again.errors(), ["password-reset:no-password-reset"]);
    for weak in ["short", PASSWORD, "Password1"] {
        let again = choose(&browser, &page, weak).await;
        assert_eq!(again.reply.status, 400, "{weak}");
        assert!(again.errors()[0].starts_with("password-reset:password-too-weak"), "{weak}");
    }
    assert_eq!(choose(&browser, &page, NEW).await.reply.status, 200);
    let _changed = app.message().await;
}

async fn nobody_learns_who_has_an_account(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let mut seen = Vec::new();
    for address in [EMAIL, "nobody@example.com"] {
        let browser = app.browser();
        let page = asking(&app, &browser).await;
        let sent = browser.submit(&page, &[("email", address)]).await;
        let mut text = sent.reply.body.replace(address, "[address]");
        for (_, value) in sent.form().hidden {
            text = text.replace(&value, "[hidden]");
        }
        seen.push((sent.reply.status, text));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(app.message().await.to, EMAIL, "nobody else gets mail");
}

async fn mails_are_not_sent_without_end(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = asking(&app, &browser).await;
    for _ in 0..10 {
        assert_eq!(browser.submit(&page, &[("email", EMAIL)]).await.reply.status, 200);
    }
    assert_eq!(browser.submit(&page, &[("email", EMAIL)]).await.reply.status, 429);
    assert_eq!(app.messages().await.len(), 10);
    app.clock().advance(60);
    assert_eq!(browser.submit(&page, &[("email", EMAIL)]).await.reply.status, 200);
    let _one_more = app.message().await;
}

async fn a_link_shows_that_the_address_is_theirs(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let link = link(&app, &browser).await;
    app.sql(
        "UPDATE users SET profile = REPLACE(profile, '\"email\":\"user@', '\"email\":\"moved@')",
    )
    .await;
    assert_eq!(browser.open(&link).await.reply.status, 400, "the old mailbox has no say any more");
}

async fn forged_forms_send_no_mail(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = asking(&app, &browser).await;
    for csrf in ["", "forged"] {
        let refused = browser.submit(&page, &[("email", EMAIL), ("_csrf", csrf)]).await;
        assert_eq!(refused.reply.status, 400);
    }
    let thief = app.browser();
    assert_eq!(thief.submit(&page, &[("email", EMAIL)]).await.reply.status, 400);
}

on_both_engines! {
    the_link_sets_a_new_password,
    a_link_works_once,
    looking_does_not_use_it_up,
    only_the_newest_link_works,
    a_link_lives_five_days,
    sessions_end_and_offline_access_stays,
    offline_access_ends_where_the_tenant_says_so,
    the_new_password_must_be_right,
    nobody_learns_who_has_an_account,
    mails_are_not_sent_without_end,
    a_link_shows_that_the_address_is_theirs,
    forged_forms_send_no_mail,
}
