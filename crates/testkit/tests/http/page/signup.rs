//! `/u/signup…`: new accounts.

use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::jwt;
use housekey_testkit::{TestApp, TestDatabase};

async fn opened(app: &TestApp, browser: &Browser<'_>) -> Page {
    browser.authorize(&app.authorize("openid email").with("screen_hint", "signup")).await
}

async fn somebody_new_signs_up_and_is_signed_in(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let browser = app.browser();
    let request = app.authorize("openid email").with("screen_hint", "signup");
    let page = browser.authorize(&request).await;
    assert_eq!((page.url.path(), page.screen().as_str()), ("/u/signup/identifier", "signup-id"));
    let page = browser.submit(&page, &[("email", "new@example.com")]).await;
    assert_eq!(page.url.path(), "/u/signup/password");
    let page = browser.submit(&page, &[("password", PASSWORD)]).await;
    let reply = app.exchange(&request, &page.code()).await.expect(200);
    let id = jwt::claims(&reply.text("/id_token"));
    assert_eq!((&id["email"], &id["email_verified"]), (&"new@example.com".into(), &false.into()));
    let message = app.message().await;
    assert_eq!(message.to, "new@example.com");
    let link = message.content.link.expect("a link");
    assert!(link.starts_with("https://acme.example/u/email-verification?ticket="), "{link}");
    assert_text!(message.content.text.replace(&link, "[link]"), @r#"
    Please confirm that this mail address at The acme tenant is yours:

    [link]

    If it was not you, there is nothing to do.
    "#);
    let _ = app.browser().authorize_as(&app.authorize("openid"), "new@example.com").await.code();
}

async fn on_one_page(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| {
            tenant.tenant.settings.identifier_first = false;
            tenant.connections[0].options.requires_username = true;
        })
        .start()
        .await;
    let browser = app.browser();
    let page = opened(&app, &browser).await;
    assert_eq!(page.url.path(), "/u/signup");
    let fields = [("email", "new@example.com"), ("password", PASSWORD)];
    let page = browser.submit(&page, &fields).await;
    assert_eq!(page.errors(), ["username:no-username"]);
    let with_name = [fields[0], fields[1], ("username", "newcomer")];
    let _ = browser.submit(&page, &with_name).await.code();
    let _verification = app.message().await;
    let login = app.browser();
    let page = login.authorize(&app.authorize("openid")).await;
    let fields = [("username", "NewComer"), ("password", PASSWORD)];
    let _ = login.submit(&page, &fields).await.code();
}

async fn input_must_be_right(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let browser = app.browser();
    let page = opened(&app, &browser).await;
    for (email, error) in [
        ("", "email:no-email"),
        ("nobody", "email:invalid-email-format"),
        ("a b@example.com", "email:invalid-email-format"),
        (&format!("{}@example.com", "x".repeat(320)), "email:invalid-email-format"),
    ] {
        let again = browser.submit(&page, &[("email", email)]).await;
        assert_eq!((again.reply.status.as_u16(), again.errors()), (400, vec![error.to_owned()]));
    }
    let page = browser.submit(&page, &[("email", "new@example.com")]).await;
    let again = browser.submit(&page, &[("password", "")]).await;
    assert_eq!(again.errors(), ["password:no-password"]);
    for weak in ["short", "password1", "New@example.com1", &"Long-secret-7".repeat(8)] {
        let again = browser.submit(&page, &[("password", weak)]).await;
        assert!(again.errors()[0].starts_with("password:password-too-weak"), "{weak}");
        assert!(!again.reply.body.contains(&format!("value=\"{weak}\"")), "never sent back");
    }
}

/// Both people get a mail, so that neither the page nor silence tells who has an account.
async fn an_address_that_is_taken(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = opened(&app, &browser).await;
    let page = browser.submit(&page, &[("email", "USER@example.com")]).await;
    assert_eq!(page.screen(), "signup-password", "the address alone tells nothing");
    let page = browser.submit(&page, &[("password", "Another-secret-9")]).await;
    assert_eq!(page.errors(), [":user-exists"]);
    let message = app.message().await;
    assert_eq!(message.to, EMAIL);
    assert_text!(message.content.subject, @"You already have an account – The acme tenant");
    let _ = app.browser().authorize_as(&app.authorize("openid"), EMAIL).await.code();
}

async fn where_nobody_can_sign_up(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.connections[0].options.disable_signup = true)
        .start()
        .await;
    let browser = app.browser();
    let login = browser.authorize(&app.authorize("openid")).await;
    assert!(!login.reply.body.contains("/u/signup"), "no link");
    let instead = opened(&app, &browser).await;
    assert_eq!(instead.screen(), "login-id");
    // Whoever goes there by hand is told.
    let page = browser.open(&instead.url.as_str().replace("/u/login/", "/u/signup/")).await;
    let page = browser.submit(&page, &[("email", "new@example.com")]).await;
    assert_eq!(page.errors(), [":signup-disabled"]);
}

async fn back_and_forth_between_login_and_signup(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let login = browser.authorize(&app.authorize("openid")).await;
    let signup = browser.open(&login.link("/u/signup")).await;
    assert_eq!(signup.screen(), "signup-id");
    let login = browser.open(&signup.link("/u/login")).await;
    let _ = browser.log_in(&login, EMAIL, PASSWORD).await.code();
}

on_both_engines! {
    somebody_new_signs_up_and_is_signed_in,
    on_one_page,
    input_must_be_right,
    an_address_that_is_taken,
    where_nobody_can_sign_up,
    back_and_forth_between_login_and_signup,
}
