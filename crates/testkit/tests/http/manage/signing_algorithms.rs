//! What tokens are signed with: `jwt_configuration.alg` of an application, `signing_alg` of an API
//! (contract 05 §5.1, §7.1).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::seed::{CUSTOM_API, MACHINE, WEB};
use housekey_testkit::{TestApp, TestDatabase, jwt};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::{Machine, encoded, refusal};

const OF_KEYS: [(&str, Algorithm); 3] =
    [("RS256", Algorithm::RS256), ("RS512", Algorithm::RS512), ("PS256", Algorithm::PS256)];

fn verifies(token: &str, key: &DecodingKey, algorithm: Algorithm) -> bool {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<Value>(token, key, &validation).is_ok()
}

/// The published key that a token names.
async fn published(app: &TestApp, token: &str) -> DecodingKey {
    let kid = jwt::header(token)["kid"].clone();
    let keys = app.get("/.well-known/jwks.json").send().await.expect(200).json();
    let key = keys["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == kid);
    let part = |name: &str| key.expect("the key")[name].as_str().expect("a text").to_owned();
    DecodingKey::from_rsa_components(&part("n"), &part("e")).expect("a key")
}

fn shared(secret: &str) -> DecodingKey {
    DecodingKey::from_secret(secret.as_bytes())
}

async fn sign_with(machine: &Machine<'_>, alg: &str) {
    let body = json!({ "jwt_configuration": { "alg": alg } });
    let changed = machine.patch(&format!("clients/{WEB}"), &body).await.expect(200).json();
    assert_eq!(changed["jwt_configuration"]["alg"], alg);
}

/// Whether an ID token is taken back as a hint.
async fn is_taken_as_hint(app: &TestApp, token: &str) -> bool {
    let request = app.authorize_on("acme.example", WEB, "openid").with("id_token_hint", token);
    app.get(&request.path()).send().await.expect(302).location().starts_with("/u/")
}

async fn applications_choose_for_their_id_tokens(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    for (name, algorithm) in OF_KEYS {
        sign_with(&machine, name).await;
        let token = app.sign_in_as(EMAIL, WEB, "openid").await.tokens.id;
        assert_eq!(jwt::header(&token)["alg"], name);
        assert!(verifies(&token, &published(&app, &token).await, algorithm), "{name}");
        assert!(is_taken_as_hint(&app, &token).await, "{name}");
    }
    sign_with(&machine, "HS256").await;
    let tokens = app.sign_in_as(EMAIL, WEB, "openid").await.tokens;
    assert_eq!(jwt::header(&tokens.id), json!({ "alg": "HS256", "typ": "JWT" }));
    let secret = app.secret_of(WEB).await;
    assert!(verifies(&tokens.id, &shared(&secret), Algorithm::HS256));
    assert!(is_taken_as_hint(&app, &tokens.id).await);
    let _ = app.get("/userinfo").bearer(&tokens.access).send().await.expect(200);
}

/// The algorithm is the application's choice, not the token's: neither a published key nor another
/// secret makes one.
async fn a_hint_under_another_secret_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let by_key = app.sign_in_as(EMAIL, WEB, "openid").await.tokens.id;
    let secret = app.secret_of(WEB).await;
    let forged = jwt::confused(&by_key, secret.as_bytes());
    assert!(!is_taken_as_hint(&app, &forged).await, "its tokens are not signed so");
    sign_with(&machine, "HS256").await;
    assert!(is_taken_as_hint(&app, &forged).await, "now they are");
    for other in ["", "another secret"] {
        assert!(!is_taken_as_hint(&app, &jwt::confused(&by_key, other.as_bytes())).await);
    }
    let no_client = jwt::with_claims(&forged, |claims| claims["aud"] = "nobody".into());
    assert!(!is_taken_as_hint(&app, &no_client).await);
}

async fn access_token(app: &TestApp) -> String {
    let secret = app.secret_of(MACHINE).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", MACHINE),
        ("client_secret", secret.as_str()),
        ("audience", CUSTOM_API),
    ];
    app.post("/oauth/token").form(&form).send().await.expect(200).text("/access_token")
}

async fn apis_choose_for_their_access_tokens(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let path = format!("resource-servers/{}", encoded(CUSTOM_API));
    for (name, algorithm) in OF_KEYS {
        let changed = machine.patch(&path, &json!({ "signing_alg": name })).await.expect(200);
        assert_eq!(changed.json()["signing_alg"], name);
        assert_eq!(changed.json().get("signing_secret"), None);
        let token = access_token(&app).await;
        assert_eq!(jwt::header(&token)["alg"], name);
        assert!(verifies(&token, &published(&app, &token).await, algorithm), "{name}");
        let request = app.authorize("openid").with("audience", CUSTOM_API);
        let code = app.browser().authorize_as(&request, EMAIL).await.code();
        let reply = app.exchange(&request, &code).await.expect(200);
        let _ = app.get("/userinfo").bearer(&reply.text("/access_token")).send().await.expect(200);
    }
}

async fn an_api_can_share_a_secret(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let path = format!("resource-servers/{}", encoded(CUSTOM_API));
    let made = machine.patch(&path, &json!({ "signing_alg": "HS256" })).await.expect(200);
    let secret = made.text("/signing_secret");
    assert!(secret.len() >= 32, "{secret}");
    let token = access_token(&app).await;
    assert!(verifies(&token, &shared(&secret), Algorithm::HS256));
    assert_eq!(machine.get(&path).await.expect(200).text("/signing_secret"), secret);

    let own = json!({ "signing_secret": "correct horse battery staple" });
    let changed = machine.patch(&path, &own).await.expect(200);
    assert_eq!(changed.text("/signing_secret"), "correct horse battery staple");
    let token = access_token(&app).await;
    assert!(verifies(&token, &shared("correct horse battery staple"), Algorithm::HS256));

    // Such a token is for its API alone.
    let request = app.authorize("openid").with("audience", CUSTOM_API);
    let code = app.browser().authorize_as(&request, EMAIL).await.code();
    let token = app.exchange(&request, &code).await.expect(200).text("/access_token");
    assert_eq!(jwt::claims(&token)["aud"], CUSTOM_API);
    let _ = app.get("/userinfo").bearer(&token).send().await.expect(401);

    let back = machine.patch(&path, &json!({ "signing_alg": null })).await.expect(200).json();
    assert_eq!(back["signing_alg"], "RS256");
    assert_eq!(back.get("signing_secret"), None);
    for (body, member) in [
        (json!({ "signing_secret": "0123456789abcdef" }), "signing_secret"),
        (json!({ "signing_alg": "HS256", "signing_secret": "too short" }), "signing_secret"),
        (json!({ "signing_alg": "none" }), "signing_alg"),
    ] {
        let (status, _, text) = refusal(&machine.patch(&path, &body).await);
        assert!(status == 400 && text.contains(member), "{body}: {text}");
    }
}

on_both_engines! {
    applications_choose_for_their_id_tokens,
    a_hint_under_another_secret_is_refused,
    apis_choose_for_their_access_tokens,
    an_api_can_share_a_secret,
}
