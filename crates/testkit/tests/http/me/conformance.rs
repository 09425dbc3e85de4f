//! The conformance checklist of the contract (01 §11), one test a row.

use housekey_core::tenant::{Configuration, MfaPolicy, RateLimits};
use housekey_testkit::actor::{Actor, EMAIL, method_path};
use housekey_testkit::application::ME;
use housekey_testkit::authenticator::{code, wrong_code};
use housekey_testkit::dpop::ProofKey;
use housekey_testkit::passkey::{Authenticator, KeyKind};
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::passkey::{self, ORIGIN};
use super::{Begun, add_totp, begin, begin_email, told};

const METHODS: &str = "/authentication-methods";
/// A page of the single-page application.
const PAGE: &str = "https://spa.example";

/// What begins the enrolment of each type that this version enrols here.
fn enrollable() -> Vec<Value> {
    vec![
        json!({ "type": "totp" }),
        json!({ "type": "push-notification" }),
        json!({ "type": "phone", "phone_number": "+41791234567" }),
        json!({ "type": "email", "email": "second@example.com" }),
        json!({ "type": "recovery-code" }),
        json!({ "type": "password" }),
        json!({ "type": "passkey" }),
    ]
}

fn require_mfa(tenant: &mut Configuration) {
    tenant.tenant.settings.mfa_policy = MfaPolicy::AllApplications;
}

async fn start(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.passkeys().phones().push().start().await
}

/// The body of an enrolment that does for verifying, if it were the right one.
fn proof(begun: &Value) -> Value {
    json!({ "auth_session": begun["auth_session"], "otp_code": "000000" })
}

/// 202 has an absolute `%7C` `Location` for all enrollable types, exposed by CORS.
async fn row_01_location_of_enrolments(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    for body in enrollable() {
        let request = user.request("POST", METHODS).json(&body).header("origin", PAGE);
        let reply = request.send().await.expect(202);
        let (prefix, last) = reply.location().rsplit_once('/').expect("a path");
        assert_eq!(prefix, "https://acme.example/me/v1/authentication-methods", "{body}");
        let (factor, suffix) = last.split_once("%7C").expect("an encoded bar");
        assert_eq!(factor, body["type"], "{body}");
        assert!(
            !suffix.is_empty() && suffix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        );
        assert_eq!(reply.header("access-control-allow-origin"), Some(PAGE));
        let exposed = reply.header("access-control-expose-headers").expect("exposed");
        assert!(exposed.split(", ").any(|name| name == "Location"), "{exposed}");
    }
    app.ignore_messages().await;
}

/// Verifying works at `%7C`, `%7c` and `|`.
async fn row_02_spellings_of_the_bar(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    for (number, bar) in (1..).zip(["%7C", "%7c", "|"]) {
        let begun = begin(&user, "totp").await;
        let path = format!("{METHODS}/{}/verify", begun.id.replace('|', bar));
        let right = begun.proof(&code(begun.secret(), app.now()));
        assert_eq!(user.post(&path, &right).await.expect(201).text("/id"), begun.id);
        let begun = passkey::Begun::new(&user).await;
        let mut authenticator = Authenticator::new(KeyKind::Es256, number, ORIGIN);
        let proof = begun.proof(&authenticator.create(&begun.options));
        let _ = user.post(&format!("{METHODS}/passkey{bar}new/verify"), &proof).await.expect(201);
    }
    app.ignore_messages().await;
}

/// The same with a token that is bound to a key; the proof names the URL in its client's spelling.
async fn row_02_spellings_of_the_bar_with_a_bound_token(database: TestDatabase) {
    let app = start(database).await;
    app.person(EMAIL).await;
    let key = ProofKey::default();
    let request = app.authorize(&format!("openid {ME}"));
    let user = app.sign_in_bound(&key, EMAIL, &request).await;
    let token = &user.tokens.access;
    let enroll = || app.bound(&key, "POST", "/me/v1/authentication-methods", token);
    for (sent, proved) in [("%7C", "|"), ("%7c", "%7C"), ("|", "%7c"), ("%7C", "%7C")] {
        let begun =
            Begun::read(&enroll().json(&json!({ "type": "totp" })).send().await.expect(202));
        let path = |bar| format!("/me/v1{METHODS}/{}/verify", begun.id.replace('|', bar));
        let proof = app.resource_proof(&key, "POST", &path(proved), token).sign();
        let right = begun.proof(&code(begun.secret(), app.now()));
        let request = app.post(&path(sent)).header("authorization", &format!("DPoP {token}"));
        let verified = request.header("dpop", &proof).json(&right).send().await.expect(201);
        assert_eq!(verified.text("/id"), begun.id);
    }
    app.ignore_messages().await;
}

/// A verified passkey has `aaguid`, `relying_party_id`, dates with a fraction, and its public key in
/// padded standard base64.
async fn row_03_a_verified_passkey_is_whole(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let mut authenticator = Authenticator::new(KeyKind::Es256, 1, ORIGIN);
    let added = passkey::add(&app, &user, &mut authenticator).await;
    assert_eq!(added["relying_party_id"], "acme.example");
    let aaguid = added["aaguid"].as_str().expect("an AAGUID");
    let shape: String = aaguid.chars().map(|c| if c == '-' { '-' } else { 'x' }).collect();
    assert_eq!(shape, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    let key = added["public_key"].as_str().expect("a key");
    assert_eq!(key.len() % 4, 0, "padded: {key}");
    assert!(key.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c)), "standard: {key}");
    let date = added["created_at"].as_str().expect("a date");
    assert_eq!((date.len(), &date[19..20], &date[23..]), (24, ".", "Z"), "{date}");
}

/// A wrong code is 403 `Forbidden` / `invalid code`, as plain JSON.
async fn row_04_a_wrong_code(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let (mail, right) = begin_email(&app, &user, "second@example.com").await;
    let wrong = if right == "000000" { "111111" } else { "000000" };
    let number = json!({ "type": "phone", "phone_number": "+41791234567" });
    let phone = Begun::read(&user.enroll(&number).await.expect(202));
    let sent = app.message().await.content.code.expect("a code");
    let wrong_for_phone = if sent == "000000" { "111111" } else { "000000" };
    for reply in [
        user.verify(&begun.id, &begun.proof(&wrong_code(begun.secret(), app.now()))).await,
        user.verify(&mail.id, &mail.proof(wrong)).await,
        user.verify(&phone.id, &phone.proof(wrong_for_phone)).await,
    ] {
        assert_eq!(told(&reply), ("Forbidden".to_owned(), "invalid code".to_owned()));
        assert_eq!(reply.status, 403);
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    }
}

/// No 403 carries `WWW-Authenticate`; every 401 does.
async fn row_05_challenges(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let reader = app.sign_in_as(EMAIL, SPA, "openid").await;
    let begun = begin(&user, "totp").await;
    let push = begin(&user, "push-notification").await;
    let challenge = |reply: &Reply| reply.header("www-authenticate").map(ToOwned::to_owned);
    let wrong = begun.proof(&wrong_code(begun.secret(), app.now()));
    let foreign = json!({ "type": "password", "identity_user_id": "somebody" });
    for refused in [
        reader.get(METHODS).await,
        reader.delete(&method_path(&begun.id)).await,
        user.verify(&begun.id, &wrong).await,
        user.enroll(&foreign).await,
        user.verify(&push.id, &push.proof("000000")).await,
    ] {
        assert_eq!(challenge(&refused.expect(403)), None);
    }
    for request in [
        app.get("/me/v1/factors"),
        app.get("/me/v1/factors").bearer("x"),
        app.get("/me/v1/factors").bearer(&user.tokens.id),
        app.get("/me/v1/factors").header("authorization", "Basic eDp5"),
        app.get("/me/v1/factors").header("authorization", "DPoP x"),
    ] {
        assert!(challenge(&request.send().await.expect(401)).is_some());
    }
}

/// `GET` and `DELETE` with `Content-Type: application/json` and no body succeed.
async fn row_06_a_content_type_without_a_body(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let path = method_path(&begin(&user, "totp").await.id);
    for (method, path, status) in [
        ("GET", METHODS, 200),
        ("GET", "/factors", 200),
        ("GET", "/consents", 200),
        ("GET", "/organizations", 200),
        ("GET", &path, 200),
        ("DELETE", &path, 204),
    ] {
        let request = user.request(method, path).header("content-type", "application/json");
        let _ = request.send().await.expect(status);
    }
}

/// Bodies are not compressed even where that is accepted.
async fn row_07_nothing_is_compressed(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    for path in [METHODS, "/factors", "/consents", "/organizations", "/nonsense"] {
        let request =
            user.request("GET", path).header("accept-encoding", "gzip, br, deflate, zstd");
        let reply = request.send().await;
        assert_eq!(reply.header("content-encoding"), None, "{path}");
        assert!(reply.json().is_object(), "{path}");
    }
}

/// Enrolling a passkey accepts `identity`; its 202 has no `id`, and `excludeCredentials` only where
/// that was asked for.
async fn row_08_passkey_enrolment(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    let added = passkey::add(&app, &user, &mut authenticator).await;
    let identity = added["identity_user_id"].as_str().expect("an identity");
    let reply = user.enroll(&json!({ "type": "passkey", "identity": identity })).await.expect(202);
    let body = reply.json();
    assert!(body.get("id").is_none(), "{body}");
    assert!(body["authn_params_public_key"].get("excludeCredentials").is_none(), "{body}");
    let _ = user.enroll(&json!({ "type": "passkey", "identity": "somebody" })).await.expect(403);
    let asked = json!({ "type": "passkey", "use_exclude_credentials": true });
    let body = user.enroll(&asked).await.expect(202).json();
    let excluded = &body["authn_params_public_key"]["excludeCredentials"];
    assert_eq!(excluded[0]["id"], added["key_id"], "{body}");
}

/// A factor is listed before and after enrolment; `password` never.
async fn row_09_factors_stay_listed(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let factors = async || user.get("/factors").await.expect(200).json();
    let before = factors().await;
    let listed: Vec<_> = before["factors"].as_array().expect("a list").iter().collect();
    let expected = ["passkey", "totp", "push-notification", "phone", "email", "recovery-code"];
    for factor in expected {
        assert_eq!(listed.iter().filter(|own| own["type"] == factor).count(), 1, "{factor}");
    }
    assert!(listed.iter().all(|own| own["type"] != "password"));
    add_totp(&app, &user).await;
    passkey::add(&app, &user, &mut Authenticator::new(KeyKind::Rs256, 1, ORIGIN)).await;
    assert_eq!(factors().await, before);
}

/// A pending method is listed with `confirmed: false` and ignored by every MFA decision.
async fn row_10_pending_methods_do_not_count(database: TestDatabase) {
    let app = TestApp::build(database).await.configure(require_mfa).phones().push().start().await;
    let user = app.sign_in().await;
    let confirmed = method_path(&add_totp(&app, &user).await);
    let pending = method_path(&begin(&user, "totp").await.id);
    assert_eq!(user.get(&pending).await.expect(200).json()["confirmed"], false);
    let _ = user.delete(&confirmed).await.expect(409);
    let _ = user.delete(&pending).await.expect(204);
    let _ = user.delete(&confirmed).await.expect(409);
    let number = json!({ "type": "phone", "phone_number": "+41791234567" });
    for body in [json!({ "type": "push-notification" }), number] {
        let pending = Begun::read(&user.enroll(&body).await.expect(202));
        let listed = user.get(&method_path(&pending.id)).await.expect(200).json();
        assert_eq!(listed["confirmed"], false, "{body}");
        let _ = user.delete(&confirmed).await.expect(409);
    }
    app.ignore_messages().await;
}

/// Another person's method id is 404 on GET, PATCH, DELETE and verify.
async fn row_11_others_methods(database: TestDatabase) {
    let app = start(database).await;
    let owner = app.sign_in().await;
    let begun = begin(&owner, "totp").await;
    let mut authenticator = Authenticator::new(KeyKind::Es256, 1, ORIGIN);
    let passkey = passkey::add(&app, &owner, &mut authenticator).await;
    let password = owner.method_ids().await.remove(0);
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", SPA, ME).await;
    for id in [begun.id.as_str(), passkey["id"].as_str().expect("an id"), &password] {
        let path = method_path(id);
        let _ = other.get(&path).await.expect(404);
        let _ = other.patch(&path, &json!({ "name": "Mine" })).await.expect(404);
        let _ = other.delete(&path).await.expect(404);
        let _ = other.delete(&format!("{path}?dry_run=true")).await.expect(404);
        let _ = owner.get(&path).await.expect(200);
    }
    let right = begun.proof(&code(begun.secret(), app.now()));
    let _ = other.verify(&begun.id, &right).await.expect(404);
    let _ = owner.verify(&begun.id, &right).await.expect(201);
    let _told = app.message().await;
}

/// An `auth_session` of person A, application X or method M fails for B, Y and N.
async fn row_12_sessions_are_bound(database: TestDatabase) {
    let app = start(database).await;
    let owner = app.sign_in().await;
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", SPA, ME).await;
    let elsewhere = app.sign_in_as(EMAIL, WEB, ME).await;
    let begun = begin(&owner, "totp").await;
    let theirs = begin(&other, "totp").await;
    let second = begin(&owner, "recovery-code").await;
    let right = begun.proof(&code(begun.secret(), app.now()));
    let refused = async |who: &Actor<'_>, id: &str| {
        let status = who.verify(id, &right).await.status.as_u16();
        assert!([403, 404].contains(&status), "{id}: {status}");
    };
    refused(&other, &theirs.id).await;
    refused(&other, &begun.id).await;
    refused(&elsewhere, &begun.id).await;
    refused(&owner, &second.id).await;
    let _ = owner.verify(&begun.id, &right).await.expect(201);
    let password = owner.enroll(&json!({ "type": "password" })).await.expect(202).json();
    let mut stolen = proof(&password);
    stolen["new_password"] = "Battery-staple-8".into();
    let _ = other.verify("password|new", &stolen).await.expect(403);
    let passkey = passkey::Begun::new(&owner).await;
    let made = Authenticator::new(KeyKind::Es256, 1, ORIGIN).create(&passkey.options);
    let _ = other.verify("passkey|new", &passkey.proof(&made)).await.expect(403);
    let _told = app.message().await;
}

/// A token for domain 1's audience fails on domain 2.
async fn row_13_one_audience_a_domain(database: TestDatabase) {
    let custom = "login.acme.example";
    let app = TestApp::build(database).await.custom_domain(custom).start().await;
    app.person(EMAIL).await;
    let here = app.sign_in_as(EMAIL, SPA, ME).await;
    let there = app.sign_in_on(custom, EMAIL, SPA, ME).await;
    let _ = here.get("/factors").await.expect(200);
    let _ = there.get("/factors").await.expect(200);
    let _ = here.request("GET", "/factors").host(custom).send().await.expect(401);
    let _ = there.request("GET", "/factors").host("acme.example").send().await.expect(401);
}

/// DELETE of the last factor under a require-MFA policy is 409.
async fn row_14_the_last_factor_stays(database: TestDatabase) {
    let app = TestApp::build(database).await.configure(require_mfa).start().await;
    let user = app.sign_in().await;
    let last = method_path(&add_totp(&app, &user).await);
    let refused = user.delete(&last).await.expect(409);
    assert_eq!(refused.text("/type"), "https://auth0.com/api-errors/A0E-409-0001");
    assert_eq!(refused.text("/title"), "Conflict");
    let _ = user.get(&last).await.expect(200);
}

/// 429 has `Retry-After` and a Unix-seconds `X-RateLimit-Reset`.
async fn row_15_what_a_limit_tells(database: TestDatabase) {
    let limits = RateLimits { user_reads_per_minute: 1, ..RateLimits::OFF };
    let limit = |tenant: &mut Configuration| tenant.tenant.settings.my_account_limits = limits;
    let app = TestApp::build(database).await.configure(limit).start().await;
    let user = app.sign_in().await;
    let _ = user.get("/factors").await.expect(200);
    let refused = user.get("/factors").await.expect(429);
    let seconds =
        |name: &str| -> i64 { refused.header(name).expect(name).parse().expect("whole seconds") };
    assert_eq!(seconds("retry-after"), 60);
    assert_eq!(seconds("x-ratelimit-reset"), app.now().as_seconds() + 60);
    app.clock().advance(60);
    let _ = user.get("/factors").await.expect(200);
}

on_both_engines! {
    row_01_location_of_enrolments,
    row_02_spellings_of_the_bar,
    row_02_spellings_of_the_bar_with_a_bound_token,
    row_03_a_verified_passkey_is_whole,
    row_04_a_wrong_code,
    row_05_challenges,
    row_06_a_content_type_without_a_body,
    row_07_nothing_is_compressed,
    row_08_passkey_enrolment,
    row_09_factors_stay_listed,
    row_10_pending_methods_do_not_count,
    row_11_others_methods,
    row_12_sessions_are_bound,
    row_13_one_audience_a_domain,
    row_14_the_last_factor_stays,
    row_15_what_a_limit_tells,
}
