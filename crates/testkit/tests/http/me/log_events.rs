//! What the tenant's log says about My Account operations (contract 01 §10).

use housekey_core::log::LogEvent;
use housekey_testkit::actor::{EMAIL, method_path};
use housekey_testkit::authenticator::{code, wrong_code};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::begin;

/// The tenant's events from the `from`th on, oldest first.
async fn events(app: &TestApp, from: usize) -> Vec<LogEvent> {
    let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
    let mut events = tx.log_events(1000).await.expect("the database answers");
    events.reverse();
    events.split_off(from)
}

/// Kind, operation and status of an event.
fn line(event: &LogEvent) -> String {
    let kind = event.kind.code().trim_start_matches("my_account_authentication_method_");
    let operation = event.details.get("operation").and_then(Value::as_str).unwrap_or("-");
    let status = event.details.get("error").map(|error| error["status"].to_string());
    format!("{kind} {operation} {}", status.unwrap_or_default()).trim().to_owned()
}

async fn each_change_and_each_refusal(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let before = events(&app, 0).await.len();
    let begun = begin(&user, "totp").await;
    let path = method_path(&begun.id);
    let wrong = begun.proof(&wrong_code(begun.secret(), app.now()));
    let _ = user.verify(&begun.id, &wrong).await.expect(403);
    let right = begun.proof(&code(begun.secret(), app.now()));
    let _ = user.verify(&begun.id, &right).await.expect(201);
    let _ = user.verify(&begun.id, &right).await.expect(409);
    let _ = user.patch(&path, &json!({ "name": "Phone" })).await.expect(200);
    let _ = user.patch(&path, &json!({ "name": "" })).await.expect(400);
    let _ = user.delete(&path).await.expect(204);
    let _ = user.delete(&path).await.expect(404);
    let _ = user.enroll(&json!({ "type": "sms" })).await.expect(400);
    let _ = user.get("/authentication-methods?type=x").await.expect(400);
    let events = events(&app, before).await;
    let lines: Vec<_> = events.iter().map(line).collect();
    assert_text!(lines.join("\n"), @r#"
    gd_start_enroll -
    succeeded enroll
    failed verify 403
    gd_enrollment_complete -
    succeeded verify
    failed verify 409
    succeeded update
    failed update 400
    gd_unenroll -
    succeeded delete
    failed delete 404
    failed enroll 400
    "#);
    for event in &events {
        assert_eq!(event.user_name.as_deref(), Some(EMAIL));
        assert_eq!(event.client_id.as_deref(), Some("spa"));
        assert_eq!((event.ip.as_str(), event.user_agent.as_str()), ("203.0.113.7", "Test/1.0"));
        assert_eq!((event.hostname.as_str(), event.date), ("acme.example", app.now()));
    }
    assert_eq!(app.messages().await.len(), 3, "added, renamed, removed");
}

async fn signing_in_and_failing_to(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let page = browser.log_in(&page, EMAIL, "wrong").await;
    let _ = browser.submit(&page, &[("password", housekey_testkit::app::PASSWORD)]).await.code();
    let _ = browser.authorize(&app.authorize("openid").with("prompt", "none")).await.code();
    let elsewhere = app.browser();
    let page = elsewhere.authorize(&app.authorize("openid")).await;
    let _ = elsewhere.log_in(&page, "nobody@example.com", "wrong").await;
    let _ = elsewhere.authorize(&app.authorize("openid").with("prompt", "none")).await;
    let _ = browser.open("/v2/logout").await;
    let kinds: Vec<_> = events(&app, 0).await.iter().map(|event| event.kind.code()).collect();
    assert_eq!(kinds, ["fp", "s", "ssa", "fu", "fsa", "slo"]);
}

on_both_engines! {
    each_change_and_each_refusal,
    signing_in_and_failing_to,
}
