//! `?dry_run=true`: what a write would come to, without its coming to it.

use housekey_core::tenant::{MfaPolicy, RateLimits};
use housekey_testkit::actor::{Actor, method_path};
use housekey_testkit::authenticator::{code, wrong_code};
use housekey_testkit::passkey::{Authenticator, KeyKind};
use housekey_testkit::request::Reply;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::passkey::{self, ORIGIN};
use super::{add_recovery_code, add_totp, begin};

const METHODS: &str = "/authentication-methods";

fn asking(path: &str) -> String {
    format!("{path}?dry_run=true")
}

/// All that could have changed: every method, and how much the tenant's log and outbox hold.
async fn state(app: &TestApp, user: &Actor<'_>) -> (String, usize, usize) {
    let listed = user.get(METHODS).await.expect(200).body;
    let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
    let events = tx.log_events(1000).await.expect("the database answers").len();
    let messages = tx.messages(None, 1000).await.expect("the database answers").len();
    (listed, events, messages)
}

/// Asks, and fails the test if asking changed anything.
async fn ask(app: &TestApp, user: &Actor<'_>, method: &str, path: &str, body: &Value) -> Reply {
    let before = state(app, user).await;
    let request = user.request(method, &asking(path));
    let request = if method == "DELETE" { request } else { request.json(body) };
    let reply = request.send().await;
    assert_eq!(state(app, user).await, before, "{method} {path}: {}", reply.body);
    reply
}

async fn enrolling(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let pending = begin(&user, "totp").await;
    let asked = ask(&app, &user, "POST", METHODS, &json!({ "type": "totp" })).await;
    assert_shown!(asked.seen(), { ".body.would.removes[0]" => "[pending]" }, @r#"
    {
      "body": {
        "dry_run": true,
        "would": {
          "removes": [
            "[pending]"
          ],
          "status": 202
        }
      },
      "status": 200
    }
    "#);
    assert_eq!(asked.text("/would/removes/0"), pending.id);
    for body in [
        json!({ "type": "email", "email": "second@example.com" }),
        json!({ "type": "recovery-code" }),
        json!({ "type": "password" }),
    ] {
        let asked = ask(&app, &user, "POST", METHODS, &body).await.expect(200).json();
        assert_eq!(asked["would"], json!({ "status": 202, "removes": [] }));
    }
    let refused =
        ask(&app, &user, "POST", METHODS, &json!({ "type": "email", "email": "x" })).await;
    assert_eq!(refused.expect(400).text("/title"), "Validation Error");
    let _ = ask(&app, &user, "POST", METHODS, &json!({ "type": "sms" })).await.expect(400);
}

async fn verifying_leaves_the_proof_unchecked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let path = format!("{}/verify", method_path(&begun.id));
    let wrong = begun.proof(&wrong_code(begun.secret(), app.now()));
    // More often than an enrolment forgives: no attempt is counted, and nothing is to be learnt.
    for _ in 0..12 {
        let asked = ask(&app, &user, "POST", &path, &wrong).await.expect(200).json();
        assert_eq!(asked["would"]["status"], 201);
        assert_eq!(asked["would"]["authentication_method"]["confirmed"], true);
        assert_eq!(asked["would"]["removes"], json!([]));
    }
    let right = begun.proof(&code(begun.secret(), app.now()));
    let asked = ask(&app, &user, "POST", &path, &right).await.expect(200).json();
    assert_eq!(asked["would"]["ends_other_sessions"], false);
    let _ = user.post(&path, &right).await.expect(201);
    let _ = ask(&app, &user, "POST", &path, &right).await.expect(409);
    let foreign = json!({ "auth_session": "x", "otp_code": "123456" });
    let _ = ask(&app, &user, "POST", &path, &foreign).await.expect(403);
    app.clock().advance(601);
    let user = app.sign_in_as("user@example.com", "spa", housekey_testkit::application::ME).await;
    let _told = app.message().await;
    let begun = begin(&user, "totp").await;
    app.clock().advance(599);
    let path = format!("{}/verify", method_path(&begun.id));
    let _ = ask(&app, &user, "POST", &path, &begun.proof("000000")).await.expect(200);
}

async fn a_new_recovery_code_would_take_the_olders_place(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let older = add_recovery_code(&app, &user).await;
    let begun = begin(&user, "recovery-code").await;
    let path = format!("{}/verify", method_path(&begun.id));
    let word = json!({ "auth_session": begun.auth_session });
    let asked = ask(&app, &user, "POST", &path, &word).await.expect(200).json();
    assert_eq!(asked["would"]["removes"], json!([older]));
    assert_eq!(asked["would"]["authentication_method"]["id"], begun.id);
}

async fn a_new_password_is_held_against_the_policy(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "password").await;
    let path = "/authentication-methods/password%7Cnew/verify";
    let proof =
        |password: &str| json!({ "auth_session": begun.auth_session, "new_password": password });
    let _ = ask(&app, &user, "POST", path, &proof("short")).await.expect(400);
    let asked = ask(&app, &user, "POST", path, &proof("Battery-staple-8")).await.expect(200).json();
    assert_eq!(asked["would"]["ends_other_sessions"], true);
    assert_eq!(asked["would"]["authentication_method"]["type"], "password");
    let _ = app.sign_in_as("user@example.com", "spa", "openid").await;
    let _ = user.post(path, &proof("Battery-staple-8")).await.expect(201);
    let _told = app.message().await;
}

async fn a_passkeys_answer_is_checked(database: TestDatabase) {
    let app = TestApp::build(database).await.passkeys().start().await;
    let user = app.sign_in().await;
    let asked = ask(&app, &user, "POST", METHODS, &json!({ "type": "passkey" })).await;
    assert_eq!(asked.expect(200).json()["would"], json!({ "status": 202, "removes": [] }));
    let begun = passkey::Begun::new(&user).await;
    let path = "/authentication-methods/passkey%7Cnew/verify";
    let mut stranger = Authenticator::new(KeyKind::Es256, 1, "https://evil.example");
    let foreign = begun.proof(&stranger.create(&begun.options));
    // More often than an enrolment forgives: no attempt is counted.
    for _ in 0..12 {
        let _ = ask(&app, &user, "POST", path, &foreign).await.expect(400);
    }
    let mut own = Authenticator::new(KeyKind::Es256, 1, ORIGIN);
    let proof = begun.proof(&own.create(&begun.options));
    let asked = ask(&app, &user, "POST", path, &proof).await.expect(200).json();
    assert_eq!(asked["would"]["authentication_method"]["type"], "passkey");
    let _ = user.post(path, &proof).await.expect(201);
    let _told = app.message().await;
}

async fn renaming(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let path = method_path(&add_totp(&app, &user).await);
    let asked =
        ask(&app, &user, "PATCH", &path, &json!({ "name": " Phone " })).await.expect(200).json();
    assert_eq!(asked["would"]["status"], 200);
    assert_eq!(asked["would"]["authentication_method"]["name"], "Phone");
    let _ = ask(&app, &user, "PATCH", &path, &json!({ "name": "" })).await.expect(400);
}

async fn removing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let totp = add_totp(&app, &user).await;
    let code = add_recovery_code(&app, &user).await;
    let asked = ask(&app, &user, "DELETE", &method_path(&totp), &Value::Null).await.expect(200);
    assert_eq!(asked.json()["would"], json!({ "status": 204, "removes": [totp, code] }));
    let gone = "/authentication-methods/totp%7Cdev_0";
    let _ = ask(&app, &user, "DELETE", gone, &Value::Null).await.expect(404);
    let password = method_path(&user.method_ids().await.remove(0));
    let refused = ask(&app, &user, "DELETE", &password, &Value::Null).await.expect(409);
    assert_eq!(refused.body, user.delete(&password).await.expect(409).body);
}

async fn the_refusal_is_that_of_the_deed(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.mfa_policy = MfaPolicy::AllApplications)
        .start()
        .await;
    let user = app.sign_in().await;
    let totp = method_path(&add_totp(&app, &user).await);
    let asked = ask(&app, &user, "DELETE", &totp, &Value::Null).await;
    assert_eq!(asked.seen(), user.delete(&totp).await.expect(409).seen());
}

async fn other_values_are_refused_and_reads_do_not_care(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let totp = method_path(&begin(&user, "totp").await.id);
    for query in ["dry_run=", "dry_run=1", "dry_run=TRUE", "dry_run=true&dry_run=true"] {
        let refused = user.delete(&format!("{totp}?{query}")).await.expect(400);
        assert_eq!(refused.text("/validation_errors/0/field"), "dry_run", "{query}");
    }
    let _ = user.get(&format!("{totp}?dry_run=nonsense")).await.expect(200);
    let _ = user.delete(&format!("{totp}?dry_run=false")).await.expect(204);
}

/// A question is a write to the limits: what it costs the server is the same.
async fn questions_count_towards_the_limits(database: TestDatabase) {
    let limits = RateLimits { user_writes_per_minute: 1, ..RateLimits::OFF };
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.my_account_limits = limits)
        .start()
        .await;
    let user = app.sign_in().await;
    let _ = ask(&app, &user, "POST", METHODS, &json!({ "type": "totp" })).await.expect(200);
    let _ = ask(&app, &user, "POST", METHODS, &json!({ "type": "totp" })).await.expect(429);
}

on_both_engines! {
    enrolling,
    verifying_leaves_the_proof_unchecked,
    a_new_recovery_code_would_take_the_olders_place,
    a_new_password_is_held_against_the_policy,
    a_passkeys_answer_is_checked,
    renaming,
    removing,
    the_refusal_is_that_of_the_deed,
    other_values_are_refused_and_reads_do_not_care,
    questions_count_towards_the_limits,
}
