//! Verifying: whose `auth_session` it is, and input that is not right (contract 01 §4.3, §4.5).

use housekey_testkit::TestApp;
use housekey_testkit::TestDatabase;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::{ME, Tokens};
use housekey_testkit::authenticator::code;
use housekey_testkit::seed::{SPA, WEB};
use serde_json::json;

use super::{add_totp, begin, begin_email};

async fn another_persons_session_is_worth_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.sign_in().await;
    let begun = begin(&owner, "totp").await;
    let right = begun.proof(&code(begun.secret(), app.now()));
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", SPA, ME).await;
    let _ = other.verify(&begun.id, &right).await.expect(404);
    let own = begin(&other, "totp").await;
    let refused = other.verify(&own.id, &right).await.expect(403);
    assert_eq!(refused.text("/detail"), "The enrollment has expired.");
    let password =
        json!({ "auth_session": begun.auth_session, "new_password": "Battery-staple-8" });
    let _ = other.verify("password|new", &password).await.expect(403);
}

async fn another_applications_session_is_worth_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let in_spa = app.sign_in().await;
    let begun = begin(&in_spa, "totp").await;
    let in_web = app.sign_in_as(EMAIL, WEB, ME).await;
    let right = begun.proof(&code(begun.secret(), app.now()));
    let _ = in_web.verify(&begun.id, &right).await.expect(403);
    let _ = in_spa.verify(&begun.id, &right).await.expect(201);
    let _told = app.message().await;
}

async fn another_methods_session_is_worth_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let totp = begin(&user, "totp").await;
    let (email, mailed) = begin_email(&app, &user, "second@example.com").await;
    let crossed = json!({ "auth_session": totp.auth_session, "otp_code": mailed });
    let _ = user.verify(&email.id, &crossed).await.expect(403);
    let recovery = begin(&user, "recovery-code").await;
    let word = json!({ "auth_session": totp.auth_session });
    let _ = user.verify(&recovery.id, &word).await.expect(403);
    let password = begin(&user, "password").await;
    let as_password =
        json!({ "auth_session": recovery.auth_session, "new_password": "Battery-staple-8" });
    let _ = user.verify(&password.id, &as_password).await.expect(403);
}

async fn a_made_up_session_reads_as_expired(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let made_up = json!({ "auth_session": "made-up", "otp_code": "000000" });
    assert_shown!(user.verify(&begun.id, &made_up).await.seen(), @r#"
    {
      "body": {
        "detail": "The enrollment has expired.",
        "error": "expired_token",
        "status": 403,
        "title": "Forbidden",
        "type": "https://auth0.com/api-errors/A0E-403-0001"
      },
      "status": 403
    }
    "#);
}

async fn a_fresh_token_may_finish(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let mut user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let reply = app.refresh(SPA, &user.tokens.refresh).await.expect(200);
    user.tokens = Tokens::read(SPA, &reply);
    let right = begun.proof(&code(begun.secret(), app.now()));
    let _ = user.verify(&begun.id, &right).await.expect(201);
    let _told = app.message().await;
}

async fn each_spelling_of_the_bar_verifies(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for bar in ["%7C", "%7c", "|"] {
        let begun = begin(&user, "totp").await;
        let path = format!("/authentication-methods/{}/verify", begun.id.replace('|', bar));
        let right = begun.proof(&code(begun.secret(), app.now()));
        let verified = user.post(&path, &right).await.expect(201);
        assert_eq!(verified.text("/id"), begun.id);
    }
    assert_eq!(app.messages().await.len(), 3);
}

async fn spread_challenge_members_are_ignored(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let mut body = begun.body.clone();
    body["otp_code"] = code(begun.secret(), app.now()).into();
    let _ = user.verify(&begun.id, &body).await.expect(201);
    let _told = app.message().await;
}

async fn input_must_be_right(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    assert_shown!(user.verify(&begun.id, &json!({})).await.seen(), @r#"
    {
      "body": {
        "detail": "Invalid request payload input",
        "status": 400,
        "title": "Validation Error",
        "type": "https://auth0.com/api-errors/A0E-400-0003",
        "validation_errors": [
          {
            "detail": "data must have required property 'auth_session'",
            "pointer": "",
            "source": "body"
          },
          {
            "detail": "data must have required property 'otp_code'",
            "pointer": "",
            "source": "body"
          }
        ]
      },
      "status": 400
    }
    "#);
    let session = begun.auth_session.as_str();
    for body in [
        json!({ "auth_session": session }),
        json!({ "auth_session": session, "otp_code": "" }),
        json!({ "auth_session": session, "otp_code": 123_456 }),
        json!({ "auth_session": session, "otp_code": null }),
        json!({ "auth_session": 1, "otp_code": "123456" }),
        json!({ "auth_session": "", "otp_code": "123456" }),
        json!([]),
    ] {
        let _ = user.verify(&begun.id, &body).await.expect(400);
    }
    let path = format!("{}/verify", housekey_testkit::actor::method_path(&begun.id));
    let _ = user.request("POST", &path).body("{}").send().await.expect(415);
}

async fn what_is_not_pending_is_not_found(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    for id in ["totp|dev_0", "webauthn-roaming|dev_0", "nonsense", "totp|new"] {
        let _ = user.verify(id, &begun.proof("000000")).await.expect(404);
    }
}

async fn a_confirmed_method_cannot_be_confirmed_by_another_session(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let id = add_totp(&app, &user).await;
    let begun = begin(&user, "totp").await;
    let right = begun.proof(&code(begun.secret(), app.now()));
    let _ = user.verify(&id, &right).await.expect(403);
}

on_both_engines! {
    another_persons_session_is_worth_nothing,
    another_applications_session_is_worth_nothing,
    another_methods_session_is_worth_nothing,
    a_made_up_session_reads_as_expired,
    a_fresh_token_may_finish,
    each_spelling_of_the_bar_verifies,
    spread_challenge_members_are_ignored,
    input_must_be_right,
    what_is_not_pending_is_not_found,
    a_confirmed_method_cannot_be_confirmed_by_another_session,
}
