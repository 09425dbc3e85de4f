//! `/api/v2/attack-protection` and `/api/v2/anomaly` (contract 05 §17), and what they do.

use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, refusal};

const BRUTE_FORCE: &str = "attack-protection/brute-force-protection";
const SUSPICIOUS_IP: &str = "attack-protection/suspicious-ip-throttling";

async fn change(machine: &Machine<'_>, path: &str, body: &Value) -> Value {
    let changed = machine.patch(path, body).await.expect(200).json();
    assert_eq!(machine.get(path).await.expect(200).json(), changed);
    changed
}

/// The page that asks for somebody's password.
async fn password_page(app: &TestApp, browser: &Browser<'_>, name: &str) -> Page {
    let page = browser.authorize(&app.authorize("openid")).await;
    browser.submit(&page, &[("username", name)]).await
}

async fn guess(browser: &Browser<'_>, page: &Page, times: u32) -> Vec<String> {
    let mut errors = Vec::new();
    for _ in 0..times {
        errors = browser.submit(page, &[("password", "wrong")]).await.errors();
    }
    errors
}

const WRONG: &str = "password:wrong-email-credentials";
const TOO_OFTEN: &str = "password:too-many-failures";

async fn defaults_and_changes_are_told(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let brute_force = machine.get(BRUTE_FORCE).await.expect(200).json();
    let expected = json!({
        "enabled": true, "shields": ["block", "user_notification"], "allowlist": [],
        "mode": "count_per_identifier_and_ip", "max_attempts": 10,
    });
    assert_eq!(brute_force, expected);
    let suspicious = machine.get(SUSPICIOUS_IP).await.expect(200).json();
    assert_eq!(suspicious["stage"]["pre-login"], json!({ "max_attempts": 100, "rate": 864_000 }));
    assert_eq!(
        suspicious["stage"]["pre-user-registration"],
        json!({ "max_attempts": 50, "rate": 1200 })
    );
    let changed = change(&machine, SUSPICIOUS_IP, &json!({
        "stage": { "pre-login": { "max_attempts": 5 } }, "shields": [], "allowlist": ["192.0.2.0/24"],
    }))
    .await;
    assert_eq!(changed["stage"]["pre-login"], json!({ "max_attempts": 5, "rate": 864_000 }));
    assert_eq!(
        changed["stage"]["pre-custom-token-exchange"],
        suspicious["stage"]["pre-custom-token-exchange"]
    );
    let reset = json!({ "stage": null, "shields": null, "allowlist": null });
    assert_eq!(change(&machine, SUSPICIOUS_IP, &reset).await, suspicious);
    for (path, body) in [
        (BRUTE_FORCE, json!({ "max_attempts": 0 })),
        (BRUTE_FORCE, json!({ "max_attempts": 101 })),
        (BRUTE_FORCE, json!({ "allowlist": ["nonsense"] })),
        (BRUTE_FORCE, json!({ "shields": ["admin_notification"] })),
        (BRUTE_FORCE, json!({ "mode": "x" })),
        (SUSPICIOUS_IP, json!({ "stage": { "pre-login": { "rate": 1 } } })),
    ] {
        assert_eq!(refusal(&machine.patch(path, &body).await).1, "invalid_body", "{body}");
    }
}

async fn fewer_attempts_are_enough_if_so_said(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let _ =
        change(&machine, BRUTE_FORCE, &json!({ "max_attempts": 3, "shields": ["block"] })).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = password_page(&app, &browser, EMAIL).await;
    assert_eq!(guess(&browser, &page, 3).await, [WRONG]);
    assert_eq!(guess(&browser, &page, 1).await, [TOO_OFTEN]);
    let right = browser.submit(&page, &[("password", PASSWORD)]).await;
    assert_eq!(right.errors(), [TOO_OFTEN]);
    let events = machine.get("logs?q=type:limit_wc").await.expect(200).json();
    assert_eq!(events.as_array().map(Vec::len), Some(1));
    assert_eq!(events[0]["user_name"], EMAIL);
    app.clock().advance(360);
    let _ = browser.submit(&page, &[("password", PASSWORD)]).await.code();
    // A right password makes up for all wrong ones.
    let browser = app.browser();
    let page = password_page(&app, &browser, EMAIL).await;
    assert_eq!(guess(&browser, &page, 3).await, [WRONG]);
}

async fn who_is_guessed_at_is_told_once_a_day(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = password_page(&app, &browser, EMAIL).await;
    assert_eq!(guess(&browser, &page, 9).await, [WRONG]);
    assert!(app.messages().await.is_empty());
    assert_eq!(guess(&browser, &page, 1).await, [WRONG]);
    let message = app.message().await;
    assert_eq!(message.to, EMAIL);
    assert!(message.content.text.contains("203.0.113.7"), "{}", message.content.text);
    app.clock().advance(360);
    assert_eq!(guess(&browser, &page, 1).await, [WRONG]);
    assert!(app.messages().await.is_empty(), "not twice");
}

async fn shields_modes_and_allowlists_hold(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    app.person(EMAIL).await;
    let three = |more: Value| {
        let mut body =
            json!({ "max_attempts": 3, "shields": ["block"], "allowlist": [], "enabled": true });
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().cloned().unwrap_or_default());
        body
    };
    for (body, name) in [
        (json!({ "shields": [] }), "a@example.com"),
        (json!({ "enabled": false }), "b@example.com"),
        (json!({ "allowlist": ["203.0.113.0/24"] }), "c@example.com"),
    ] {
        let _ = change(&machine, BRUTE_FORCE, &three(body)).await;
        let browser = app.browser();
        let page = password_page(&app, &browser, name).await;
        assert_eq!(guess(&browser, &page, 5).await, [WRONG], "{name}");
    }
    let _ = change(&machine, BRUTE_FORCE, &three(json!({ "mode": "count_per_identifier" }))).await;
    let browser = app.browser();
    let page = password_page(&app, &browser, EMAIL).await;
    assert_eq!(guess(&browser, &page, 3).await, [WRONG]);
    let elsewhere = app.browser().at("198.51.100.9");
    let page = password_page(&app, &elsewhere, EMAIL).await;
    assert_eq!(guess(&elsewhere, &page, 1).await, [TOO_OFTEN], "from anywhere");
}

async fn an_address_that_tries_many_is_stopped_and_let_go(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "stage": { "pre-login": { "max_attempts": 4, "rate": 864_000 } } });
    let _ = change(&machine, SUSPICIOUS_IP, &body).await;
    let block = "anomaly/blocks/ips/203.0.113.7";
    let browser = app.browser();
    for n in 0..4 {
        assert_eq!(machine.get(block).await.status, 404);
        let page = password_page(&app, &browser, &format!("person{n}@example.com")).await;
        assert_eq!(guess(&browser, &page, 1).await, [WRONG]);
    }
    let page = password_page(&app, &browser, "person9@example.com").await;
    assert_eq!(guess(&browser, &page, 1).await, [TOO_OFTEN]);
    let events = machine.get("logs?q=type:limit_mu").await.expect(200).json();
    assert_eq!(events.as_array().map(Vec::len), Some(1));
    let _ = machine.get(block).await.expect(200);
    assert_eq!(machine.get("anomaly/blocks/ips/198.51.100.9").await.status, 404);
    let _ = machine.delete(block).await.expect(204);
    assert_eq!(machine.get(block).await.status, 404);
    assert_eq!(guess(&browser, &page, 1).await, [WRONG]);
    let malformed = machine.get("anomaly/blocks/ips/x").await;
    assert_eq!(refusal(&malformed).1, "invalid_uri");
}

/// What one server counts, others know.
async fn counters_are_in_the_database(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let page = password_page(&app, &browser, EMAIL).await;
    assert_eq!(guess(&browser, &page, 10).await, [WRONG]);
    app.ignore_messages().await;
    let mut tx = app.core().read(&app.tenant_id()).await.expect("reads");
    let bucket = tx.bucket("wrong-passwords|user@example.com|203.0.113.7").await.expect("reads");
    assert_eq!(bucket.expect("stored").level, 0);
}

async fn what_is_not_built_is_kept(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    for (name, body) in [
        (
            "breached-password-detection",
            json!({ "enabled": true, "method": "enhanced", "shields": ["block"] }),
        ),
        ("bot-detection", json!({ "bot_detection_level": "high", "allowlist": ["192.0.2.1"] })),
        ("captcha", json!({ "active_provider_id": "simple_captcha", "simple_captcha": {} })),
    ] {
        let path = format!("attack-protection/{name}");
        let changed = change(&machine, &path, &body).await;
        for (member, value) in body.as_object().expect("an object") {
            assert_eq!(changed[member], *value, "{name}");
        }
        assert_eq!(refusal(&machine.patch(&path, &json!({ "x": 1 })).await).1, "invalid_body");
    }
    let phone = machine.request("PUT", "attack-protection/phone-provider-protection");
    let phone = phone.json(&json!({ "type": "default" })).send().await.expect(200);
    assert_eq!(phone.json(), json!({ "type": "default" }));
}

on_both_engines! {
    defaults_and_changes_are_told,
    fewer_attempts_are_enough_if_so_said,
    who_is_guessed_at_is_told_once_a_day,
    shields_modes_and_allowlists_hold,
    an_address_that_tries_many_is_stopped_and_let_go,
    counters_are_in_the_database,
    what_is_not_built_is_kept,
}
