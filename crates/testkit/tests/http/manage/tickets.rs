//! `/api/v2/tickets` (contract 05 §16).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::users::path;
use super::{Machine, refusal};

const NEW: &str = "Another-horse-8";

/// Somebody whose address nobody has verified.
async fn somebody(machine: &Machine<'_>) -> String {
    let body = json!({
        "connection": "Username-Password-Authentication", "email": EMAIL, "password": PASSWORD,
        "verify_email": false,
    });
    machine.post("users", &body).await.expect(201).text("/user_id")
}

async fn is_verified(machine: &Machine<'_>, id: &str) -> Value {
    machine.get(&path(id)).await.expect(200).json()["email_verified"].clone()
}

async fn link(machine: &Machine<'_>, kind: &str, body: &Value) -> String {
    machine.post(&format!("tickets/{kind}"), body).await.expect(201).text("/ticket")
}

async fn a_link_verifies(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let id = somebody(&machine).await;
    let body = json!({ "user_id": id, "ttl_sec": 60 });
    let old = link(&machine, "email-verification", &body).await;
    let start = "https://acme.example/u/email-verification?ticket=";
    assert!(old.starts_with(start) && old.ends_with('#'), "{old}");
    app.clock().advance(60);
    assert_eq!(app.browser().open(&old).await.reply.status, 400);
    let body = json!({
        "user_id": id, "result_url": "https://app.example/done?x=1", "includeEmailInRedirect": true,
        "identity": { "provider": "auth0", "user_id": id.replace("auth0|", "") },
    });
    let link = link(&machine, "email-verification", &body).await;
    let page = app.browser().open(&link).await;
    assert!(page.left);
    assert_eq!(
        page.url.as_str().split_once("&message=").map(|(url, _)| url),
        Some("https://app.example/done?x=1&email=user%40example.com&success=true&code=success")
    );
    assert_eq!(is_verified(&machine, &id).await, true);
    assert_eq!(app.browser().open(&link).await.reply.status, 400, "once");
}

async fn a_link_sets_a_password(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.ignore_messages().await;
    let machine = Machine::new(&app).await;
    let id = somebody(&machine).await;
    let body = json!({ "user_id": id, "result_url": "https://app.example/done" });
    let change = link(&machine, "password-change", &body).await;
    let browser = app.browser();
    let page = browser.open(&change).await;
    let fields = [("password-reset", NEW), ("re-enter-password", NEW)];
    let done = browser.submit(&page, &fields).await;
    assert!(done.left && done.url.as_str().starts_with("https://app.example/done?success=true"));
    assert_eq!(is_verified(&machine, &id).await, false, "who has the link may not have the mail");
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    assert!(browser.log_in(&page, EMAIL, NEW).await.left);
    let connections = machine.get("connections?name=Username-Password-Authentication").await.json();
    let body = json!({
        "connection_id": connections[0]["id"], "email": EMAIL, "mark_email_as_verified": true,
    });
    let change = link(&machine, "password-change", &body).await;
    let page = browser.open(&change).await;
    let third = "Third-horse-9";
    let fields = [("password-reset", third), ("re-enter-password", third)];
    assert_eq!(browser.submit(&page, &fields).await.reply.status, 200);
    assert_eq!(is_verified(&machine, &id).await, true);
}

async fn what_cannot_be_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let id = somebody(&machine).await;
    for (kind, body, code) in [
        ("email-verification", json!({}), "invalid_body"),
        ("email-verification", json!({ "user_id": "auth0|nobody" }), "inexistent_user"),
        ("email-verification", json!({ "user_id": id, "client_id": "x" }), "inexistent_client"),
        (
            "email-verification",
            json!({ "user_id": id, "result_url": "javascript:1" }),
            "invalid_body",
        ),
        ("email-verification", json!({ "user_id": id, "ttl_sec": -1 }), "invalid_body"),
        (
            "email-verification",
            json!({ "user_id": id, "organization_id": "org_1" }),
            "operation_not_supported",
        ),
        (
            "email-verification",
            json!({ "user_id": id, "identity": { "provider": "auth0", "user_id": "x" } }),
            "invalid_body",
        ),
        ("password-change", json!({}), "invalid_body"),
        ("password-change", json!({ "email": EMAIL }), "invalid_body"),
        (
            "password-change",
            json!({ "email": EMAIL, "connection_id": "con_x" }),
            "inexistent_connection",
        ),
        (
            "password-change",
            json!({ "user_id": id, "client_id": SPA, "result_url": "https://x.example/" }),
            "invalid_body",
        ),
    ] {
        let refused = machine.post(&format!("tickets/{kind}"), &body).await;
        assert_eq!(refusal(&refused).1, code, "{kind} {body}: {}", refused.body);
    }
    let number = json!({ "email": null, "phone_number": "+4930123456" });
    let _ = machine.patch(&path(&id), &number).await.expect(200);
    let refused = machine.post("tickets/email-verification", &json!({ "user_id": id })).await;
    assert_eq!(refusal(&refused).0, 400);
}

on_both_engines! {
    a_link_verifies,
    a_link_sets_a_password,
    what_cannot_be_is_refused,
}
