//! Secrets stay where they belong: with whoever they were given to.

use housekey_core::guardian::{Question, ask, spend};
use housekey_core::id::{MethodId, UserId};
use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::app::PASSWORD;
use housekey_testkit::device::{Device, Scanned};
use housekey_testkit::seed::{HOST, SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase, authenticator, tracing_output};
use serde_json::json;

const NEW_PASSWORD: &str = "Battery-staple-8";
const WRONG_PASSWORD: &str = "Mistyped-secret-3";

/// Everything that is secret in a life with every operation, by name.
async fn live(app: &TestApp) -> Vec<(&'static str, String)> {
    app.person(EMAIL).await;
    let browser = app.browser();
    let request =
        app.authorize(&format!("openid offline_access {}", housekey_testkit::application::ME));
    let page = browser.authorize(&request).await;
    let mut secrets = vec![("state", page.param("state").expect("a transaction"))];
    let page = browser.log_in(&page, EMAIL, WRONG_PASSWORD).await;
    let token = page.form().hidden.into_iter().find(|(name, _)| name == "_csrf");
    secrets.push(("form token", token.expect("forms have one").1));
    let code = browser.submit(&page, &[("password", PASSWORD)]).await.code();
    let _ = app.exchange(&request, &code).await.expect(200);
    let _ = app.exchange(&request, &code).await.expect(403);
    secrets.push(("code", code));
    secrets.push(("verifier", request.verifier().to_owned()));
    for name in ["auth0", "housekey_tx"] {
        secrets.push((name, browser.cookie(HOST, name).await.expect("a cookie")));
    }
    let user = app.sign_in_as(EMAIL, SPA, request.get("scope").expect("sent")).await;
    secrets.extend(tokens(app, &user).await);
    secrets.extend(enrolments(app, &user).await);
    secrets.extend(device(app, &user).await);
    secrets.push(("reset ticket", reset(app).await));
    secrets.push(("client secret", app.secret_of(WEB).await));
    for (name, password) in
        [("password", PASSWORD), ("new password", NEW_PASSWORD), ("wrong password", WRONG_PASSWORD)]
    {
        secrets.push((name, password.to_owned()));
    }
    secrets
}

async fn tokens(app: &TestApp, user: &Actor<'_>) -> Vec<(&'static str, String)> {
    let other = app.sign_in_as(EMAIL, SPA, "offline_access").await.tokens.refresh;
    let next = app.refresh(SPA, &other).await.expect(200).text("/refresh_token");
    let _ = app.refresh(SPA, &other).await.expect(403);
    let _ = app.get("/me/v1/factors").bearer(&user.tokens.id).send().await.expect(401);
    vec![
        ("access token", user.tokens.access.clone()),
        ("ID token", user.tokens.id.clone()),
        ("refresh token", user.tokens.refresh[24..].to_owned()),
        ("reused refresh token", other),
        ("its successor", next),
    ]
}

async fn enrolments(app: &TestApp, user: &Actor<'_>) -> Vec<(&'static str, String)> {
    let totp = user.enroll(&json!({ "type": "totp" })).await.expect(202);
    let secret = totp.text("/manual_input_code");
    let session = totp.text("/auth_session");
    for code in
        [authenticator::wrong_code(&secret, app.now()), authenticator::code(&secret, app.now())]
    {
        let proof = json!({ "auth_session": session, "otp_code": code });
        let _ = user.verify(&totp.text("/id"), &proof).await;
    }
    let recovery = user.enroll(&json!({ "type": "recovery-code" })).await.expect(202);
    let password = user.enroll(&json!({ "type": "password" })).await.expect(202);
    let new =
        json!({ "auth_session": password.text("/auth_session"), "new_password": NEW_PASSWORD });
    let _ = user.verify("password|new", &new).await.expect(201);
    let _ = user.verify("password|new", &new).await.expect(409);
    vec![
        ("authenticator's secret", secret),
        ("auth_session", session),
        ("recovery code", recovery.text("/recovery_code")),
        ("password's auth_session", password.text("/auth_session")),
    ]
}

/// A device enrols, is asked, and approves.
async fn device(app: &TestApp, user: &Actor<'_>) -> Vec<(&'static str, String)> {
    let begun = user.enroll(&json!({ "type": "push-notification" })).await.expect(202);
    let uri = begun.text("/barcode_uri");
    let scanned = Scanned::read(&uri);
    let device = Device::enroll(app, &uri).await;
    let question = Question {
        user_id: UserId::from_raw(&device.user_id),
        device_id: MethodId::from_raw(&device.id),
        details: None,
    };
    let call = app.call().await;
    let handle = ask(app.core(), &call, question).await.expect("asked");
    let message = app.messages().await.pop().expect("a push message");
    let push = message.content.data.expect("it carries something");
    let _ = device.answer(&push, true).await.expect(204);
    spend(app.core(), &call, &handle).await.expect("the database answers").expect("approved");
    let text = |name: &str| push[name].as_str().expect("a text").to_owned();
    vec![
        ("ticket", scanned.ticket),
        ("device's secret", scanned.secret),
        ("device's token", device.token.clone()),
        ("device's address", "fcm-token-1".to_owned()),
        ("transaction token", text("txtkn")),
        ("challenge", text("c")),
        ("asker's handle", handle.expose().to_owned()),
    ]
}

/// Asks for a reset mail and returns the ticket in it.
async fn reset(app: &TestApp) -> String {
    let _earlier = app.messages().await;
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let page = browser.submit(&page, &[("username", EMAIL)]).await;
    let page = browser.open(&page.link("password-reset-start")).await;
    let _ = browser.submit(&page, &[("email", EMAIL)]).await.reply.expect(200);
    let link = app.message().await.content.link.expect("a link");
    let _ = browser.open(&link).await.reply.expect(200);
    link.split("ticket=").nth(1).expect("a ticket").to_owned()
}

async fn nothing_secret_is_logged(database: TestDatabase) {
    tracing_output::record();
    let app = TestApp::build(database).await.push().start().await;
    let secrets = live(&app).await;
    let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
    let events = tx.log_events(1000).await.expect("the database answers");
    drop(tx);
    assert!(events.len() > 20, "much happened: {}", events.len());
    let events = format!("{events:?}");
    let written = tracing_output::written();
    assert!(written.contains("/oauth/token"), "requests are logged");
    for (name, secret) in secrets {
        assert!(!events.contains(&secret), "{name} in a log event");
        assert!(!written.contains(&secret), "{name} in the server's log");
    }
}

/// SQLite's file shows what a stolen database would: every table, every index.
async fn nothing_secret_is_stored_readably(database: TestDatabase) {
    let app = TestApp::build(database).await.push().start().await;
    let secrets = live(&app).await;
    let Some(file) = app.database().url().strip_prefix("sqlite://").map(ToOwned::to_owned) else {
        return;
    };
    let mut bytes = std::fs::read(&file).expect("the file is readable");
    bytes.extend(std::fs::read(format!("{file}-wal")).unwrap_or_default());
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(EMAIL), "it is the right file");
    for (name, secret) in secrets {
        assert!(!holds(&secret), "{name} in the database");
    }
}

on_both_engines! {
    nothing_secret_is_logged,
    nothing_secret_is_stored_readably,
}
