//! Keys of applications (contract 05 §7.2). Their operations have no door yet, so they are called.

use housekey_core::client::{AssertionAlgorithm, Credential};
use housekey_core::id::ClientId;
use housekey_core::manage::client_credentials::{
    NewCredential, create, delete, find, list, update,
};
use housekey_core::manage::{Asked, ManageError, Operator, Thing, clients};
use housekey_core::scope::ScopeSet;
use housekey_testkit::assertion::{ASSERTION_TYPE, SigningKey, claims};
use housekey_testkit::seed::{CUSTOM_API, MACHINE, WEB};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

fn operator() -> Operator {
    Operator {
        client_id: ClientId::from_raw(MACHINE),
        scope: ScopeSet::default(),
        token_id: String::new(),
        asked: Asked::default(),
    }
}

fn new(key: &SigningKey) -> NewCredential {
    NewCredential { pem: key.pem(), ..NewCredential::default() }
}

async fn add(app: &TestApp, client: &str, new: NewCredential) -> Result<Credential, ManageError> {
    create(app.core(), &app.call().await, &operator(), client, new, Value::Null).await
}

/// What was wrong with the body.
fn invalid<T: std::fmt::Debug>(outcome: Result<T, ManageError>) -> String {
    match outcome {
        Err(ManageError::InvalidBody(why)) => why,
        other => panic!("{other:?}"),
    }
}

async fn a_key_is_added_and_found(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let named = NewCredential {
        name: Some("Of the build server".to_owned()),
        kid: Some("2026-key-of-machine".to_owned()),
        alg: Some(AssertionAlgorithm::PS256),
        expires_at: Some(app.now().plus_seconds(60)),
        ..new(SigningKey::rsa(0))
    };
    let added = add(&app, MACHINE, named).await.expect("a good key");
    assert!(added.id.as_str().starts_with("cred_") && added.id.as_str().len() == 27);
    assert_eq!(added.public_key, SigningKey::rsa(0).public());
    assert_eq!((added.kid.as_str(), added.created_at), ("2026-key-of-machine", app.now()));
    let plain = add(&app, MACHINE, new(SigningKey::rsa(1))).await.expect("a good key");
    assert_eq!((plain.alg, plain.expires_at), (AssertionAlgorithm::RS256, None));
    assert_eq!(plain.kid, plain.thumbprint_sha256);
    let call = app.call().await;
    assert_eq!(list(&call, MACHINE).expect("is there"), [added.clone(), plain]);
    let found = find(&call, MACHINE, added.id.as_str()).expect("is there");
    assert_eq!(found, Some(&added));
    assert_eq!(find(&call, WEB, added.id.as_str()).expect("is there"), None, "another's");
    assert_eq!(find(&call, MACHINE, "cred_x").expect("is there"), None);
    assert!(matches!(list(&call, "nobody"), Err(ManageError::NotFound(Thing::Client))));
}

async fn what_does_not_suit_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = SigningKey::rsa(0);
    let text = |length: usize| Some("x".repeat(length));
    for (wrong, why) in [
        (NewCredential::default(), "pem must be a public key or a certificate in PEM"),
        (NewCredential { name: text(129), ..new(key) }, "name must have at most 128 characters"),
        (NewCredential { kid: text(9), ..new(key) }, "kid must have 10 to 64 characters"),
        (NewCredential { kid: text(65), ..new(key) }, "kid must have 10 to 64 characters"),
        (
            NewCredential { alg: Some(AssertionAlgorithm::ES256), ..new(key) },
            "alg does not suit the key",
        ),
        (new(&SigningKey::p256()), "alg does not suit the key"),
        (
            NewCredential { expires_at: Some(app.now()), ..new(key) },
            "expires_at must be in the future",
        ),
        (
            NewCredential { parse_expiry_from_cert: true, ..new(key) },
            "parse_expiry_from_cert needs a certificate",
        ),
    ] {
        assert_eq!(invalid(add(&app, MACHINE, wrong).await), why);
    }
    assert!(list(&app.call().await, MACHINE).expect("is there").is_empty());
}

async fn there_are_two_at_most_and_each_has_its_name(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let _ = add(&app, MACHINE, new(SigningKey::rsa(0))).await.expect("the first");
    let again = add(&app, MACHINE, new(SigningKey::rsa(0))).await;
    assert!(matches!(again, Err(ManageError::Conflict(_))), "{again:?}");
    let _ = add(&app, MACHINE, new(SigningKey::rsa(1))).await.expect("the second");
    let third = NewCredential { kid: Some("the-third-key".to_owned()), ..new(SigningKey::rsa(0)) };
    let refused = add(&app, MACHINE, third.clone()).await;
    assert!(matches!(refused, Err(ManageError::NotSupported(_))), "{refused:?}");
    let _ = add(&app, WEB, third).await.expect("another application's first");
}

async fn its_end_is_changed_and_taken_away(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let added = add(&app, MACHINE, new(SigningKey::rsa(0))).await.expect("a good key");
    app.clock().advance(5);
    let (core, id) = (app.core(), added.id.as_str());
    for end in [Some(app.now().plus_seconds(60)), None] {
        let call = app.call().await;
        let changed = update(core, &call, &operator(), MACHINE, id, end, Value::Null).await;
        let changed = changed.expect("changes").expect("is there");
        assert_eq!((changed.expires_at, changed.updated_at), (end, app.now()));
        assert_eq!(find(&app.call().await, MACHINE, id).expect("is there"), Some(&changed));
    }
    let call = app.call().await;
    let past = update(core, &call, &operator(), MACHINE, id, Some(app.now()), Value::Null).await;
    assert_eq!(invalid(past), "expires_at must be in the future");
    let none = update(core, &call, &operator(), MACHINE, "cred_x", None, Value::Null).await;
    assert_eq!(none.expect("the application is there"), None);
}

/// From the first key to the next, with nothing but what administrators have.
async fn one_is_used_and_then_removed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = SigningKey::rsa(0);
    let added = add(&app, MACHINE, new(key)).await.expect("a good key");
    let ask = |jti: &'static str| {
        let header = json!({ "alg": "RS256", "kid": added.kid });
        let text = key.sign(&header, &claims(MACHINE, "https://acme.example/", jti, app.now()));
        let fields = [
            ("grant_type", "client_credentials"),
            ("audience", CUSTOM_API),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", text.as_str()),
        ];
        app.post("/oauth/token").form(&fields).send()
    };
    assert_eq!(ask("1").await.status, 401, "not in use yet");
    let (core, call, id) = (app.core(), app.call().await, added.id.clone());
    let switch = |settings: &mut housekey_core::client::ClientSettings| {
        assert!(settings.authenticate_by(vec![id.clone()]));
        Ok(clients::Secret::Keep)
    };
    let switched = clients::update(core, &call, &operator(), MACHINE, switch, Value::Null).await;
    let _ = switched.expect("the application changes");
    assert_eq!(ask("2").await.status, 200);
    let call = app.call().await;
    let kept = delete(core, &call, &operator(), MACHINE, id.as_str()).await;
    assert!(matches!(kept, Err(ManageError::Conflict(_))), "{kept:?}");
    let back = |settings: &mut housekey_core::client::ClientSettings| {
        settings.client_authentication_methods = None;
        Ok(clients::Secret::Keep)
    };
    let switched = clients::update(core, &call, &operator(), MACHINE, back, Value::Null).await;
    let _ = switched.expect("the application changes");
    assert_eq!(ask("3").await.status, 401);
    let call = app.call().await;
    assert!(delete(core, &call, &operator(), MACHINE, id.as_str()).await.expect("goes"));
    let call = app.call().await;
    assert!(!delete(core, &call, &operator(), MACHINE, id.as_str()).await.expect("is gone"));
    assert!(list(&call, MACHINE).expect("is there").is_empty());
}

on_both_engines! {
    a_key_is_added_and_found,
    what_does_not_suit_is_refused,
    there_are_two_at_most_and_each_has_its_name,
    its_end_is_changed_and_taken_away,
    one_is_used_and_then_removed,
}
