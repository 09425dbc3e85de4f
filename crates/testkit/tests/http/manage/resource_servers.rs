//! `/api/v2/resource-servers` (contract 05 §5).

use housekey_core::client::{AuthMethod, ClientSettings};
use housekey_testkit::application::ME;
use housekey_testkit::seed::{CUSTOM_API, MACHINE, SPA, UNGRANTED};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, encoded, expected, refusal};

const MY_ACCOUNT: &str = "https://acme.example/me/";

fn orders() -> Value {
    json!({
        "identifier": "https://orders.example/",
        "name": "Orders",
        "scopes": [{ "value": "read:orders", "description": "See orders" }, { "value": "x" }],
        "token_lifetime": 3600,
        "allow_offline_access": true,
    })
}

async fn a_new_api_is_answered_whole(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let made = machine.post("resource-servers", &orders()).await.expect(201);
    assert_shown!(made.seen(), { ".body.id" => "[id]" }, @r#"
    {
      "body": {
        "allow_offline_access": true,
        "id": "[id]",
        "identifier": "https://orders.example/",
        "name": "Orders",
        "scopes": [
          {
            "description": "See orders",
            "value": "read:orders"
          },
          {
            "value": "x"
          }
        ],
        "signing_alg": "RS256",
        "skip_consent_for_verifiable_first_party_clients": false,
        "subject_type_authorization": {
          "client": {
            "policy": "require_client_grant"
          },
          "user": {
            "policy": "allow_all"
          }
        },
        "token_lifetime": 3600
      },
      "status": 201,
      "x-ratelimit-limit": "50"
    }
    "#);
    let id = made.text("/id");
    assert!(id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    let half = "https:%2F%2Forders.example%2F".to_owned();
    for name in [id.clone(), encoded("https://orders.example/"), half] {
        let found = machine.get(&format!("resource-servers/{name}")).await.expect(200);
        assert_eq!(found.json(), made.json(), "{name}");
    }
}

async fn an_api_lives_and_dies(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let id = machine.post("resource-servers", &orders()).await.expect(201).text("/id");
    let again = machine.post("resource-servers", &orders()).await;
    assert_eq!(refusal(&again).0, 409);
    let change = json!({ "name": "All orders", "scopes": null, "token_lifetime": 60 });
    let changed =
        machine.patch(&format!("resource-servers/{id}"), &change).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["token_lifetime"]), (&json!("All orders"), &json!(60)));
    assert_eq!(changed.get("scopes"), None, "unset is left out");
    let same = machine.patch(&format!("resource-servers/{id}"), &json!({})).await.expect(200);
    assert_eq!(same.json(), changed);
    let _ = machine.delete(&format!("resource-servers/{id}")).await.expect(204);
    let missing = expected(404, "inexistent_resource_server", "The resource server does not exist");
    assert_eq!(refusal(&machine.get(&format!("resource-servers/{id}")).await), missing);
    assert_eq!(refusal(&machine.delete(&format!("resource-servers/{id}")).await), missing);
}

/// Turned off it answers nobody, turned on again somebody allowed: each within one request.
async fn the_my_account_api_is_turned_on_and_off(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let user = app.sign_in().await;
    let _ = user.get("/factors").await.expect(200);
    let path = format!("resource-servers/{}", encoded(MY_ACCOUNT));
    let _ = machine.delete(&path).await.expect(204);
    let _ = user.get("/factors").await.expect(404);
    let body = json!({ "identifier": MY_ACCOUNT, "name": "Whatever" });
    let made = machine.post("resource-servers", &body).await.expect(201).json();
    assert_eq!(made["name"], "Auth0 My Account API");
    assert_eq!(made["is_system"], true);
    assert_eq!(made["token_lifetime"], 600);
    assert_eq!(made["allow_offline_access"], true);
    let policies = json!({
        "client": { "policy": "deny_all" }, "user": { "policy": "require_client_grant" }
    });
    assert_eq!(made["subject_type_authorization"], policies);
    let scopes = made["scopes"].as_array().expect("a list");
    assert!(scopes.iter().any(|scope| scope["value"] == "read:me:factors"));
    assert_eq!(refusal(&machine.post("resource-servers", &body).await).0, 409);
    let _ = user.get("/factors").await.expect(401);
    let grant = json!({
        "client_id": SPA, "audience": MY_ACCOUNT, "subject_type": "user",
        "scope": ["read:me:factors", "read:me:authentication_methods"],
    });
    let _ = machine.post("client-grants", &grant).await.expect(201);
    let tokens = app.sign_in_as("user@example.com", SPA, ME).await.tokens;
    assert_eq!(tokens.scope, "read:me:factors read:me:authentication_methods");
    let reply = app.get("/me/v1/factors").bearer(&tokens.access).send().await;
    let _ = reply.expect(200);
}

async fn a_policy_can_let_every_application_ask(database: TestDatabase) {
    let public =
        |client: &mut ClientSettings| client.token_endpoint_auth_method = Some(AuthMethod::None);
    let app = TestApp::build(database).await.client(UNGRANTED, public).start().await;
    let machine = Machine::new(&app).await;
    let path = format!("resource-servers/{}", encoded(MY_ACCOUNT));
    let open = json!({ "subject_type_authorization": { "user": { "policy": "allow_all" } } });
    let changed = machine.patch(&path, &open).await.expect(200).json();
    assert_eq!(changed["subject_type_authorization"]["user"]["policy"], "allow_all");
    assert_eq!(changed["subject_type_authorization"]["client"]["policy"], "deny_all");
    app.person("user@example.com").await;
    let tokens = app.sign_in_as("user@example.com", UNGRANTED, ME).await.tokens;
    let _ = app.get("/me/v1/factors").bearer(&tokens.access).send().await.expect(200);
    let never =
        json!({ "subject_type_authorization": { "client": { "policy": "require_client_grant" } } });
    assert_eq!(refusal(&machine.patch(&path, &never).await).1, "invalid_body");
}

async fn system_apis_keep_what_they_are(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("resource-servers/{}", encoded(MY_ACCOUNT));
    let current = machine.get(&path).await.expect(200).json();
    let same = json!({
        "name": current["name"], "scopes": current["scopes"], "signing_alg": "RS256",
        "token_lifetime": 900, "authorization_policy": null,
    });
    assert_eq!(machine.patch(&path, &same).await.expect(200).json()["token_lifetime"], 900);
    for change in [
        json!({ "name": "Mine" }),
        json!({ "scopes": [] }),
        json!({ "signing_alg": "HS256" }),
        json!({ "consent_policy": "transactional-authorization-with-mfa" }),
        json!({ "authorization_policy": { "policy_id": "x" } }),
    ] {
        assert_eq!(refusal(&machine.patch(&path, &change).await).0, 400, "{change}");
    }
    let management = format!("resource-servers/{}", encoded(super::MANAGEMENT));
    assert_eq!(refusal(&machine.delete(&management).await).0, 400);
    let reserved = json!({ "identifier": super::MANAGEMENT });
    assert_eq!(refusal(&machine.post("resource-servers", &reserved).await).0, 409);
}

/// Nobody gets a token without the protection its API asks for (contract 05 §25 M17).
async fn what_cannot_be_met_is_kept_and_keeps_out(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("resource-servers/{}", encoded(CUSTOM_API));
    let request = app.authorize("openid").with("audience", CUSTOM_API);
    let details = json!({ "authorization_details": [{ "type": "payment" }] });
    let kept = machine.patch(&path, &details).await.expect(200).json();
    assert_eq!(kept["authorization_details"], details["authorization_details"]);
    assert!(app.get(&request.path()).send().await.expect(302).location().starts_with("/u/"));
    let certificate = machine.get("keys/signing").await.expect(200).json()[0]["cert"].clone();
    let key = json!({ "alg": "RSA-OAEP-256", "name": "mine", "pem": certificate });
    let encryption = json!({
        "token_encryption": { "format": "compact-nested-jwe", "encryption_key": key }
    });
    let consent = json!({ "consent_policy": "transactional-authorization-with-mfa" });
    for (name, change) in [("token_encryption", encryption), ("consent_policy", consent.clone())] {
        let shown = machine.patch(&path, &change).await.expect(200).json();
        assert!(!shown[name].is_null(), "{shown}");
        assert_eq!(machine.get(&path).await.expect(200).json(), shown);
        let refused = app.get(&request.path()).send().await.expect(302);
        assert_eq!(refused.answered("error").as_deref(), Some("invalid_request"), "{name}");
        let none = machine.patch(&path, &json!({ name: null })).await.expect(200).json();
        assert!(none.get(name).is_none(), "{none}");
    }
    let shown = json!({ "token_encryption": { "format": "compact-nested-jwe", "encryption_key": {
        "alg": "RSA-OAEP-512", "pem": "-----BEGIN" } } });
    assert_eq!(refusal(&machine.patch(&path, &shown).await).1, "invalid_body");
    assert_eq!(refusal(&machine.patch(&path, &json!({ "consent_policy": "x" })).await).0, 400);
    assert!(app.get(&request.path()).send().await.expect(302).location().starts_with("/u/"));
}

/// A key's thumbprint comes back, and the key does not.
async fn encryption_keys_are_shown_by_their_thumbprint(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("resource-servers/{}", encoded(CUSTOM_API));
    let signing = machine.get("keys/signing").await.expect(200).json();
    let key = json!({ "alg": "RSA-OAEP-256", "kid": "k", "pem": signing[0]["cert"] });
    let change = json!({
        "token_encryption": { "format": "compact-nested-jwe", "encryption_key": key }
    });
    let shown = machine.patch(&path, &change).await.expect(200).json();
    let key = &shown["token_encryption"]["encryption_key"];
    assert!(key.get("pem").is_none(), "{key}");
    assert_eq!((&key["kid"], &key["alg"]), (&json!("k"), &json!("RSA-OAEP-256")));
    assert_eq!(key["thumbprint_sha256"].as_str().map(str::len), Some(43), "{key}");
    // What an application asks for itself is refused, too: nobody could read it but the API.
    let form = [("grant_type", "client_credentials"), ("audience", CUSTOM_API)];
    let secret = app.secret_of(MACHINE).await;
    let credentials = [("client_id", MACHINE), ("client_secret", secret.as_str())];
    let pairs: Vec<_> = form.into_iter().chain(credentials).collect();
    assert!(!app.post("/oauth/token").form(&pairs).send().await.status.is_success());
}

async fn require_2fa_is_turned_on_and_off(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("resource-servers/{}", encoded(MY_ACCOUNT));
    let policy = json!({ "policy_id": "019b76da-a800-73c9-b656-b349ae415c17" });
    let on = json!({ "authorization_policy": policy });
    let reply = machine.patch(&path, &on).await.expect(200);
    assert_eq!(reply.json()["authorization_policy"], policy);
    assert_eq!(machine.get(&path).await.expect(200).json()["authorization_policy"], policy);
    app.person("user@example.com").await;
    let page = app.browser().authorize_as(&app.authorize(ME), "user@example.com").await;
    assert_eq!(page.screen(), "mfa-email-challenge", "it acts at once");
    app.messages().await;
    let custom = format!("resource-servers/{}", encoded(CUSTOM_API));
    assert_eq!(refusal(&machine.patch(&custom, &on).await).1, "invalid_body");
    let unknown = json!({ "authorization_policy": { "policy_id": "x" } });
    assert_eq!(refusal(&machine.patch(&path, &unknown).await).1, "invalid_body");
    let off = json!({ "authorization_policy": null });
    let reply = machine.patch(&path, &off).await.expect(200).json();
    assert!(reply.get("authorization_policy").is_none(), "{reply}");
    let browser = app.browser();
    let _code = browser.authorize_as(&app.authorize(ME), "user@example.com").await.code();
}

async fn tenants_do_not_see_each_other(database: TestDatabase) {
    let app = TestApp::build(database).await.with_other_tenant().await.start().await;
    let machine = Machine::new(&app).await;
    let found = machine.get("resource-servers").await.expect(200).json();
    let identifiers: Vec<_> = found.as_array().expect("a list").iter().collect();
    let foreign =
        |api: &&Value| api["identifier"].as_str().is_some_and(|own| own.contains("globex"));
    assert!(!identifiers.iter().any(foreign), "{identifiers:?}");
    let other = app.get("/api/v2/resource-servers").host("globex.example").bearer(&machine.token);
    assert_eq!(other.send().await.status, 401);
}

async fn each_change_is_in_the_log(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("resource-servers/{}", encoded(CUSTOM_API));
    let _ = machine.patch(&path, &json!({ "token_lifetime": 60 })).await.expect(200);
    let mut tx = app.core().read(&app.tenant_id()).await.expect("reads");
    let event = tx.log_events(1).await.expect("reads").remove(0);
    assert_eq!(event.kind.code(), "sapi");
    assert_eq!(event.client_id.as_deref(), Some("machine"));
    let request = &event.details["request"];
    assert_eq!(request["method"], "PATCH");
    assert_eq!(request["body"], json!({ "token_lifetime": 60 }));
}

on_both_engines! {
    a_new_api_is_answered_whole,
    an_api_lives_and_dies,
    the_my_account_api_is_turned_on_and_off,
    a_policy_can_let_every_application_ask,
    what_cannot_be_met_is_kept_and_keeps_out,
    encryption_keys_are_shown_by_their_thumbprint,
    system_apis_keep_what_they_are,
    require_2fa_is_turned_on_and_off,
    tenants_do_not_see_each_other,
    each_change_is_in_the_log,
}
