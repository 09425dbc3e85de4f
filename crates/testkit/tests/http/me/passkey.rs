//! Enrolling, listing, renaming and removing passkeys.

use housekey_testkit::actor::{Actor, method_path};
use housekey_testkit::passkey::{Attestation, Authenticator, Flags, KeyKind};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

pub(crate) const ORIGIN: &str = "https://acme.example";
const CHROME: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, \
                      like Gecko) Chrome/131.0.0.0 Safari/537.36";

/// A begun enrolment.
pub(crate) struct Begun {
    pub auth_session: String,
    pub options: Value,
}

impl Begun {
    pub async fn new(user: &Actor<'_>) -> Self {
        Self::with(user, &json!({ "type": "passkey" })).await
    }

    async fn with(user: &Actor<'_>, body: &Value) -> Self {
        let reply = user.enroll(body).await.expect(202);
        let options = reply.json()["authn_params_public_key"].clone();
        Self { auth_session: reply.text("/auth_session"), options }
    }

    pub fn proof(&self, response: &Value) -> Value {
        json!({ "auth_session": self.auth_session, "authn_response": response })
    }
}

/// Enrols a passkey and reads the message that tells of it; the method as it was answered.
pub(crate) async fn add(
    app: &TestApp,
    user: &Actor<'_>,
    authenticator: &mut Authenticator,
) -> Value {
    let begun = Begun::new(user).await;
    let proof = begun.proof(&authenticator.create(&begun.options));
    let reply = user.verify("passkey|new", &proof).await.expect(201);
    assert_eq!(app.messages().await.len(), 1);
    reply.json()
}

async fn start(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.passkeys().start().await
}

async fn the_answer_has_options_and_no_id(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let reply = user.enroll(&json!({ "type": "passkey", "whatever": [1] })).await;
    let options = &reply.json()["authn_params_public_key"];
    let challenge = options["challenge"].as_str().expect("a challenge");
    assert!(challenge.len() >= 43, "32 bytes at least: {challenge}");
    assert_shown!(reply.seen(), {
        ".body.auth_session" => "[auth_session]",
        ".body.authn_params_public_key.challenge" => "[challenge]",
        ".body.authn_params_public_key.user.id" => "[user]",
    }, @r#"
    {
      "body": {
        "auth_session": "[auth_session]",
        "authn_params_public_key": {
          "authenticatorSelection": {
            "residentKey": "required",
            "userVerification": "preferred"
          },
          "challenge": "[challenge]",
          "pubKeyCredParams": [
            {
              "alg": -8,
              "type": "public-key"
            },
            {
              "alg": -7,
              "type": "public-key"
            },
            {
              "alg": -257,
              "type": "public-key"
            }
          ],
          "rp": {
            "id": "acme.example",
            "name": "The acme tenant"
          },
          "timeout": 60000,
          "user": {
            "displayName": "user@example.com",
            "id": "[user]",
            "name": "user@example.com"
          }
        }
      },
      "location": "https://acme.example/me/v1/authentication-methods/passkey%7Cnew",
      "status": 202
    }
    "#);
    let ids = user.method_ids().await;
    assert!(ids.iter().all(|id| !id.starts_with("passkey")), "nothing is listed yet: {ids:?}");
}

async fn a_new_passkey_is_answered_whole(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let begun = Begun::new(&user).await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    authenticator.flags = Flags { up: true, uv: true, be: true, bs: true };
    authenticator.aaguid = [
        0xea, 0x9b, 0x8d, 0x66, 0x4d, 0x01, 0x1d, 0x21, 0x3c, 0xe4, 0xb6, 0xb4, 0x8c, 0xb5, 0x75,
        0xd4,
    ];
    let proof = begun.proof(&authenticator.create(&begun.options));
    let reply = user
        .request("POST", "/authentication-methods/passkey%7Cnew/verify")
        .header("user-agent", CHROME)
        .json(&proof)
        .send()
        .await;
    let id = reply.text("/id");
    assert!(id.starts_with("passkey|dev_"), "{id}");
    let location = format!("https://acme.example/me/v1{}", method_path(&id));
    assert_eq!(reply.location(), location);
    assert_shown!(reply.seen(), {
        ".body.id" => "[id]",
        ".body.identity_user_id" => "[identity]",
        ".body.user_handle" => "[user]",
        ".location" => "[location]",
    }, @r#"
    {
      "body": {
        "aaguid": "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4",
        "created_at": "2026-01-01T00:00:00.000Z",
        "credential_backed_up": true,
        "credential_device_type": "multi_device",
        "id": "[id]",
        "identity_user_id": "[identity]",
        "key_id": "AQEBAQEBAQEBAQEBAQEBAS1jcmVkZW50aWFs",
        "name": "Google Password Manager",
        "public_key": "pAEBAycgBiFYIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
        "relying_party_id": "acme.example",
        "transports": [
          "internal"
        ],
        "type": "passkey",
        "usage": [
          "primary"
        ],
        "user_agent": "Chrome 131.0.0 / Mac OS X 10.15.7",
        "user_handle": "[user]"
      },
      "location": "[location]",
      "status": 201
    }
    "#);
    let message = app.message().await;
    assert!(message.content.text.contains("passkey"), "{}", message.content.text);
    let one = user.get(&method_path(&id)).await.expect(200);
    assert_eq!(one.json(), reply.json());
}

async fn every_kind_of_key_and_attestation_is_taken(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let mut number = 0;
    for kind in [KeyKind::EdDsa, KeyKind::Es256, KeyKind::Rs256] {
        for attestation in [
            Attestation::None,
            Attestation::SelfSigned,
            Attestation::Certificate,
            Attestation::Unknown,
        ] {
            number += 1;
            let mut authenticator = Authenticator::new(kind, number, ORIGIN);
            authenticator.attestation = attestation;
            add(&app, &user, &mut authenticator).await;
        }
    }
    assert_eq!(user.method_ids().await.len(), 13);
}

async fn paths_and_aliases_of_sdks_work(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let me = user.get("/authentication-methods").await.json();
    let identity = &me["authentication_methods"][0]["identity_user_id"];
    for (number, segment) in ["passkey%7Cnew", "passkey%7cnew", "passkey|new"].iter().enumerate() {
        let body = json!({ "type": "passkey", "identity": identity });
        let begun = Begun::with(&user, &body).await;
        let number = u8::try_from(number + 1).expect("few");
        let mut authenticator = Authenticator::new(KeyKind::EdDsa, number, ORIGIN);
        let proof = begun.proof(&authenticator.create(&begun.options));
        let path = format!("/authentication-methods/{segment}/verify");
        let _ = user.post(&path, &proof).await.expect(201);
        app.messages().await;
    }
    for foreign in [
        json!({ "type": "passkey", "identity": "somebody" }),
        json!({ "type": "passkey", "identity": identity, "identity_user_id": "somebody" }),
        json!({ "type": "passkey", "connection": "elsewhere" }),
    ] {
        let _ = user.enroll(&foreign).await.expect(403);
    }
}

async fn existing_ones_are_excluded_only_if_asked(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let method = add(&app, &user, &mut Authenticator::new(KeyKind::EdDsa, 1, ORIGIN)).await;
    assert_eq!(Begun::new(&user).await.options.get("excludeCredentials"), None);
    let body = json!({ "type": "passkey", "use_exclude_credentials": true });
    let options = Begun::with(&user, &body).await.options;
    let expected = json!([
        { "id": method["key_id"], "type": "public-key", "transports": ["internal"] }
    ]);
    assert_eq!(options["excludeCredentials"], expected);
    let wrong = json!({ "type": "passkey", "use_exclude_credentials": "yes" });
    let _ = user.enroll(&wrong).await.expect(400);
}

async fn renaming_and_removing(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let method = add(&app, &user, &mut Authenticator::new(KeyKind::EdDsa, 1, ORIGIN)).await;
    let path = method_path(method["id"].as_str().expect("an id"));
    let renamed = user.patch(&path, &json!({ "name": "My laptop" })).await.expect(200).json();
    assert_eq!(renamed["name"], "My laptop");
    assert_eq!(renamed["public_key"], method["public_key"]);
    let channel = json!({ "preferred_authentication_method": "sms" });
    let _ = user.patch(&path, &channel).await.expect(400);
    let _ = user.delete(&path).await.expect(204);
    assert_eq!(app.messages().await.len(), 2, "each change is told");
    let _ = user.get(&path).await.expect(404);
    for path in ["/authentication-methods/passkey%7Cnew", &path] {
        let _ = user.get(path).await.expect(404);
        let _ = user.patch(path, &json!({ "name": "x" })).await.expect(404);
        let _ = user.delete(path).await.expect(404);
    }
}

async fn asking_first_changes_nothing(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let asked = user
        .post("/authentication-methods?dry_run=true", &json!({ "type": "passkey" }))
        .await
        .expect(200);
    assert_eq!(asked.json()["would"]["status"], 202);
    let begun = Begun::new(&user).await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, "https://evil.example");
    let verify = "/authentication-methods/passkey%7Cnew/verify?dry_run=true";
    let wrong = begun.proof(&authenticator.create(&begun.options));
    for _ in 0..11 {
        let _ = user.post(verify, &wrong).await.expect(400);
    }
    ORIGIN.clone_into(&mut authenticator.origin);
    let right = begun.proof(&authenticator.create(&begun.options));
    let asked = user.post(verify, &right).await.expect(200).json();
    assert_eq!(asked["would"]["authentication_method"]["type"], "passkey");
    assert_eq!(user.method_ids().await.len(), 1, "nothing was stored");
    let _ = user.verify("passkey|new", &right).await.expect(201);
    app.messages().await;
}

async fn it_is_a_factor_where_the_connection_allows_it(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let factors = || async { user.get("/factors").await.expect(200).json()["factors"].clone() };
    let before = factors().await;
    assert_eq!(before[0], json!({ "type": "passkey", "usage": ["primary"] }));
    add(&app, &user, &mut Authenticator::new(KeyKind::EdDsa, 1, ORIGIN)).await;
    assert_eq!(factors().await, before, "and stays one");
}

async fn it_is_none_where_it_does_not(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let factors = user.get("/factors").await.expect(200);
    assert!(!factors.body.contains("passkey"), "{}", factors.body);
    let reply = user.enroll(&json!({ "type": "passkey" })).await.expect(403);
    assert_eq!(reply.text("/error"), "unsupported_challenge_type");
}

async fn twenty_methods_are_enough(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let late = Begun::new(&user).await;
    for number in 1..=19 {
        add(&app, &user, &mut Authenticator::new(KeyKind::EdDsa, number, ORIGIN)).await;
    }
    let reply = user.enroll(&json!({ "type": "passkey" })).await.expect(409);
    assert_eq!(reply.text("/error"), "too_many_entities");
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 20, ORIGIN);
    let proof = late.proof(&authenticator.create(&late.options));
    let _ = user.verify("passkey|new", &proof).await.expect(409);
}

on_both_engines! {
    the_answer_has_options_and_no_id,
    a_new_passkey_is_answered_whole,
    every_kind_of_key_and_attestation_is_taken,
    paths_and_aliases_of_sdks_work,
    existing_ones_are_excluded_only_if_asked,
    renaming_and_removing,
    asking_first_changes_nothing,
    it_is_a_factor_where_the_connection_allows_it,
    it_is_none_where_it_does_not,
    twenty_methods_are_enough,
}
