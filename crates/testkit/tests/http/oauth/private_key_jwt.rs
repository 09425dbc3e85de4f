//! Applications that authenticate by assertions (RFC 7523, contract 03 §6.2).

use std::sync::Arc;

use housekey_core::client::{AssertionAlgorithm, ClientSettings};
use housekey_core::id::CredentialId;
use housekey_core::tenant::Configuration;
use housekey_testkit::assertion::{ASSERTION_TYPE, SigningKey, claims};
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{CUSTOM_API, MACHINE, SPA};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{expected, refusal};

const ISSUER: &str = "https://acme.example/";
const KID: &str = "first-key-of-machine";

fn refused() -> (u16, String, String) {
    expected(401, "access_denied", "Unauthorized")
}

fn malformed(why: &str) -> (u16, String, String) {
    expected(401, "invalid_client", why)
}

/// Has the machine authenticate by these keys.
fn keys(
    keys: &[(&'static str, &SigningKey, AssertionAlgorithm)],
) -> impl FnOnce(&mut ClientSettings) + use<> {
    let credentials: Vec<_> =
        keys.iter().map(|(kid, key, alg)| key.credential(kid, *alg)).collect();
    move |settings| {
        let ids = credentials.iter().map(|own| own.id.clone()).collect();
        settings.credentials = credentials;
        assert!(settings.authenticate_by(ids), "one or two of its own");
    }
}

async fn start(database: TestDatabase) -> TestApp {
    let one = keys(&[(KID, SigningKey::rsa(0), AssertionAlgorithm::RS256)]);
    TestApp::build(database).await.client(MACHINE, one).start().await
}

/// An assertion as node-auth0 makes it, with a change.
fn assertion(app: &TestApp, jti: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let mut header = json!({ "alg": "RS256", "typ": "JWT", "kid": KID });
    let mut claims = claims(MACHINE, ISSUER, jti, app.now());
    change(&mut header, &mut claims);
    SigningKey::rsa(0).sign(&header, &claims)
}

async fn send(app: &TestApp, fields: &[(&str, &str)]) -> Reply {
    let mut form = vec![("grant_type", "client_credentials"), ("audience", CUSTOM_API)];
    form.extend_from_slice(fields);
    app.post("/oauth/token").form(&form).send().await
}

async fn ask(app: &TestApp, assertion: &str) -> Reply {
    let kind = ("client_assertion_type", ASSERTION_TYPE);
    send(app, &[kind, ("client_assertion", assertion)]).await
}

async fn an_assertion_is_enough(database: TestDatabase) {
    let app = start(database).await;
    let first = assertion(&app, "1", |_, _| ());
    let _ = ask(&app, &first).await.expect(200);
    let named = [
        ("client_id", MACHINE),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &assertion(&app, "2", |_, _| ())),
    ];
    let _ = send(&app, &named).await.expect(200);
    let body = json!({
        "grant_type": "client_credentials",
        "audience": CUSTOM_API,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(&app, "3", |_, _| ()),
    });
    let _ = app.post("/oauth/token").json(&body).send().await.expect(200);
}

type Change = fn(&mut Value, &mut Value, i64);

async fn good_ones_in_other_forms(database: TestDatabase) {
    let app = start(database).await;
    let changes: [Change; 10] = [
        |header, _, _| header["kid"] = Value::Null,
        |header, _, _| *header = json!({ "alg": "RS256" }),
        |_, claims, _| claims["aud"] = "https://acme.example/oauth/token".into(),
        |_, claims, _| claims["aud"] = json!(["https://elsewhere.example/", ISSUER]),
        |_, claims, now| claims["iat"] = (now + 10).into(),
        |_, claims, now| claims["nbf"] = (now + 10).into(),
        |_, claims, now| claims["exp"] = (now + 300).into(),
        |_, claims, now| claims["exp"] = (now + 1).into(),
        |_, claims, _| claims["iat"] = Value::Null,
        |_, claims, _| claims["more"] = json!({ "of": "it" }),
    ];
    let now = app.now().as_seconds();
    for (number, change) in changes.iter().enumerate() {
        let text =
            assertion(&app, &number.to_string(), |header, claims| change(header, claims, now));
        let reply = ask(&app, &text).await;
        assert_eq!(reply.status, 200, "number {number}: {}", reply.body);
    }
}

async fn bad_ones(database: TestDatabase) {
    let app = start(database).await;
    let changes: [Change; 13] = [
        |header, _, _| header["kid"] = "another-key-of-machine".into(),
        |header, _, _| header["alg"] = "RS384".into(),
        |header, _, _| header["alg"] = "PS256".into(),
        |_, claims, _| claims["aud"] = "https://globex.example/".into(),
        |_, claims, _| claims["aud"] = "https://acme.example".into(),
        |_, claims, _| claims["aud"] = "https://acme.example/oauth/revoke".into(),
        |_, claims, now| claims["exp"] = now.into(),
        |_, claims, now| claims["exp"] = (now + 301).into(),
        |_, claims, now| claims["iat"] = (now + 11).into(),
        |_, claims, now| claims["nbf"] = (now + 11).into(),
        |_, claims, now| {
            claims["iat"] = Value::Null;
            claims["exp"] = (now + 311).into();
        },
        |_, claims, _| {
            claims["iss"] = "web".into();
            claims["sub"] = "web".into();
        },
        |_, claims, _| {
            claims["iss"] = "nobody".into();
            claims["sub"] = "nobody".into();
        },
    ];
    let now = app.now().as_seconds();
    for (number, change) in changes.iter().enumerate() {
        let text =
            assertion(&app, &number.to_string(), |header, claims| change(header, claims, now));
        assert_eq!(refusal(&ask(&app, &text).await), refused(), "number {number}");
    }
    let by_another = SigningKey::rsa(1)
        .sign(&json!({ "alg": "RS256", "kid": KID }), &claims(MACHINE, ISSUER, "x", app.now()));
    assert_eq!(refusal(&ask(&app, &by_another).await), refused());
    let good = assertion(&app, "y", |_, _| ());
    let (text, _) = good.rsplit_once('.').expect("three parts");
    assert_eq!(refusal(&ask(&app, &format!("{text}.AAAA")).await), refused());
}

async fn what_is_no_assertion(database: TestDatabase) {
    let app = start(database).await;
    let changes: [Change; 10] = [
        |header, _, _| header["alg"] = "none".into(),
        |header, _, _| header["alg"] = "HS256".into(),
        |header, _, _| header["alg"] = "RS512".into(),
        |header, _, _| header["crit"] = json!(["x"]),
        |_, claims, _| claims["iss"] = "web".into(),
        |_, claims, _| claims["jti"] = Value::Null,
        |_, claims, _| claims["jti"] = "".into(),
        |_, claims, _| claims["jti"] = "j".repeat(65).into(),
        |_, claims, _| claims["exp"] = Value::Null,
        |_, claims, _| claims["more"] = "m".repeat(2048).into(),
    ];
    for (number, change) in changes.iter().enumerate() {
        let text = assertion(&app, "1", |header, claims| change(header, claims, 0));
        let told = malformed("client_assertion is not valid");
        assert_eq!(refusal(&ask(&app, &text).await), told, "number {number}");
    }
    let good = assertion(&app, "1", |_, _| ());
    let missing = |name| malformed(&format!("Missing required parameter: {name}"));
    let reply = send(&app, &[("client_assertion", &good)]).await;
    assert_eq!(refusal(&reply), missing("client_assertion_type"));
    let reply = send(&app, &[("client_assertion_type", ASSERTION_TYPE)]).await;
    assert_eq!(refusal(&reply), missing("client_assertion"));
    let other = [("client_assertion_type", "x"), ("client_assertion", good.as_str())];
    let reply = send(&app, &other).await;
    assert_eq!(refusal(&reply), malformed("Unknown client_assertion_type"));
}

async fn it_is_good_once(database: TestDatabase) {
    let app = Arc::new(start(database).await);
    let text = assertion(&app, "1", |_, _| ());
    let mut tasks = JoinSet::new();
    for _ in 0..6 {
        let (app, text) = (app.clone(), text.clone());
        tasks.spawn(async move { ask(&app, &text).await.status.as_u16() });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401, 401, 401, 401]);
}

async fn whose_it_is_must_agree(database: TestDatabase) {
    let app = start(database).await;
    let text = assertion(&app, "1", |_, _| ());
    let named = |client| {
        [
            ("client_id", client),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", text.as_str()),
        ]
    };
    assert_eq!(refusal(&send(&app, &named("web")).await), refused());
    let _ = send(&app, &named(MACHINE)).await.expect(200);
}

async fn the_secret_is_no_longer_one(database: TestDatabase) {
    let app = start(database).await;
    let secret = app.secret_of(MACHINE).await;
    let reply = send(&app, &[("client_id", MACHINE), ("client_secret", &secret)]).await;
    assert_eq!(refusal(&reply), refused());
    let reply = send(&app, &[("client_id", MACHINE)]).await;
    assert_eq!(refusal(&reply), refused());
}

async fn whoever_has_no_keys_is_not_let_in_by_one(database: TestDatabase) {
    // The key is registered and not in use.
    let unused = |settings: &mut ClientSettings| {
        settings.credentials = vec![SigningKey::rsa(0).credential(KID, AssertionAlgorithm::RS256)];
    };
    let app = TestApp::build(database).await.client(MACHINE, unused).start().await;
    let text = assertion(&app, "1", |_, _| ());
    assert_eq!(refusal(&ask(&app, &text).await), refused());
    let secret = app.secret_of(MACHINE).await;
    let _ = send(&app, &[("client_id", MACHINE), ("client_secret", &secret)]).await.expect(200);
}

async fn every_algorithm_under_its_own_key(database: TestDatabase) {
    use AssertionAlgorithm::{ES256, PS256, RS384};
    let curve = SigningKey::p256();
    for (alg, key, database) in [
        (RS384, SigningKey::rsa(0), TestDatabase::sqlite().await),
        (PS256, SigningKey::rsa(0), TestDatabase::sqlite().await),
        (ES256, &curve, database),
    ] {
        let builder = TestApp::build(database).await;
        let app = builder.client(MACHINE, keys(&[(KID, key, alg)])).start().await;
        let header = json!({ "alg": alg.as_str() });
        let text = key.sign(&header, &claims(MACHINE, ISSUER, "1", app.now()));
        let reply = ask(&app, &text).await;
        assert_eq!(reply.status, 200, "{alg:?}: {}", reply.body);
        let others = assertion(&app, "2", |header, _| header["kid"] = Value::Null);
        assert_eq!(refusal(&ask(&app, &others).await), refused(), "{alg:?}");
    }
}

/// Both work until the old one ends; then the new one alone.
async fn a_key_follows_another(database: TestDatabase) {
    use AssertionAlgorithm::RS256;
    let two =
        keys(&[(KID, SigningKey::rsa(0), RS256), ("the-next-key", SigningKey::rsa(1), RS256)]);
    let soon = |tenant: &mut Configuration| {
        let mut clients = tenant.clients.iter_mut();
        let machine = clients.find(|own| own.id.as_str() == MACHINE).expect("of the seed");
        two(&mut machine.settings);
        machine.settings.credentials[0].expires_at =
            Some(housekey_testkit::clock::BEGINNING.plus_seconds(60));
    };
    let app = TestApp::build(database).await.configure(soon).start().await;
    for (jti, seconds, old) in [("1", 0, 200), ("2", 60, 401)] {
        app.clock().advance(seconds);
        // Without `kid`, whichever fits.
        let header = json!({ "alg": "RS256" });
        let claims = |suffix: &str| claims(MACHINE, ISSUER, &format!("{jti}{suffix}"), app.now());
        let by_old = SigningKey::rsa(0).sign(&header, &claims("a"));
        let by_new = SigningKey::rsa(1).sign(&header, &claims("b"));
        assert_eq!(ask(&app, &by_old).await.status, old);
        assert_eq!(ask(&app, &by_new).await.status, 200);
    }
}

async fn it_is_for_every_host_of_the_tenant(database: TestDatabase) {
    const CUSTOM: &str = "login.acme.example";
    let one = keys(&[(KID, SigningKey::rsa(0), AssertionAlgorithm::RS256)]);
    let builder = TestApp::build(database).await.client(MACHINE, one).custom_domain(CUSTOM);
    let app = builder.start().await;
    for (number, audience) in [
        "https://acme.example/",
        "https://login.acme.example/",
        "https://login.acme.example/oauth/token",
    ]
    .iter()
    .enumerate()
    {
        let text = assertion(&app, &number.to_string(), |_, claims| {
            claims["aud"] = (*audience).into();
        });
        let form = [
            ("grant_type", "client_credentials"),
            ("audience", CUSTOM_API),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", text.as_str()),
        ];
        let _ = app.post("/oauth/token").host(CUSTOM).form(&form).send().await.expect(200);
    }
}

async fn other_endpoints_take_it_too(database: TestDatabase) {
    let app = start(database).await;
    let text = assertion(&app, "1", |_, _| ());
    let form = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", text.as_str()),
        ("token", "x"),
    ];
    let _ = app.post("/oauth/revoke").form(&form).send().await.expect(200);
    let again = app.post("/oauth/revoke").form(&form).send().await;
    assert_eq!(refusal(&again), refused());
}

/// What a public application sends to authenticate is ignored, as its secret is.
async fn a_public_applications_is_ignored(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let form = [
        ("client_id", SPA),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", "x"),
        ("token", "x"),
    ];
    let _ = app.post("/oauth/revoke").form(&form).send().await.expect(200);
}

/// One or two keys, and only its own.
async fn keys_in_use_are_its_own(database: TestDatabase) {
    let app = start(database).await;
    let mut settings = app.client(MACHINE).await.settings.clone();
    let own = settings.credentials[0].id.clone();
    let stranger = CredentialId::from_raw("cred_stranger");
    for ids in [vec![], vec![stranger.clone()], vec![own.clone(), stranger], vec![own.clone(); 3]] {
        let before = settings.clone();
        assert!(!settings.authenticate_by(ids));
        assert_eq!(settings, before);
    }
    assert!(settings.authenticate_by(vec![own]));
    assert!(!settings.is_public());
}

on_both_engines! {
    an_assertion_is_enough,
    good_ones_in_other_forms,
    bad_ones,
    what_is_no_assertion,
    it_is_good_once,
    whose_it_is_must_agree,
    the_secret_is_no_longer_one,
    whoever_has_no_keys_is_not_let_in_by_one,
    every_algorithm_under_its_own_key,
    a_key_follows_another,
    it_is_for_every_host_of_the_tenant,
    other_endpoints_take_it_too,
    a_public_applications_is_ignored,
    keys_in_use_are_its_own,
}
