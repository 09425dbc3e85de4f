//! `/api/v2/connections` (contract 05 §8).

use housekey_testkit::seed::{SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, expected, refusal};

async fn a_name_and_a_strategy_are_enough(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "name": "people", "strategy": "auth0" });
    let made = machine.post("connections", &body).await.expect(201);
    assert_shown!(made.seen(), { ".body.id" => "[id]" }, @r#"
    {
      "body": {
        "authentication": {
          "active": true
        },
        "connected_accounts": {
          "active": false
        },
        "enabled_clients": [],
        "id": "[id]",
        "is_domain_connection": false,
        "name": "people",
        "options": {
          "authentication_methods": {
            "passkey": {
              "enabled": false
            },
            "password": {
              "api_behavior": "required",
              "enabled": true,
              "signup_behavior": "allow"
            }
          },
          "brute_force_protection": true,
          "mfa": {
            "active": true,
            "return_enroll_settings": true
          },
          "passkey_options": {
            "challenge_ui": "both",
            "local_enrollment_enabled": true,
            "progressive_enrollment_enabled": true
          },
          "passwordPolicy": "good",
          "strategy_version": 2
        },
        "realms": [
          "people"
        ],
        "strategy": "auth0"
      },
      "status": 201,
      "x-ratelimit-limit": "50"
    }
    "#);
}

async fn a_connection_lives_and_dies(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "name": "people", "strategy": "auth0" });
    let made = machine.post("connections", &body).await.expect(201);
    let path = format!("connections/{}", made.text("/id"));
    assert_eq!(machine.get(&path).await.expect(200).json(), made.json());
    let _ = machine.get(&format!("{path}/status")).await.expect(200);
    let again = machine.post("connections", &body).await;
    let taken = expected(409, "conflict", "A connection with the same name already exists");
    assert_eq!(refusal(&again), taken);
    let gone = machine.delete(&path).await.expect(202);
    assert_eq!(gone.text("/deleted_at"), "2026-01-01T00:00:00.000Z");
    assert_eq!(machine.get(&path).await.json()["errorCode"], "inexistent_connection");
}

/// The id of the connection every tenant begins with.
async fn first(machine: &Machine<'_>) -> String {
    let list = machine.get("connections?strategy=auth0&strategy=oidc&take=50").await.expect(200);
    list.text("/connections/0/id")
}

async fn options_are_replaced_and_filled_up(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("connections/{}", first(&machine).await);
    let before = machine.get(&path).await.expect(200).json();
    // What was read can be written back, and changes nothing.
    let mut whole = before.clone();
    whole.as_object_mut().expect("an object").remove("id");
    assert_eq!(machine.patch(&path, &whole).await.expect(200).json(), before);
    let options = json!({ "options": { "disable_signup": true, "upstream_params": { "x": 1 } } });
    let after = machine.patch(&path, &options).await.expect(200).json();
    assert_shown!(after["options"], @r#"
    {
      "authentication_methods": {
        "passkey": {
          "enabled": false
        },
        "password": {
          "api_behavior": "required",
          "enabled": true,
          "signup_behavior": "allow"
        }
      },
      "disable_signup": true,
      "passkey_options": {
        "challenge_ui": "both",
        "local_enrollment_enabled": true,
        "progressive_enrollment_enabled": true
      },
      "upstream_params": {
        "x": 1
      }
    }
    "#);
    let unrelated = machine.patch(&path, &json!({ "display_name": "People" })).await.expect(200);
    assert_eq!(unrelated.json()["options"], after["options"]);
    assert_eq!(unrelated.text("/display_name"), "People");
}

/// What is set is what people meet.
async fn options_take_effect(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("connections/{}", first(&machine).await);
    let request = app.authorize("openid").with("screen_hint", "signup");
    assert_eq!(app.browser().authorize(&request).await.screen(), "signup-id");
    let closed = json!({ "options": { "disable_signup": true } });
    let _ = machine.patch(&path, &closed).await.expect(200);
    assert_eq!(app.browser().authorize(&request).await.screen(), "login-id");
}

async fn applications_are_let_in_and_out(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("connections/{}", first(&machine).await);
    let clients = format!("{path}/clients");
    let ids = |list: Value| -> Vec<String> {
        let list = list["clients"].as_array().expect("a list").clone();
        list.iter().map(|item| item["client_id"].as_str().expect("an id").to_owned()).collect()
    };
    let all = ids(machine.get(&format!("{clients}?take=100")).await.expect(200).json());
    assert!(all.contains(&SPA.to_owned()) && all.contains(&WEB.to_owned()), "{all:?}");
    let off = json!([{ "client_id": SPA, "status": false }]);
    let _ = machine.patch(&clients, &off).await.expect(204);
    let some = ids(machine.get(&format!("{clients}?take=100")).await.expect(200).json());
    assert_eq!(some.len(), all.len() - 1);
    let mine = machine.get(&format!("clients/{SPA}/connections?take=9")).await.expect(200);
    assert_eq!(mine.json(), json!({ "connections": [] }));
    // The account page is not among those who can be shut out.
    let tenant = app.core().directory().newest(&app.tenant_id(), app.core().clock().now()).await;
    let tenant = tenant.expect("reads").expect("the tenant");
    let account = tenant.clients().find(|client| client.settings.is_system).expect("the page");
    let request = app
        .authorize_on("acme.example", account.id.as_str(), "openid")
        .with("redirect_uri", "https://acme.example/account");
    assert_eq!(app.browser().authorize(&request).await.screen(), "login-id");
    let on = json!([{ "client_id": SPA, "status": true }]);
    let _ = machine.patch(&clients, &on).await.expect(204);
    let mine = machine.get(&format!("clients/{SPA}/connections?take=9")).await.expect(200);
    assert_eq!(mine.json()["connections"].as_array().map(Vec::len), Some(1));
    let nobody = json!([{ "client_id": "nobody", "status": true }]);
    assert_eq!(refusal(&machine.patch(&clients, &nobody).await).0, 404);
    assert_eq!(refusal(&machine.patch(&clients, &json!([])).await).0, 400);
}

/// Their secrets come back to those who may read them, and lie sealed on the disk.
async fn other_providers_are_kept_and_not_used(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let options = json!({ "client_id": "id", "client_secret": "their secret", "scope": ["email"] });
    let body = json!({
        "name": "google", "strategy": "google-oauth2", "options": options, "enabled_clients": [SPA],
        "connected_accounts": { "active": true }, "metadata": { "team": "growth" },
    });
    let made = machine.post("connections", &body).await.expect(201);
    for name in ["options", "enabled_clients", "connected_accounts", "metadata"] {
        assert_eq!(made.json()[name], body[name], "{name}");
    }
    let path = format!("connections/{}", made.text("/id"));
    assert_eq!(refusal(&machine.get(&format!("{path}/status")).await).0, 404);
    let mut tx = app.core().read(&app.tenant_id()).await.expect("reads");
    let events = tx.log_events(9).await.expect("the log");
    assert!(!format!("{events:?}").contains("their secret"));
    let stored = tx.connection(&housekey_core::id::ConnectionId::from_raw(made.text("/id"))).await;
    assert!(!format!("{stored:?}").contains("their secret"));
}

async fn what_cannot_be_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("connections/{}", first(&machine).await);
    let before = machine.get(&path).await.expect(200).json();
    for (body, sentence) in [
        (
            json!({ "name": "other" }),
            "Payload validation error: 'Additional properties not allowed: name' on property name.",
        ),
        (
            json!({ "options": { "passwordPolicy": "perfect" } }),
            "Payload validation error: 'No enum match' on property options.passwordPolicy.",
        ),
        (
            json!({ "options": { "password_options": { "complexity": { "min_length": 99 } } } }),
            "Payload validation error: 'Value 99 is not between 1 and 72' on property options.password_options.complexity.min_length.",
        ),
        (
            json!({ "options": { "attributes": {}, "validation": {} } }),
            "Cannot set both options.attributes and options.validation",
        ),
        (
            json!({ "options": { "authentication_methods": { "password": { "enabled": false } } } }),
            "Passwords cannot be switched off on a connection in this version of Housekey.",
        ),
        (json!({ "enabled_clients": ["nobody"] }), "The client does not exist"),
    ] {
        let refused = refusal(&machine.patch(&path, &body).await);
        assert_eq!(refused.2, sentence, "{body}");
    }
    assert_eq!(machine.get(&path).await.expect(200).json(), before);
    for name in ["-a", "a-", "a--b", "ä", "a b", ""] {
        let body = json!({ "name": name, "strategy": "auth0" });
        assert_eq!(refusal(&machine.post("connections", &body).await).0, 400, "{name}");
    }
}

on_both_engines! {
    a_name_and_a_strategy_are_enough,
    a_connection_lives_and_dies,
    options_are_replaced_and_filled_up,
    options_take_effect,
    applications_are_let_in_and_out,
    other_providers_are_kept_and_not_used,
    what_cannot_be_is_refused,
}
