//! `/api/v2/keys` (contract 05 §14).

use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::{Machine, refusal};

async fn keys_are_rotated_and_revoked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let keys = machine.get("keys/signing").await.expect(200).json();
    let first = keys[0].clone();
    assert_eq!(first["current"], true);
    assert!(
        first["cert"]
            .as_str()
            .is_some_and(|cert| cert.starts_with("-----BEGIN CERTIFICATE-----\r\nMII"))
    );
    assert!(first["pkcs7"].as_str().is_some_and(|text| text.starts_with("-----BEGIN PKCS7")));
    assert_eq!(first["current_since"], "2026-01-01T00:00:00.000Z");
    assert!(first.get("current_until").is_none() && first["revoked"] == false, "{first}");
    assert_eq!(
        first["fingerprint"].as_str().map(|text| text.replace(':', "")).as_deref(),
        first["thumbprint"].as_str()
    );
    let path = format!("keys/signing/{}", first["kid"].as_str().expect("a kid"));
    assert_eq!(machine.get(&path).await.expect(200).json(), first);
    let revoke = |path: String| machine.request("PUT", &format!("{path}/revoke")).send();
    assert_eq!(refusal(&revoke(path.clone()).await).1, "operation_not_supported");

    let rotated = machine.post("keys/signing/rotate", &json!({})).await.expect(201).json();
    let keys = machine.get("keys/signing").await.expect(200).json();
    let standing: Vec<_> = ["current", "next", "previous"]
        .map(|state| {
            keys.as_array().expect("a list").iter().filter(|key| key[state] == true).count()
        })
        .into();
    assert_eq!(standing, [1, 1, 1]);
    assert_eq!((&keys[0]["kid"], &keys[0]["cert"]), (&rotated["kid"], &rotated["cert"]));
    // What the former key signed still counts, until it is revoked.
    let _ = machine.get("keys/signing").await.expect(200);
    let fresh = Machine::new(&app).await;
    let revoked = fresh.request("PUT", &format!("{path}/revoke")).send().await.expect(200).json();
    assert_eq!(revoked["kid"], first["kid"]);
    assert_eq!(machine.get("keys/signing").await.status, 401);
    let left = fresh.get(&path).await.expect(200).json();
    assert_eq!((&left["cert"], &left["revoked"]), (&first["cert"], &json!(true)));
    assert!(left["revoked_at"].is_string() && left["current_until"].is_string(), "{left}");
    assert_eq!(fresh.get("keys/signing").await.expect(200).json()[2], left);
    assert_eq!(refusal(&fresh.get("keys/signing/x").await).0, 404);
    assert_eq!(refusal(&fresh.request("PUT", "keys/signing/x/revoke").send().await).0, 404);
    let published = app.get("/.well-known/jwks.json").send().await.expect(200).json();
    let kids: Vec<_> =
        published["keys"].as_array().expect("a list").iter().map(|key| &key["kid"]).collect();
    assert!(!kids.contains(&&first["kid"]) && kids.contains(&&rotated["kid"]), "{kids:?}");
    let root = fresh.get("keys/encryption?include_totals=true").await.expect(200).json();
    assert_eq!(root["total"], 1);
    assert!(root["keys"][0]["created_at"].is_string(), "{root}");
}

async fn rotating_takes_both_scopes(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for (scope, status) in [("create:signing_keys", 403), ("update:signing_keys", 403)] {
        let machine = Machine::with(&app, scope).await;
        assert_eq!(machine.post("keys/signing/rotate", &json!({})).await.status, status, "{scope}");
    }
}

on_both_engines! {
    keys_are_rotated_and_revoked,
    rotating_takes_both_scopes,
}
