//! `GET /rich-consents/{id}`.

use housekey_core::guardian::RequestedDetails;
use housekey_testkit::TestDatabase;
use housekey_testkit::device::Key;
use serde_json::{Value, json};

use super::{app, asked, enrolled};

fn details() -> RequestedDetails {
    RequestedDetails {
        audience: "https://bank.example/".to_owned(),
        scope: vec!["pay".to_owned()],
        binding_message: Some("7319".to_owned()),
        authorization_details: Some(vec![json!({ "type": "payment", "amount": "10.00" })]),
    }
}

async fn a_device_reads_what_it_is_to_approve(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let (_, push) = asked(&app, &device, Some(details())).await;
    let url = format!("https://acme.example/rich-consents/{}", link(&push));
    let proof = device.proof(&device.proof_claims(&push, &url));
    let reply = device.read_with(&push, &url, &proof).await;
    assert_shown!(reply.seen(), { ".body.id" => "[id]" }, @r#"
    {
      "body": {
        "created_at": "2026-01-01T00:00:00.000Z",
        "expires_at": "2026-01-01T00:05:00.000Z",
        "id": "[id]",
        "requested_details": {
          "audience": "https://bank.example/",
          "authorization_details": [
            {
              "amount": "10.00",
              "type": "payment"
            }
          ],
          "binding_message": "7319",
          "scope": [
            "pay"
          ]
        }
      },
      "status": 200
    }
    "#);
    assert_eq!(reply.text("/id"), link(&push));
}

fn link(push: &serde_json::Map<String, Value>) -> &str {
    push["txlnkid"].as_str().expect("a link")
}

async fn without_the_devices_proof_nothing_is_told(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let (_, push) = asked(&app, &device, Some(details())).await;
    let url = format!("https://acme.example/rich-consents/{}", link(&push));
    let claims = device.proof_claims(&push, &url);
    let now = app.now().as_seconds();
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        device.proof(&claims)
    };
    let header = json!({ "typ": "dpop+jwt", "alg": "RS256", "jwk": Key::other().public() });
    for (what, proof) in [
        ("another key", Key::other().sign(&header, &claims)),
        ("another type", device.key.jwt(&claims)),
        ("another method", with("htm", "POST".into())),
        ("another address", with("htu", "https://acme.example/rich-consents/x".into())),
        ("another token", with("ath", "x".into())),
        ("too old", with("iat", (now - 301).into())),
        ("of the future", with("iat", (now + 301).into())),
        ("no id", with("jti", "".into())),
        ("nothing", "x".to_owned()),
    ] {
        let refused = device.read_with(&push, &url, &proof).await;
        assert_eq!(refused.status.as_u16(), 401, "{what}: {}", refused.body);
        assert!(!refused.body.contains("bank"), "{what}");
    }
    let bare = app.get(&format!("/rich-consents/{}", link(&push))).send().await.expect(401);
    assert_eq!(bare.text("/errorCode"), "invalid_token");
}

async fn a_plain_login_has_no_details_and_others_are_not_found(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let (_, rich) = asked(&app, &device, Some(details())).await;
    let (_, plain) = asked(&app, &device, None).await;
    assert!(!plain.contains_key("txlnkid"));
    for id in [link(&rich), "cns_0"] {
        let url = format!("https://acme.example/rich-consents/{id}");
        let proof = device.proof(&device.proof_claims(&plain, &url));
        let _ = device.read_with(&plain, &url, &proof).await.expect(404);
    }
    let url = format!("https://acme.example/rich-consents/{}", link(&rich));
    let proof = device.proof(&device.proof_claims(&rich, &url));
    let _ = device.read_with(&rich, &url, &proof).await.expect(404);
}

on_both_engines! {
    a_device_reads_what_it_is_to_approve,
    without_the_devices_proof_nothing_is_told,
    a_plain_login_has_no_details_and_others_are_not_found,
}
