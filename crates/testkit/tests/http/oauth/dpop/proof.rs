//! What makes a proof (RFC 9449 §4.3, contract 03 §12.1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use housekey_testkit::dpop::{ProofDraft, ProofKey};
use housekey_testkit::seed::HOST;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{api, as_machine, refusal, says, spa_code};

async fn start(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.configure(api(Some(says(None)))).start().await
}

type Change = Box<dyn Fn(ProofDraft) -> String>;

/// Changes to a good proof, and what is said of them.
fn broken(key: &ProofKey, now: i64) -> Vec<(&'static str, Change)> {
    const INVALID: &str = "The DPoP proof is not valid";
    const HTM: &str = "The htm of the DPoP proof is not the method";
    const HTU: &str = "The htu of the DPoP proof is not the URL";
    const IAT: &str = "The iat of the DPoP proof is not recent";
    fn claim(name: &'static str, value: impl Into<Value>) -> Change {
        let value = value.into();
        Box::new(move |draft| draft.claim(name, value.clone()).sign())
    }
    fn header(name: &'static str, value: impl Into<Value>) -> Change {
        let value = value.into();
        Box::new(move |draft| draft.header(name, value.clone()).sign())
    }
    let other = ProofKey::default().jwk();
    let with = |name: &str, value: &str| {
        let mut jwk = key.jwk();
        jwk[name] = value.into();
        jwk
    };
    vec![
        (INVALID, Box::new(|_| "x".to_owned())),
        (INVALID, Box::new(|_| String::new())),
        (INVALID, Box::new(|draft| format!("{}x", draft.sign()))),
        (INVALID, Box::new(|draft| draft.sign().rsplit_once('.').expect("parts").0.to_owned())),
        (INVALID, Box::new(|draft| draft.claim("x", "y".repeat(5000)).sign())),
        (INVALID, header("typ", "JWT")),
        (INVALID, header("typ", Value::Null)),
        (INVALID, header("alg", "none")),
        (INVALID, header("alg", "HS256")),
        (INVALID, header("alg", "RS256")),
        (INVALID, header("alg", "ES384")),
        (INVALID, header("crit", json!(["exp"]))),
        (INVALID, header("jwk", Value::Null)),
        (INVALID, header("jwk", "x")),
        (INVALID, header("jwk", other)),
        (INVALID, header("jwk", with("d", "AAAA"))),
        (INVALID, header("jwk", with("k", "AAAA"))),
        (INVALID, header("jwk", with("crv", "P-384"))),
        (INVALID, header("jwk", with("kty", "RSA"))),
        (INVALID, header("jwk", with("x", "AAAA"))),
        (INVALID, claim("htm", Value::Null)),
        (INVALID, claim("htu", Value::Null)),
        (INVALID, claim("iat", Value::Null)),
        (INVALID, claim("iat", "now")),
        (INVALID, claim("jti", Value::Null)),
        (INVALID, claim("jti", "")),
        (INVALID, claim("jti", "j".repeat(257))),
        (HTM, claim("htm", "GET")),
        (HTM, claim("htm", "post")),
        (HTU, claim("htu", "https://acme.example/userinfo")),
        (HTU, claim("htu", "http://acme.example/oauth/token")),
        (HTU, claim("htu", "https://globex.example/oauth/token")),
        (HTU, claim("htu", "/oauth/token")),
        (IAT, claim("iat", now - 301)),
        (IAT, claim("iat", now + 31)),
        (IAT, claim("iat", 1e300)),
        (IAT, claim("iat", -1)),
    ]
}

async fn one_that_does_not_hold_is_refused(database: TestDatabase) {
    let app = start(database).await;
    let key = ProofKey::default();
    for (number, (why, change)) in broken(&key, app.now().as_seconds()).iter().enumerate() {
        let reply = as_machine(&app, &[change(app.token_proof(&key))]).await;
        let told = (400, "invalid_dpop_proof".to_owned(), (*why).to_owned());
        assert_eq!(refusal(&reply), told, "number {number}");
    }
}

async fn one_that_holds_in_an_unusual_form_is_taken(database: TestDatabase) {
    let app = start(database).await;
    let key = ProofKey::default();
    let now = app.now().as_seconds();
    let mut described = key.jwk();
    described["alg"] = "ES256".into();
    described["use"] = "sig".into();
    described["key_ops"] = json!(["verify"]);
    let proofs = [
        app.token_proof(&key).claim("iat", now - 300),
        app.token_proof(&key).claim("iat", now + 30),
        #[expect(clippy::cast_precision_loss, reason = "small")]
        app.token_proof(&key).claim("iat", now as f64 + 0.25),
        app.token_proof(&key).claim("htu", "HTTPS://ACME.example:443/oauth/token?x=y#z"),
        app.token_proof(&key).header("kid", "mine"),
        app.token_proof(&key).header("jwk", described),
        app.token_proof(&key).claim("jti", "j".repeat(256)),
        app.token_proof(&key).claim("exp", now - 1),
    ];
    for (number, proof) in proofs.iter().enumerate() {
        let reply = as_machine(&app, &[proof.sign()]).await;
        assert_eq!(reply.status, 200, "number {number}: {}", reply.body);
    }
}

async fn there_is_only_one_header(database: TestDatabase) {
    let app = start(database).await;
    let key = ProofKey::default();
    let two = [app.token_proof(&key).sign(), app.token_proof(&key).sign()];
    let reply = as_machine(&app, &two).await;
    let text = "There must be exactly one DPoP header".to_owned();
    assert_eq!(refusal(&reply), (400, "invalid_dpop_proof".to_owned(), text));
    let both = [two.join(", ")];
    assert_eq!(as_machine(&app, &both).await.expect(400).text("/error"), "invalid_dpop_proof");
}

/// Somebody made the key in the header fit by leaving out what it was signed with.
async fn the_signature_is_of_the_key_in_the_header(database: TestDatabase) {
    let app = start(database).await;
    let (mine, theirs) = (ProofKey::default(), ProofKey::default());
    let stolen = app.token_proof(&theirs).sign();
    let parts: Vec<_> = stolen.split('.').collect();
    let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": mine.jwk() });
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let forged = format!("{header}.{}.{}", parts[1], parts[2]);
    assert_eq!(as_machine(&app, &[forged]).await.expect(400).text("/error"), "invalid_dpop_proof");
    let _ = as_machine(&app, &[stolen]).await.expect(200);
}

/// The proof names the URL the client called, which a trusted proxy tells.
async fn behind_a_proxy_the_url_is_the_outer_one(database: TestDatabase) {
    let builder = TestApp::build(database).await.configure(api(Some(says(None))));
    let app = builder.plain_http().trusting("10.0.0.0/8").start().await;
    let key = ProofKey::default();
    let secret = app.secret_of("machine").await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "machine"),
        ("client_secret", secret.as_str()),
        ("audience", "https://api.example/"),
    ];
    for (url, status) in [
        ("https://acme.example/oauth/token", 200),
        ("http://acme.example/oauth/token", 400),
        ("http://inner:8080/oauth/token", 400),
    ] {
        let proof = key.draft("POST", url, app.now()).sign();
        let request = app.post("/oauth/token").host("inner:8080").from("10.0.0.1").form(&fields);
        let request = request.header("x-forwarded-host", HOST).header("x-forwarded-proto", "https");
        assert_eq!(request.header("dpop", &proof).send().await.status, status, "{url}");
    }
}

async fn a_bad_one_uses_nothing_up(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    let (request, code) = spa_code(&app).await;
    let fields = request.token_fields(&code);
    let bad = app.token_proof(&key).claim("htm", "GET").sign();
    let reply = app.post("/oauth/token").form(&fields).header("dpop", &bad).send().await;
    assert_eq!(reply.expect(400).text("/error"), "invalid_dpop_proof");
    assert_eq!(app.prove(&key, &fields).await.expect(200).text("/token_type"), "DPoP");
}

on_both_engines! {
    one_that_does_not_hold_is_refused,
    one_that_holds_in_an_unusual_form_is_taken,
    there_is_only_one_header,
    the_signature_is_of_the_key_in_the_header,
    behind_a_proxy_the_url_is_the_outer_one,
    a_bad_one_uses_nothing_up,
}
