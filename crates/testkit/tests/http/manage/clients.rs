//! `/api/v2/clients` (contract 05 §7).

use housekey_testkit::seed::{MACHINE, SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, expected, refusal};

async fn a_name_is_enough(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let made = machine.post("clients", &json!({ "name": "Shop" })).await.expect(201);
    let client = made.json();
    assert_eq!(client["client_secret"].as_str().map(str::len), Some(64));
    assert_eq!(client["client_id"].as_str().map(str::len), Some(32));
    assert_shown!(made.seen(), {
        ".body.client_id" => "[id]", ".body.client_secret" => "[secret]",
    }, @r#"
    {
      "body": {
        "callback_url_template": false,
        "client_id": "[id]",
        "client_secret": "[secret]",
        "created_at": "2026-01-01T00:00:00.000Z",
        "cross_origin_auth": false,
        "cross_origin_authentication": false,
        "custom_login_page_on": true,
        "global": false,
        "grant_types": [
          "authorization_code",
          "implicit",
          "refresh_token",
          "client_credentials"
        ],
        "is_first_party": true,
        "is_token_endpoint_ip_header_trusted": false,
        "jwt_configuration": {
          "lifetime_in_seconds": 36000,
          "secret_encoded": false
        },
        "name": "Shop",
        "oidc_conformant": false,
        "refresh_token": {
          "expiration_type": "non-expiring",
          "idle_token_lifetime": 1296000,
          "infinite_idle_token_lifetime": true,
          "infinite_token_lifetime": true,
          "leeway": 0,
          "rotation_type": "non-rotating",
          "token_lifetime": 2592000
        },
        "sso_disabled": false,
        "tenant": "acme"
      },
      "status": 201,
      "x-ratelimit-limit": "50"
    }
    "#);
    let found = machine.get(&format!("clients/{}", made.text("/client_id"))).await.expect(200);
    assert_eq!(found.json(), client);
    assert_eq!(machine.get("clients/nobody").await.json()["errorCode"], "inexistent_client");
}

fn everything() -> Value {
    json!({
        "name": "Shop",
        "description": "Sells things",
        "logo_uri": "https://shop.example/logo.svg",
        "app_type": "regular_web",
        "is_first_party": true,
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
        "callbacks": ["https://shop.example/cb", "app.shop://done"],
        "allowed_logout_urls": ["https://shop.example/"],
        "web_origins": ["https://shop.example"],
        "allowed_origins": ["https://*.shop.example"],
        "jwt_configuration":
            { "alg": "RS256", "lifetime_in_seconds": 60, "secret_encoded": false },
        "refresh_token": {
            "rotation_type": "rotating", "expiration_type": "expiring", "leeway": 3,
            "token_lifetime": 1000, "idle_token_lifetime": 100,
            "infinite_token_lifetime": false, "infinite_idle_token_lifetime": true,
            "policies": [{ "audience": "https://api.example/", "scope": ["read:things"] }],
        },
        "mobile": { "ios": { "team_id": "T", "app_bundle_identifier": "b.c" } },
        "client_metadata": { "tier": "gold" },
        "skip_non_verifiable_callback_uri_confirmation_prompt": true,
        "organization_usage": "deny",
        "require_proof_of_possession": true,
        "oidc_conformant": true,
        "sso_disabled": true,
        "cross_origin_authentication": true,
        "initiate_login_uri": "https://shop.example/login",
        "native_social_login": { "apple": { "enabled": false } },
        "session_transfer": { "can_create_session_transfer_token": true },
        "third_party_security_mode": "strict",
    })
}

/// What an export says is what an import makes.
async fn whatever_is_set_comes_back(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let sent = everything();
    let made = machine.post("clients", &sent).await.expect(201).json();
    for (name, value) in sent.as_object().expect("an object") {
        assert_eq!(made[name], *value, "{name}");
    }
    let path = format!("clients/{}", made["client_id"].as_str().expect("an id"));
    let again = machine.patch(&path, &json!({ "client_metadata": { "tier": "gold" } })).await;
    let again = again.expect(200).json();
    assert_eq!(without_time(&again), without_time(&made));
}

fn without_time(client: &Value) -> Value {
    let mut client = client.clone();
    client.as_object_mut().expect("an object").remove("updated_at");
    client
}

async fn null_resets_and_metadata_is_merged(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let made = machine.post("clients", &everything()).await.expect(201);
    let path = format!("clients/{}", made.text("/client_id"));
    let nulls = json!({
        "description": null, "callbacks": null, "refresh_token": null, "mobile": null,
        "jwt_configuration": null, "native_social_login": null,
        "client_metadata": { "tier": null, "since": "2026" },
    });
    let reset = machine.patch(&path, &nulls).await.expect(200).json();
    for name in ["description", "callbacks", "mobile", "native_social_login"] {
        assert_eq!(reset.get(name), None, "{name}");
    }
    assert_eq!(reset["client_metadata"], json!({ "since": "2026" }));
    assert_eq!(reset["jwt_configuration"]["lifetime_in_seconds"], 36_000);
    assert_eq!(reset["refresh_token"]["infinite_token_lifetime"], true);
    assert_eq!(reset["refresh_token"]["token_lifetime"], 31_557_600);
    let emptied = machine.patch(&path, &json!({ "client_metadata": {} })).await.expect(200).json();
    assert_eq!(emptied["client_metadata"], json!({ "since": "2026" }));
}

async fn secrets_are_for_those_who_may_see_them(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let all = Machine::new(&app).await;
    let reader = Machine::with(&app, "read:clients").await;
    let glancer = Machine::with(&app, "read:client_summary").await;
    let path = format!("clients/{WEB}");
    let secret = all.get(&path).await.expect(200).text("/client_secret");
    assert_eq!(secret, app.secret_of(WEB).await);
    assert_eq!(reader.get(&path).await.expect(200).json().get("client_secret"), None);
    let glanced = glancer.get(&path).await.expect(200).json();
    assert_eq!(glanced, json!({ "client_id": WEB, "name": glanced["name"] }));
    assert_eq!(all.get(&format!("clients/{SPA}")).await.json().get("client_secret"), None);
}

async fn the_new_secret_replaces_the_old(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "name": "Job", "app_type": "non_interactive" });
    let made = machine.post("clients", &body).await.expect(201);
    let (id, old) = (made.text("/client_id"), made.text("/client_secret"));
    let rotated = machine.post(&format!("clients/{id}/rotate-secret"), &json!({})).await;
    let new = rotated.expect(200).text("/client_secret");
    assert_ne!(old, new);
    let set = json!({ "client_secret": "chosen by somebody else" });
    let path = format!("clients/{id}");
    for (secret, is_let_in) in [(&old, false), (&new, true)] {
        assert_eq!(authenticates(&app, &id, secret).await, is_let_in);
    }
    let _ = machine.patch(&path, &set).await.expect(200);
    assert!(authenticates(&app, &id, "chosen by somebody else").await);
    assert!(!authenticates(&app, &id, &new).await);
    let refused = machine.post(&format!("clients/{SPA}/rotate-secret"), &json!({})).await;
    assert_eq!(refusal(&refused).0, 400);
    let mut tx = app.core().read(&app.tenant_id()).await.expect("reads");
    let log = tx.log_events(9).await.expect("the log");
    assert!(!format!("{log:?}").contains("chosen by"), "{log:?}");
}

/// Authenticated, but without a grant for the API.
async fn authenticates(app: &TestApp, id: &str, secret: &str) -> bool {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
        ("audience", "https://acme.example/api/v2/"),
    ];
    let reply = app.post("/oauth/token").form(&form).send().await;
    match reply.status.as_u16() {
        401 => false,
        403 => true,
        other => panic!("{other}"),
    }
}

async fn a_deleted_application_is_gone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("clients/{WEB}");
    let _ = machine.delete(&path).await.expect(204);
    assert_eq!(machine.get(&path).await.status, 404);
    assert_eq!(machine.delete(&path).await.status, 404);
    let grants = machine.get(&format!("client-grants?client_id={WEB}")).await.expect(200);
    assert_eq!(grants.json(), json!([]));
}

/// Some tools die without it.
async fn one_application_stands_for_all(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let list = "clients?include_totals=true&page=0&per_page=100&is_global=";
    let global = machine.get(&format!("{list}true")).await.expect(200).json();
    assert_eq!(
        (&global["total"], &global["clients"][0]["name"]),
        (&json!(1), &json!("All Applications"))
    );
    let others = machine.get(&format!("{list}false")).await.expect(200).json();
    let others = others["clients"].as_array().expect("a list").clone();
    assert!(others.iter().any(|client| client["client_id"] == MACHINE));
    assert!(others.iter().all(|client| client["global"] == false));
    assert!(others.iter().all(|client| client["name"] != "Your account"));
    let path = format!("clients/{}", global["clients"][0]["client_id"].as_str().expect("an id"));
    let page = json!({ "custom_login_page": "<html></html>", "custom_login_page_on": true });
    assert_eq!(
        machine.patch(&path, &page).await.expect(200).json()["custom_login_page"],
        "<html></html>"
    );
    assert_eq!(refusal(&machine.delete(&path).await).0, 400);
}

async fn what_cannot_be_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let before = machine.get("clients").await.expect(200).json();
    for (body, code, message) in [
        (
            json!({}),
            "invalid_body",
            "Payload validation error: 'Missing required property: name' on property name.",
        ),
        (
            json!({ "name": "<b>" }),
            "invalid_body",
            "Payload validation error: 'String does not match pattern ^[^<>]+$' on property name.",
        ),
        (
            json!({ "name": "x", "nope": 1 }),
            "invalid_body",
            "Payload validation error: 'Additional properties not allowed: nope'.",
        ),
        (
            json!({ "name": "x", "grant_types": ["magic"] }),
            "invalid_body",
            "Payload validation error: 'No enum match' on property grant_types.0.",
        ),
        (
            json!({ "name": "x", "callbacks": ["nowhere"] }),
            "invalid_body",
            "Payload validation error: 'Object didn't pass validation for format absolute-uri: nowhere' on property callbacks.",
        ),
        (
            json!({ "name": "x", "refresh_token": { "rotation_type": "rotating", "expiration_type": "non-expiring" } }),
            "invalid_body",
            "Payload validation error: 'Rotating refresh tokens must expire' on property refresh_token.expiration_type.",
        ),
        (
            json!({
                "name": "x", "token_endpoint_auth_method": "none",
                "jwt_configuration": { "alg": "HS256" },
            }),
            "invalid_body",
            "ID tokens signed with HS256 need a client secret, which this application has not.",
        ),
        (
            json!({ "name": "x", "organization_usage": "require" }),
            "operation_not_supported",
            "organization_usage cannot be \"require\" in this version of Housekey.",
        ),
    ] {
        assert_eq!(
            refusal(&machine.post("clients", &body).await),
            expected(400, code, message),
            "{body}"
        );
    }
    assert_eq!(machine.get("clients").await.expect(200).json(), before);
}

on_both_engines! {
    a_name_is_enough,
    whatever_is_set_comes_back,
    null_resets_and_metadata_is_merged,
    secrets_are_for_those_who_may_see_them,
    the_new_secret_replaces_the_old,
    a_deleted_application_is_gone,
    one_application_stands_for_all,
    what_cannot_be_is_refused,
}
