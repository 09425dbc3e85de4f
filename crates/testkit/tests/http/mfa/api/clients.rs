//! What Auth0.swift and Auth0.Android send, byte for byte in shape, and what their decoders need
//! (contract 04 §4, §5, §6); and proofs of possession, which the one sends and the other does not.

use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::application::ME;
use housekey_testkit::dpop::ProofKey;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{NATIVE, SPA};
use housekey_testkit::{TestApp, TestDatabase, authenticator, jwt};
use serde_json::{Value, json};

use super::super::{require_2fa, unverified};
use super::{
    OOB, OTP, allowed, build, demand, demanded, refusal, tells, told, with_app, with_phone,
};

const REALM: &str = "http://auth0.com/oauth/grant-type/password-realm";
const CONNECTION: &str = "Username-Password-Authentication";

async fn post(app: &TestApp, path: &str, body: &Value) -> Reply {
    app.post(path).header("auth0-client", "eyJuYW1lIjoieCJ9").json(body).send().await
}

/// Both native SDKs sign in with the password like this.
async fn sign_in(app: &TestApp) -> Reply {
    let body = json!({
        "grant_type": REALM, "client_id": NATIVE, "username": EMAIL, "password": PASSWORD,
        "realm": CONNECTION, "scope": "openid profile email offline_access",
    });
    post(app, "/oauth/token", &body).await
}

/// What both decode credentials from.
fn assert_credentials(reply: &Reply) {
    let body = reply.json();
    for name in ["access_token", "id_token", "token_type", "scope", "refresh_token"] {
        assert!(body[name].is_string(), "{name}: {body}");
    }
    assert!(body["expires_in"].is_u64(), "{body}");
}

async fn swift(database: TestDatabase) {
    let app = allowed(TestApp::build(database).await.phones()).start().await;
    let user = app.sign_in().await;
    with_phone(&app, &user).await;
    demand(&app).await;
    let asked = sign_in(&app).await.expect(403).json();
    let token = asked["mfa_token"].as_str().expect("a token");
    let kinds: Vec<_> = asked["mfa_requirements"]["challenge"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|own| own["type"].clone())
        .collect();
    let listed = app.get("/mfa/authenticators").bearer(token).send().await.expect(200).json();
    // It keeps those whose type is required.
    let kept: Vec<_> = listed
        .as_array()
        .expect("a list")
        .iter()
        .filter(|own| kinds.contains(&own["type"]) && own["active"] == true)
        .collect();
    assert_eq!(kept.len(), 3, "text message, call and mail: {listed}");
    let body = json!({
        "client_id": NATIVE, "mfa_token": token, "challenge_type": "oob",
        "authenticator_id": kept[0]["id"],
    });
    let challenge = post(&app, "/mfa/challenge", &body).await.expect(200).json();
    assert!(challenge["challenge_type"].is_string() && challenge["oob_code"].is_string());
    let code = app.message().await.content.code.expect("a code");
    let body = json!({
        "client_id": NATIVE, "mfa_token": token, "grant_type": OOB,
        "oob_code": challenge["oob_code"], "binding_code": code,
    });
    assert_credentials(&post(&app, "/oauth/token", &body).await.expect(200));
}

async fn android(database: TestDatabase) {
    let app = allowed(TestApp::build(database).await.phones()).start().await;
    let (user, secret) = with_app(&app).await;
    with_phone(&app, &user).await;
    demand(&app).await;
    let token = sign_in(&app).await.expect(403).text("/mfa_token");
    let listed = app.get("/mfa/authenticators").bearer(&token).send().await.expect(200).json();
    // It looks for what it is allowed by channel or type.
    let by = |wanted: &str| {
        listed
            .as_array()
            .expect("a list")
            .iter()
            .find(|own| own["oob_channel"] == wanted || own["authenticator_type"] == wanted)
    };
    for wanted in ["sms", "voice", "email", "otp", "oob"] {
        assert!(by(wanted).is_some(), "{wanted}: {listed}");
    }
    // It may leave the type out.
    let body = json!({
        "client_id": NATIVE, "mfa_token": token, "authenticator_id": by("sms").expect("one")["id"],
    });
    let challenge = post(&app, "/mfa/challenge", &body).await.expect(200).json();
    assert_eq!(
        (&challenge["challenge_type"], &challenge["binding_method"]),
        (&json!("oob"), &json!("prompt"))
    );
    app.messages().await;
    let otp = authenticator::code(&secret, app.now());
    let body = json!({ "client_id": NATIVE, "mfa_token": token, "grant_type": OTP, "otp": otp });
    assert_credentials(&post(&app, "/oauth/token", &body).await.expect(200));
}

/// The classes that Android chooses by the members that are there.
async fn android_enrols(database: TestDatabase) {
    let app = build(database).await.phones().push().start().await;
    unverified(&app).await;
    demand(&app).await;
    app.ignore_messages().await;
    let token = sign_in(&app).await.expect(403).text("/mfa_token");
    let bodies = [
        (json!({ "authenticator_types": ["otp"] }), true),
        (
            json!({ "authenticator_types": ["oob"], "oob_channels": ["sms"],
                    "phone_number": "+4930123456" }),
            false,
        ),
        (json!({ "authenticator_types": ["oob"], "oob_channels": ["auth0"] }), true),
    ];
    for (body, has_code) in bodies {
        let reply = app.post("/mfa/associate").bearer(&token).json(&body).send().await;
        let begun = reply.expect(200).json();
        assert_eq!(begun["barcode_uri"].is_string(), has_code, "{begun}");
        assert!(begun["authenticator_type"].is_string() && begun["id"].is_string(), "{begun}");
        assert!(begun.get("recovery_code").is_none(), "that would be another class: {begun}");
        let is_oob = body["authenticator_types"][0] == "oob";
        assert_eq!(begun["oob_code"].is_string(), is_oob, "{begun}");
        assert_eq!(begun["binding_method"] == "prompt", is_oob && !has_code, "{begun}");
    }
}

/// The password grant, with a proof if there is a key.
async fn prove(app: &TestApp, key: Option<&ProofKey>, fields: &[(&str, &str)]) -> Reply {
    match key {
        Some(key) => app.prove(key, fields).await,
        None => app.post("/oauth/token").form(fields).send().await,
    }
}

async fn a_proof_is_followed_by_proofs(database: TestDatabase) {
    let app = build(database).await.configure(require_2fa).start().await;
    let (_, secret) = demanded(&app).await;
    let audience = format!("{}me/", app.issuer());
    let scope = format!("openid offline_access {ME}");
    let password = [
        ("grant_type", "password"),
        ("client_id", SPA),
        ("username", EMAIL),
        ("password", PASSWORD),
        ("audience", audience.as_str()),
        ("scope", scope.as_str()),
    ];
    let (key, other) = (ProofKey::default(), ProofKey::default());
    let bound = prove(&app, Some(&key), &password).await.expect(403).text("/mfa_token");
    let plain = prove(&app, None, &password).await.expect(403).text("/mfa_token");
    let otp = authenticator::code(&secret, app.now());
    let fields = |token| {
        [("grant_type", OTP), ("client_id", SPA), ("mfa_token", token), ("otp", otp.as_str())]
    };
    let invalid = (400, "invalid_dpop_proof".to_owned());
    assert_eq!(refusal(&prove(&app, None, &fields(&bound)).await), invalid);
    if key.thumbprint() != other.thumbprint() {
        assert_eq!(refusal(&prove(&app, Some(&other), &fields(&bound)).await), invalid);
    }
    // Nothing was tried so far.
    let reply = prove(&app, Some(&key), &fields(&bound)).await.expect(200);
    assert_eq!(reply.text("/token_type"), "DPoP");
    let claims = jwt::claims(&reply.text("/access_token"));
    assert_eq!(claims["cnf"]["jkt"], key.thumbprint());
    // Android sends none, and need not where there was none before.
    let used = prove(&app, None, &fields(&plain)).await;
    assert_eq!(told(&used), tells(403, "invalid_grant", "Invalid otp_code."), "the same step");
    app.clock().advance(30);
    let otp = authenticator::code(&secret, app.now());
    let fields =
        [("grant_type", OTP), ("client_id", SPA), ("mfa_token", &*plain), ("otp", otp.as_str())];
    let reply = prove(&app, None, &fields).await.expect(200);
    assert_eq!(reply.text("/token_type"), "Bearer");
}

on_both_engines! {
    swift,
    android,
    android_enrols,
    a_proof_is_followed_by_proofs,
}
