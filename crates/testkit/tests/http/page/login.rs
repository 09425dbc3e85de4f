//! `/u/login…`: identifier and password.

use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::{TestApp, TestDatabase};

async fn identifier_first_then_password(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    assert_eq!(page.url.path(), "/u/login/identifier");
    assert_eq!(page.screen(), "login-id");
    let page = browser.submit(&page, &[("username", " User@Example.COM ")]).await;
    assert_eq!(page.url.path(), "/u/login/password");
    assert!(page.reply.body.contains("User@Example.COM"), "the identifier is echoed");
    let page = browser.submit(&page, &[("password", PASSWORD), ("action", "default")]).await;
    let _ = page.code();
}

async fn both_on_one_page(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.identifier_first = false)
        .start()
        .await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    assert_eq!((page.url.path(), page.screen().as_str()), ("/u/login", "login"));
    let page = browser.submit(&page, &[("username", ""), ("password", "")]).await;
    assert_eq!(page.errors(), ["username:no-identifier", "password:no-password"]);
    let page = browser.submit(&page, &[("username", EMAIL), ("password", "wrong")]).await;
    assert_eq!(page.errors(), ["password:wrong-email-credentials"]);
    assert!(page.reply.body.contains("value=\"user@example.com\""), "what was typed stays");
    let _ = browser.submit(&page, &[("username", EMAIL), ("password", PASSWORD)]).await.code();
}

async fn what_is_missing_is_asked_for_again(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    for nothing in ["", "   ", &"x".repeat(321)] {
        let again = browser.submit(&page, &[("username", nothing)]).await;
        assert_eq!(again.reply.status, 400);
        assert_eq!(again.errors(), ["username:no-identifier"]);
    }
    let page = browser.submit(&page, &[("username", EMAIL)]).await;
    let again = browser.submit(&page, &[("password", "")]).await;
    assert_eq!(
        (again.reply.status.as_u16(), again.errors()),
        (400, vec!["password:no-password".to_owned()])
    );
}

/// Every step answers the same whether or not somebody has that name.
async fn nobody_learns_who_has_an_account(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let mut seen = Vec::new();
    for name in [EMAIL, "nobody@example.com"] {
        let browser = app.browser();
        let first = browser.authorize(&app.authorize("openid")).await;
        let second = browser.submit(&first, &[("username", name)]).await;
        let third = browser.submit(&second, &[("password", "wrong")]).await;
        let neutral = |page: &housekey_testkit::browser::Page| {
            let mut text = page.reply.body.replace(name, "[name]");
            for (_, value) in page.form().hidden {
                text = text.replace(&value, "[hidden]");
            }
            (page.reply.status, text)
        };
        seen.push((second.url.path().to_owned(), neutral(&second), neutral(&third)));
    }
    assert_eq!(seen[0], seen[1]);
}

async fn strange_names_are_just_wrong(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for name in ["a@b", "x' OR 1=1", "<script>alert(1)</script>", "\u{202e}", "@", "ü@example.com"]
    {
        let browser = app.browser();
        let page = browser.authorize(&app.authorize("openid")).await;
        let page = browser.submit(&page, &[("username", name)]).await;
        assert!(!page.reply.body.contains("<script>alert"), "{name}");
        let page = browser.submit(&page, &[("password", "wrong")]).await;
        assert!(page.errors()[0].starts_with("password:wrong-"), "{name}: {:?}", page.errors());
    }
}

async fn ten_wrong_passwords_are_enough_until_later(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let page = browser.submit(&page, &[("username", EMAIL)]).await;
    for _ in 0..10 {
        let wrong = browser.submit(&page, &[("password", "wrong")]).await;
        assert_eq!(wrong.errors(), ["password:wrong-email-credentials"]);
    }
    assert_eq!(app.message().await.to, EMAIL, "the owner is told");
    let refused = browser.submit(&page, &[("password", PASSWORD)]).await;
    assert_eq!(refused.errors(), ["password:too-many-failures"]);
    let elsewhere = app.browser().at("198.51.100.9");
    let _ = elsewhere.authorize_as(&app.authorize("openid"), EMAIL).await.code();
    app.clock().advance(360);
    let _ = browser.submit(&page, &[("password", PASSWORD)]).await.code();
}

async fn blocked_people_are_told_the_application(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    app.sql("UPDATE users SET blocked = 1").await;
    let page = app.browser().authorize_as(&app.authorize("openid"), EMAIL).await;
    assert_eq!(page.error(), ("unauthorized".to_owned(), "user is blocked".to_owned()));
}

async fn a_blocked_persons_session_is_worth_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    app.sql("UPDATE users SET blocked = 1").await;
    let page = user.browser.authorize(&app.authorize("openid").with("prompt", "none")).await;
    assert_eq!(page.error().0, "unauthorized");
    app.sql("UPDATE users SET blocked = 0").await;
    let page = user.browser.authorize(&app.authorize("openid").with("prompt", "none")).await;
    assert_eq!(page.error().0, "login_required", "the session is gone");
}

async fn a_transaction_lives_an_hour(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    app.clock().advance(3599);
    let _ = browser.submit(&page, &[("username", EMAIL)]).await.reply.expect(200);
    app.clock().advance(1);
    let late = browser.submit(&page, &[("username", EMAIL)]).await;
    assert_eq!(late.reply.status, 400);
    assert!(late.reply.body.contains("transaction-not-found"), "{}", late.reply.body);
}

async fn pages_out_of_turn_lead_to_the_right_one(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let state = page.param("state").expect("a transaction");
    for path in ["/u/login/password", "/u/consent", "/u/confirmation", "/u/signup/password"] {
        let there = browser.open(&format!("{path}?state={state}")).await;
        assert_eq!(there.screen(), "login-id", "{path}");
    }
    let resumed = browser.open(&format!("/authorize/resume?state={state}")).await;
    assert_eq!(resumed.screen(), "login-id");
}

async fn a_finished_transaction_is_over(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let first = browser.authorize(&app.authorize("openid")).await;
    let _ = browser.log_in(&first, EMAIL, PASSWORD).await.code();
    let again = browser.submit(&first, &[("username", EMAIL)]).await;
    assert_eq!(again.reply.status, 400);
    let state = first.param("state").expect("a transaction");
    let resumed = browser.open(&format!("/authorize/resume?state={state}")).await;
    assert_eq!(resumed.reply.status, 400);
}

on_both_engines! {
    identifier_first_then_password,
    both_on_one_page,
    what_is_missing_is_asked_for_again,
    nobody_learns_who_has_an_account,
    strange_names_are_just_wrong,
    ten_wrong_passwords_are_enough_until_later,
    blocked_people_are_told_the_application,
    a_blocked_persons_session_is_worth_nothing,
    a_transaction_lives_an_hour,
    pages_out_of_turn_lead_to_the_right_one,
    a_finished_transaction_is_over,
}
