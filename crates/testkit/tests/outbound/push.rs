//! Push messages: Google's and Apple's requests, and signed ones.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom as CryptoRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use housekey_core::guardian::PushService;
use housekey_core::id::TenantId;
use housekey_core::message::{Channel, Content};
use housekey_core::port::{
    DeliveryError, Messenger, OutgoingMessage, PushCarrier, PushRoute, Route, SystemRandom,
};
use housekey_core::secret::SecretText;
use housekey_core::tenant::push::ApnsSettings;
use housekey_testkit::gateway::{Gateway, Received};
use housekey_testkit::seed;
use http::Version;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Map, Value, json};

use super::{NOW, deliveries, message};

fn members() -> Map<String, Value> {
    let members = json!({
        "sh": "https://acme.example/appliance-mfa",
        "dai": "dev_1",
        "txtkn": "token",
        "c": "challenge",
        "d": "2026-01-01T00:00:00.000Z",
        "s": { "b": { "n": "Firefox", "v": "133.0" }, "os": { "n": "Linux", "v": "" } },
    });
    members.as_object().expect("an object").clone()
}

fn to(service: PushService, carrier: PushCarrier) -> OutgoingMessage {
    let content = Content {
        subject: "Log in to Acme?".to_owned(),
        text: "Somebody logs in.".to_owned(),
        data: Some(members()),
        ..Content::default()
    };
    let route = PushRoute { service, address: SecretText::new("device-token"), carrier };
    message(Channel::Push, "dev_1", content, Route::Push(route))
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

fn verified(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Value {
    let mut validation = Validation::new(algorithm);
    (validation.validate_exp, validation.validate_aud) = (false, false);
    validation.required_spec_claims.clear();
    decode::<Value>(token, key, &validation).expect("verifies").claims
}

fn bearer(request: &Received) -> &str {
    request.header("authorization").strip_prefix("Bearer ").expect("a bearer")
}

/// A service account whose token endpoint and API are at `gateway`, and the key it signs with.
fn service_account(gateway: &Gateway) -> (SecretText, DecodingKey) {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key is made");
    let der = AsDer::<Pkcs8V1Der>::as_der(&pair).expect("encodes");
    let public: aws_lc_rs::rsa::PublicKeyComponents<Vec<u8>> = pair.public_key().into();
    let (n, e) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
    let key = DecodingKey::from_rsa_components(&n, &e).expect("a key");
    let file = json!({
        "type": "service_account",
        "project_id": "acme-push",
        "private_key_id": "key-1",
        "private_key": pem(der.as_ref()),
        "client_email": "push@acme-push.iam.example",
        "token_uri": format!("{}/token", gateway.url()),
    });
    (SecretText::new(file.to_string()), key)
}

fn fcm(gateway: &Gateway, credentials: &SecretText) -> OutgoingMessage {
    let (base_url, credentials) = (Some(gateway.url()), credentials.clone());
    to(PushService::Gcm, PushCarrier::Fcm { base_url, credentials })
}

/// Google, as far as it matters: tokens, and `answer` for messages.
async fn google(answer: (u16, &'static str)) -> Gateway {
    Gateway::start(move |request| match request.path.as_str() {
        "/token" => (200, json!({ "access_token": "at-1", "expires_in": 3600 }).to_string()),
        _ => (answer.0, answer.1.to_owned()),
    })
    .await
}

#[tokio::test]
async fn fcm_gets_texts_with_an_access_token_of_the_service_account() {
    let gateway = google((200, r#"{"name":"projects/acme-push/messages/1"}"#)).await;
    let (credentials, key) = service_account(&gateway);
    deliveries().deliver(&fcm(&gateway, &credentials)).await.expect("taken");
    let received = gateway.received();
    let [token, send] = received.as_slice() else { panic!("{received:?}") };
    let grant = token.field("grant_type");
    assert_eq!(grant.as_deref(), Some("urn:ietf:params:oauth:grant-type:jwt-bearer"));
    let assertion = token.field("assertion").expect("an assertion");
    let claims = verified(&assertion, &key, Algorithm::RS256);
    let expected = json!({
        "iss": "push@acme-push.iam.example",
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
        "aud": format!("{}/token", gateway.url()),
        "iat": NOW.as_seconds(),
        "exp": NOW.as_seconds() + 3600,
    });
    assert_eq!(claims, expected);
    assert_eq!(send.path, "/v1/projects/acme-push/messages:send");
    assert_eq!(bearer(send), "at-1");
    let body = send.json();
    assert_eq!(body["message"]["token"], "device-token");
    assert_eq!(body["message"]["android"]["ttl"], "300s");
    let data = body["message"]["data"].as_object().expect("data");
    assert!(data.values().all(Value::is_string), "{data:?}");
    assert_eq!(data["txtkn"], "token");
    let source: Value = serde_json::from_str(data["s"].as_str().expect("a text")).expect("JSON");
    assert_eq!(source, members()["s"]);
}

#[tokio::test]
async fn fcms_access_token_is_kept_while_it_is_good() {
    let gateway = google((200, "{}")).await;
    let (credentials, _) = service_account(&gateway);
    let deliveries = deliveries();
    let mut sent = fcm(&gateway, &credentials);
    for _ in 0..3 {
        deliveries.deliver(&sent).await.expect("taken");
    }
    let paths = |gateway: &Gateway| {
        let received = gateway.received();
        received.iter().filter(|request| request.path == "/token").count()
    };
    assert_eq!(paths(&gateway), 1);
    sent.at = NOW.plus_seconds(3600);
    deliveries.deliver(&sent).await.expect("taken");
    assert_eq!(paths(&gateway), 1, "a new one once the old one has ended");
    let (other, _) = service_account(&gateway);
    deliveries.deliver(&fcm(&gateway, &other)).await.expect("taken");
    assert_eq!(paths(&gateway), 1, "another account has its own");
}

#[tokio::test]
async fn fcms_answers_are_told_apart() {
    const GONE: &str =
        r#"{"error":{"status":"NOT_FOUND","details":[{"errorCode":"UNREGISTERED"}]}}"#;
    for (answer, verdict) in [
        ((404, GONE), "Recipient"),
        ((400, r#"{"error":{"status":"INVALID_ARGUMENT"}}"#), "Permanent"),
        ((403, "{}"), "Permanent"),
        ((401, "{}"), "Transient"),
        ((429, "{}"), "Transient"),
        ((503, "no JSON"), "Transient"),
    ] {
        let gateway = google(answer).await;
        let (credentials, _) = service_account(&gateway);
        let outcome = deliveries().deliver(&fcm(&gateway, &credentials)).await;
        assert!(format!("{outcome:?}").contains(verdict), "{answer:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_refused_access_token_is_not_used_again() {
    let gateway = google((401, "{}")).await;
    let (credentials, _) = service_account(&gateway);
    let deliveries = deliveries();
    for _ in 0..2 {
        let _ = deliveries.deliver(&fcm(&gateway, &credentials)).await.expect_err("refused");
    }
    let asked = gateway.received().iter().filter(|request| request.path == "/token").count();
    assert_eq!(asked, 2);
}

#[tokio::test]
async fn credentials_that_are_none_are_refused_for_good() {
    let gateway = google((200, "{}")).await;
    let (good, _) = service_account(&gateway);
    let no_key = good.expose().replace("PRIVATE KEY", "NOTHING").replace("MII", "!!!");
    for broken in ["", "{}", no_key.as_str()] {
        let outcome = deliveries().deliver(&fcm(&gateway, &SecretText::new(broken))).await;
        assert!(matches!(outcome, Err(DeliveryError::Permanent(_))), "{outcome:?}");
    }
    assert!(gateway.received().is_empty());
}

/// The settings of an app at an Apple on loopback, its key, and what that verifies with.
fn apple(gateway: &Gateway) -> (ApnsSettings, SecretText, DecodingKey) {
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let der = EcdsaKeyPair::generate_pkcs8(algorithm, &CryptoRandom::new()).expect("a key is made");
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, der.as_ref()).expect("reads back");
    // An uncompressed point: 4, x, y.
    let point = pair.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    let public = DecodingKey::from_ec_components(&x, &y).expect("a key");
    let key = SecretText::new(pem(der.as_ref()));
    let tenant = TenantId::from_raw("acme");
    let sealed_key = ApnsSettings::seal_key(&tenant, &key, &seed::sealer(), &SystemRandom);
    let settings = ApnsSettings {
        bundle_id: "com.acme.app".to_owned(),
        team_id: "TEAM000000".to_owned(),
        key_id: "KEY0000000".to_owned(),
        sandbox: false,
        base_url: Some(gateway.url()),
        sealed_key: sealed_key.expect("seals"),
    };
    (settings, key, public)
}

fn apns(settings: &ApnsSettings, key: &SecretText) -> OutgoingMessage {
    let (settings, key) = (Box::new(settings.clone()), key.clone());
    to(PushService::Apns, PushCarrier::Apns { settings, key })
}

#[tokio::test]
async fn apns_gets_an_http2_request_with_a_provider_token() {
    let gateway = Gateway::start(|_| (200, String::new())).await;
    let (settings, key, public) = apple(&gateway);
    let deliveries = deliveries();
    let mut sent = apns(&settings, &key);
    deliveries.deliver(&sent).await.expect("taken");
    let received = gateway.received();
    let request = &received[0];
    assert_eq!(request.version, Version::HTTP_2);
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/3/device/device-token")
    );
    for (name, value) in [
        ("apns-topic", "com.acme.app"),
        ("apns-push-type", "alert"),
        ("apns-priority", "10"),
        ("apns-collapse-id", "dev_1"),
        ("apns-expiration", &NOW.plus_seconds(300).as_seconds().to_string()),
    ] {
        assert_eq!(request.header(name), value, "{name}");
    }
    let token = bearer(request).to_owned();
    let claims = verified(&token, &public, Algorithm::ES256);
    assert_eq!(claims, json!({ "iss": "TEAM000000", "iat": NOW.as_seconds() }));
    let header = jsonwebtoken::decode_header(&token).expect("a header");
    assert_eq!(header.kid.as_deref(), Some("KEY0000000"));
    let body = request.json();
    assert_eq!(body["mfa"], Value::Object(members()));
    assert_eq!(body["aps"]["category"], "com.auth0.notification.authentication");
    let alert = json!({ "title": "Log in to Acme?", "body": "Somebody logs in." });
    assert_eq!(body["aps"]["alert"], alert);

    deliveries.deliver(&sent).await.expect("taken");
    assert_eq!(bearer(&gateway.received()[0]), token, "kept while it is good");
    sent.at = NOW.plus_seconds(2400);
    deliveries.deliver(&sent).await.expect("taken");
    assert_ne!(bearer(&gateway.received()[0]), token);
}

#[tokio::test]
async fn apns_answers_are_told_apart() {
    for (status, body, verdict) in [
        (410, r#"{"reason":"Unregistered"}"#, "Recipient"),
        (400, r#"{"reason":"BadDeviceToken"}"#, "Recipient"),
        (400, r#"{"reason":"BadTopic"}"#, "Permanent"),
        (403, r#"{"reason":"InvalidProviderToken"}"#, "Permanent"),
        (403, r#"{"reason":"ExpiredProviderToken"}"#, "Transient"),
        (429, r#"{"reason":"TooManyRequests"}"#, "Transient"),
        (503, "", "Transient"),
    ] {
        let gateway = Gateway::start(move |_| (status, body.to_owned())).await;
        let (settings, key, _) = apple(&gateway);
        let outcome = deliveries().deliver(&apns(&settings, &key)).await;
        assert!(format!("{outcome:?}").contains(verdict), "{status} {body}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_webhook_gets_the_device_and_what_it_needs() {
    let gateway = Gateway::start(|_| (200, String::new())).await;
    let (url, secret) = (gateway.url(), SecretText::new("shared secret"));
    let sent = to(PushService::Gcm, PushCarrier::Webhook { url, secret });
    deliveries().deliver(&sent).await.expect("taken");
    let received = gateway.received();
    assert!(received[0].header("webhook-signature").starts_with("v1,"));
    let expected = json!({
        "message_type": "push",
        "tenant": "acme",
        "recipient": { "service": "GCM", "token": "device-token" },
        "title": "Log in to Acme?",
        "body": "Somebody logs in.",
        "data": members(),
        "expires_at": NOW.plus_seconds(300).rfc3339(),
    });
    assert_eq!(received[0].json(), expected);
}
