//! What clients rely on when they enrol passkeys.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use housekey_testkit::passkey::{Authenticator, KeyKind};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::super::passkey::{Begun, ORIGIN, add};
use super::last_segment;

async fn start(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.passkeys().start().await
}

/// The text of a member that has to be one.
#[track_caller]
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is a text: {value}"))
}

/// Row 3 of the checklist, contract 01 §11.
async fn auth0_swift_decodes_every_member_of_a_passkey(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let method = add(&app, &user, &mut Authenticator::new(KeyKind::Es256, 1, ORIGIN)).await;
    let created = text(&method, "created_at");
    assert!(created.len() == 24 && created.as_bytes()[19] == b'.', "{created}");
    let key = text(&method, "public_key");
    assert!(key.len().is_multiple_of(4) && key.starts_with("pQECAyYg"), "{key}");
    assert!(STANDARD.decode(key).is_ok(), "{key}");
    let handle = URL_SAFE_NO_PAD.decode(text(&method, "user_handle")).expect("base64url");
    assert!(handle.starts_with(b"auth0|"));
    assert_eq!(text(&method, "aaguid"), "00000000-0000-0000-0000-000000000000");
    assert_eq!(text(&method, "relying_party_id"), "acme.example");
    assert_eq!(method["usage"], json!(["primary"]));
    assert_eq!(method.get("confirmed"), None);
}

/// Row 8 of the checklist.
async fn nextjs_auth0_sends_identity_and_auth0_swift_wants_no_id(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let me = user.get("/authentication-methods").await.expect(200).json();
    let identity = &me["authentication_methods"][0]["identity_user_id"];
    let body = json!({ "type": "passkey", "identity": identity });
    let reply = user.enroll(&body).await.expect(202);
    assert_eq!(reply.json().get("id"), None);
    assert_eq!(reply.json()["authn_params_public_key"].get("excludeCredentials"), None);
    assert_eq!(last_segment(&reply), "passkey%7Cnew");
}

async fn auth0_android_needs_numbers_and_names_in_the_options(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let options = Begun::new(&user).await.options;
    assert_eq!(options["timeout"].as_i64(), Some(60_000));
    for name in ["id", "name", "displayName"] {
        assert!(!text(&options["user"], name).is_empty());
    }
    for name in ["id", "name"] {
        assert!(!text(&options["rp"], name).is_empty());
    }
}

async fn auth0_android_sends_attachment_and_extension_results(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let begun = Begun::new(&user).await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    let mut response = authenticator.create(&begun.options);
    response["authenticatorAttachment"] = "platform".into();
    response["clientExtensionResults"] = json!({ "credProps": { "rk": true } });
    let _ = user.verify("passkey|new", &begun.proof(&response)).await.expect(201);
    app.ignore_messages().await;
}

async fn auth0_swift_and_web_components_leave_the_optional_out(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let begun = Begun::new(&user).await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    let mut response = authenticator.create(&begun.options);
    response.as_object_mut().expect("an object").remove("clientExtensionResults");
    response["response"].as_object_mut().expect("an object").remove("transports");
    let method = user.verify("passkey|new", &begun.proof(&response)).await.expect(201).json();
    assert_eq!(method.get("transports"), None);
    app.ignore_messages().await;
}

async fn auth0_spa_js_sends_the_whole_challenge_back(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let begun = Begun::new(&user).await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    let mut proof = begun.proof(&authenticator.create(&begun.options));
    proof["id"] = "passkey|new".into();
    proof["authn_params_public_key"] = begun.options.clone();
    let _ = user.verify("passkey|new", &proof).await.expect(201);
    app.ignore_messages().await;
}

on_both_engines! {
    auth0_swift_decodes_every_member_of_a_passkey,
    nextjs_auth0_sends_identity_and_auth0_swift_wants_no_id,
    auth0_android_needs_numbers_and_names_in_the_options,
    auth0_android_sends_attachment_and_extension_results,
    auth0_swift_and_web_components_leave_the_optional_out,
    auth0_spa_js_sends_the_whole_challenge_back,
}
