//! `/api/v2/clients/{id}/credentials` (contract 05 §7.2), and how they come into use.

use housekey_testkit::assertion::{ASSERTION_TYPE, SigningKey, claims};
use housekey_testkit::seed::{MACHINE, WEB};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{MANAGEMENT, Machine, refusal};

fn key(number: usize, kid: &str) -> Value {
    let pem = SigningKey::rsa(number).pem();
    json!({ "credential_type": "public_key", "name": "Build server", "pem": pem, "kid": kid })
}

/// Whether an assertion of the key is taken.
async fn signs_in(app: &TestApp, number: usize, kid: &str, jti: &str) -> bool {
    let claims = claims(MACHINE, "https://acme.example/", jti, app.now());
    let header = json!({ "alg": "RS256", "kid": kid });
    let assertion = SigningKey::rsa(number).sign(&header, &claims);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", MACHINE),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
        ("audience", MANAGEMENT),
    ];
    app.post("/oauth/token").form(&form).send().await.status == 200
}

async fn a_key_replaces_the_secret_and_gives_way_to_the_next(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("clients/{MACHINE}");
    let keys = format!("{path}/credentials");
    let first = machine.post(&keys, &key(0, "key-of-machine-1")).await.expect(201).json();
    assert_eq!(first.get("pem"), None);
    assert!(!signs_in(&app, 0, "key-of-machine-1", "1").await, "not in use yet");
    let by = |ids: &[&Value]| {
        let credentials: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
        json!({
            "token_endpoint_auth_method": null,
            "client_authentication_methods": { "private_key_jwt": { "credentials": credentials } },
        })
    };
    let changed = machine.patch(&path, &by(&[&first["id"]])).await.expect(200).json();
    assert_eq!(changed.get("token_endpoint_auth_method"), None);
    assert_eq!(changed.get("client_secret"), None);
    assert_eq!(
        changed["client_authentication_methods"]["private_key_jwt"]["credentials"],
        json!([{ "id": first["id"] }]),
    );
    assert!(signs_in(&app, 0, "key-of-machine-1", "2").await);
    let second = machine.post(&keys, &key(1, "key-of-machine-2")).await.expect(201).json();
    let _ = machine.patch(&path, &by(&[&second["id"]])).await.expect(200);
    assert!(!signs_in(&app, 0, "key-of-machine-1", "3").await);
    assert!(signs_in(&app, 1, "key-of-machine-2", "4").await);
    let old = format!("{keys}/{}", first["id"].as_str().expect("an id"));
    let _ = machine.delete(&old).await.expect(204);
    assert_eq!(machine.get(&old).await.status, 404);
    assert_eq!(machine.get(&keys).await.expect(200).json(), json!([second]));
    let back = json!({
        "token_endpoint_auth_method": "client_secret_post", "client_authentication_methods": null,
    });
    let changed = machine.patch(&path, &back).await.expect(200).json();
    assert_eq!(changed["client_secret"].as_str(), Some(app.secret_of(MACHINE).await.as_str()));
    assert!(!signs_in(&app, 1, "key-of-machine-2", "5").await);
}

async fn its_end_can_be_said(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let keys = format!("clients/{WEB}/credentials");
    let made = machine.post(&keys, &key(0, "key-of-the-web-1")).await.expect(201);
    let path = format!("{keys}/{}", made.text("/id"));
    let end = json!({ "expires_at": "2026-01-02T00:00:00.000Z" });
    let changed = machine.patch(&path, &end).await.expect(200);
    assert_eq!(changed.text("/expires_at"), "2026-01-02T00:00:00.000Z");
    assert_eq!(machine.get(&path).await.expect(200).json(), changed.json());
    for wrong in [json!({ "expires_at": "tomorrow at the latest" }), json!({ "name": "x" })] {
        assert_eq!(refusal(&machine.patch(&path, &wrong).await).0, 400, "{wrong}");
    }
    let missing = machine.patch(&format!("{keys}/cred_x"), &end).await;
    assert_eq!(refusal(&missing).1, "inexistent_client_credential");
}

/// One way of authenticating takes the place of the other only if both are said.
async fn both_ways_must_be_said(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("clients/{WEB}");
    let set = json!({ "token_endpoint_auth_method": "client_secret_basic" });
    let _ = machine.patch(&path, &set).await.expect(200);
    let made = machine.post(&format!("{path}/credentials"), &key(0, "key-of-the-web-1")).await;
    let keys = json!({ "private_key_jwt": { "credentials": [{ "id": made.text("/id") }] } });
    for body in [
        json!({ "client_authentication_methods": keys }),
        json!({ "client_authentication_methods": keys, "token_endpoint_auth_method": "none" }),
        json!({
            "token_endpoint_auth_method": null,
            "client_authentication_methods":
                { "private_key_jwt": { "credentials": [{ "id": "cred_of_somebody" }] } },
        }),
        json!({ "token_endpoint_auth_method": null, "client_authentication_methods": {} }),
    ] {
        assert_eq!(refusal(&machine.patch(&path, &body).await).0, 400, "{body}");
    }
}

on_both_engines! {
    a_key_replaces_the_secret_and_gives_way_to_the_next,
    its_end_can_be_said,
    both_ways_must_be_said,
}
