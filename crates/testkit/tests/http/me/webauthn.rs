//! Security keys and device biometrics: enrolled on the login pages, read, renamed and removed
//! here (contract 01 §3.1).

use housekey_core::factor::webauthn::{Aaguid, Credential};
use housekey_core::factor::{AuthenticationMethod, MethodKind};
use housekey_core::id::MethodId;
use housekey_testkit::actor::{EMAIL, method_path};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

fn credential(number: u8) -> Box<Credential> {
    Box::new(Credential {
        id: vec![number; 4],
        public_key: vec![0xfb, 0xff],
        relying_party_id: "acme.example".to_owned(),
        user_handle: b"auth0|1".to_vec(),
        aaguid: Aaguid([0; 16]),
        transports: vec!["usb".to_owned()],
        user_agent: None,
        sign_count: 1,
        backup_eligible: false,
        backed_up: false,
        user_verified: false,
    })
}

/// A person with one of each, put there past the pages.
async fn with_keys(app: &TestApp) -> housekey_testkit::actor::Actor<'_> {
    let person = app.person(EMAIL).await;
    let kinds =
        [MethodKind::WebauthnRoaming(credential(1)), MethodKind::WebauthnPlatform(credential(2))];
    let mut tx = app.core().write(&app.tenant_id()).await.expect("the database answers");
    for (number, kind) in (1..).zip(kinds) {
        let method = AuthenticationMethod {
            id: MethodId::from_raw(format!("dev_000000000000000{number}")),
            user_id: person.id.clone(),
            kind,
            name: (number == 1).then(|| "Blue key".to_owned()),
            confirmed: true,
            created_at: app.now().plus_seconds(number),
            last_auth_at: None,
        };
        tx.insert_method(&method).await.expect("new");
    }
    tx.commit().await.expect("commits");
    let scope = format!("openid {}", housekey_testkit::application::ME);
    app.sign_in_as(EMAIL, "spa", &scope).await
}

async fn they_are_listed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = with_keys(&app).await;
    let listed = user.get("/authentication-methods?type=webauthn-roaming").await;
    assert_shown!(listed.seen(), @r#"
    {
      "body": {
        "authentication_methods": [
          {
            "confirmed": true,
            "created_at": "2026-01-01T00:00:01.000Z",
            "id": "webauthn-roaming|dev_0000000000000001",
            "key_id": "AQEBAQ",
            "name": "Blue key",
            "public_key": "+/8=",
            "type": "webauthn-roaming",
            "usage": [
              "secondary"
            ]
          }
        ]
      },
      "status": 200
    }
    "#);
    let other = user.get("/authentication-methods?type=webauthn-platform").await.expect(200);
    assert_eq!(other.json()["authentication_methods"][0]["key_id"], "AgICAg");
}

async fn they_are_renamed_and_removed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = with_keys(&app).await;
    for id in ["webauthn-roaming|dev_0000000000000001", "webauthn-platform|dev_0000000000000002"] {
        let path = method_path(id);
        let renamed = user.patch(&path, &json!({ "name": "Green" })).await.expect(200).json();
        assert_eq!(renamed["name"], "Green");
        let _ = user.delete(&path).await.expect(204);
        let _ = user.get(&path).await.expect(404);
    }
    assert_eq!(app.messages().await.len(), 4, "each change is told");
}

async fn they_are_not_enrolled_here(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = with_keys(&app).await;
    for factor in ["webauthn-roaming", "webauthn-platform"] {
        let _ = user.enroll(&json!({ "type": factor })).await.expect(400);
        let proof = json!({ "auth_session": "x" });
        let _ = user.verify(&format!("{factor}|new"), &proof).await.expect(404);
    }
    let proof = json!({ "auth_session": "x" });
    let _ = user.verify("webauthn-roaming|dev_0000000000000001", &proof).await.expect(404);
}

on_both_engines! {
    they_are_listed,
    they_are_renamed_and_removed,
    they_are_not_enrolled_here,
}
