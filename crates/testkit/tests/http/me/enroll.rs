//! `POST /me/v1/authentication-methods`: what each factor answers.

use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::begin;

async fn totp(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let reply = user.enroll(&json!({ "type": "totp" })).await;
    let secret = reply.text("/manual_input_code");
    assert_eq!(secret.len(), 32, "160 bits");
    let uri = format!(
        "otpauth://totp/The%20acme%20tenant:user%40example.com?secret={secret}\
         &issuer=The%20acme%20tenant&algorithm=SHA1&digits=6&period=30"
    );
    assert_eq!(reply.text("/barcode_uri"), uri);
    assert_shown!(reply.seen(), {
        ".body.id" => "[id]",
        ".body.auth_session" => "[auth_session]",
        ".body.barcode_uri" => "[uri]",
        ".body.manual_input_code" => "[secret]",
        ".location" => "[location]",
    }, @r#"
    {
      "body": {
        "auth_session": "[auth_session]",
        "barcode_uri": "[uri]",
        "id": "[id]",
        "manual_input_code": "[secret]"
      },
      "location": "[location]",
      "status": 202
    }
    "#);
}

async fn email(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let reply = user.enroll(&json!({ "type": "email", "email": "second@example.com" })).await;
    assert_shown!(reply.seen(), {
        ".body.id" => "[id]",
        ".body.auth_session" => "[auth_session]",
        ".location" => "[location]",
    }, @r#"
    {
      "body": {
        "auth_session": "[auth_session]",
        "id": "[id]"
      },
      "location": "[location]",
      "status": 202
    }
    "#);
    let message = app.message().await;
    assert_eq!(message.to, "second@example.com");
    assert_eq!(message.from_name, "The acme tenant");
    let code = message.content.code.expect("a code");
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    assert_text!(message.content.text.replace(&code, "[code]"), @r#"
    Your code to add this mail address as a sign-in method at The acme tenant: [code]

    It is valid for five minutes. If you did not ask for it, do not pass it on, and change your password.
    "#);
}

async fn recovery_code(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let reply = user.enroll(&json!({ "type": "recovery-code" })).await;
    let code = reply.text("/recovery_code");
    let alphabet = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    assert!(code.len() == 24 && code.bytes().all(alphabet), "{code}");
    assert_shown!(reply.seen(), {
        ".body.id" => "[id]",
        ".body.auth_session" => "[auth_session]",
        ".body.recovery_code" => "[code]",
        ".location" => "[location]",
    }, @r#"
    {
      "body": {
        "auth_session": "[auth_session]",
        "id": "[id]",
        "recovery_code": "[code]"
      },
      "location": "[location]",
      "status": 202
    }
    "#);
    let again = user.get("/authentication-methods").await.expect(200);
    assert!(!again.body.contains(&code), "shown once");
}

async fn password(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let reply = user.enroll(&json!({ "type": "password" })).await;
    assert_shown!(reply.seen(), { ".body.auth_session" => "[auth_session]" }, @r#"
    {
      "body": {
        "auth_session": "[auth_session]",
        "id": "password|new",
        "policy": {
          "complexity": {
            "character_type_rule": "three_of_four",
            "character_types": [
              "uppercase",
              "lowercase",
              "number",
              "special"
            ],
            "identical_characters": "allow",
            "max_length_exceeded": "error",
            "min_length": 8,
            "sequential_characters": "allow"
          },
          "dictionary": {
            "active": true,
            "default": "en_10k"
          },
          "history": {
            "active": true,
            "size": 5
          },
          "profile_data": {
            "active": true,
            "blocked_fields": [
              "name",
              "given_name",
              "family_name",
              "nickname",
              "username",
              "email"
            ]
          }
        }
      },
      "location": "https://acme.example/me/v1/authentication-methods/password%7Cnew",
      "status": 202
    }
    "#);
}

async fn the_location_is_whole_and_encoded(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for factor in ["totp", "recovery-code", "password"] {
        let v1 = user.enroll(&json!({ "type": factor })).await.expect(202);
        let alias = app
            .post("/me/authentication-methods")
            .bearer(&user.tokens.access)
            .json(&json!({ "type": factor }))
            .send()
            .await
            .expect(202);
        for reply in [v1, alias] {
            let id = reply.text("/id").replace('|', "%7C");
            let expected = format!("https://acme.example/me/v1/authentication-methods/{id}");
            assert_eq!(reply.location(), expected);
        }
    }
}

async fn pending_methods_are_listed_unconfirmed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    begin(&user, "password").await;
    let listed = user.get("/authentication-methods").await.expect(200).json();
    let methods = listed["authentication_methods"].as_array().expect("a list");
    let pending: Vec<_> = methods.iter().filter(|method| method["confirmed"] == false).collect();
    assert_eq!(pending.len(), 1, "a pending password has no row");
    assert_eq!(pending[0]["id"], begun.id.as_str());
}

async fn nothing_pending_is_asked_for_at_login(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    begin(&user, "totp").await;
    let _again = app.sign_in_as(housekey_testkit::actor::EMAIL, "spa", "openid").await;
}

on_both_engines! {
    totp,
    email,
    recovery_code,
    password,
    the_location_is_whole_and_encoded,
    pending_methods_are_listed_unconfirmed,
    nothing_pending_is_asked_for_at_login,
}
