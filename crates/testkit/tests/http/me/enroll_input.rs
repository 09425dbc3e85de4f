//! `POST /me/v1/authentication-methods`: input that is not right.

use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

async fn the_type_must_be_known(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    assert_shown!(user.enroll(&json!({})).await.seen(), @r#"
    {
      "body": {
        "detail": "Invalid request payload input",
        "status": 400,
        "title": "Validation Error",
        "type": "https://auth0.com/api-errors/A0E-400-0003",
        "validation_errors": [
          {
            "detail": "data must have required property 'type'",
            "pointer": "",
            "source": "body"
          }
        ]
      },
      "status": 400
    }
    "#);
    assert_shown!(user.enroll(&json!({ "type": "sms" })).await.seen(), @r#"
    {
      "body": {
        "detail": "Invalid request payload input",
        "status": 400,
        "title": "Validation Error",
        "type": "https://auth0.com/api-errors/A0E-400-0003",
        "validation_errors": [
          {
            "detail": "data/type must be equal to one of the allowed values",
            "field": "data/type",
            "pointer": "/type",
            "source": "body"
          }
        ]
      },
      "status": 400
    }
    "#);
}

async fn members_must_have_their_json_type(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for (body, pointer, detail) in [
        (json!({ "type": 1 }), "/type", "data/type must be string"),
        (json!({ "type": null }), "/type", "data/type must be string"),
        (json!({ "type": ["totp"] }), "/type", "data/type must be string"),
        (json!({ "type": "webauthn-roaming" }), "/type", ONE_OF),
        (json!({ "type": "" }), "/type", ONE_OF),
        (json!({ "type": "totp", "name": "x" }), "", OTHERS),
        (json!({ "type": "totp", "email": "a@b.example" }), "", OTHERS),
        (json!({ "type": "email" }), "", "data must have required property 'email'"),
        (json!({ "type": "email", "email": 7 }), "/email", "data/email must be string"),
        (json!({ "type": "email", "email": "nobody" }), "/email", EMAIL),
        (json!({ "type": "email", "email": "a b@c.example" }), "/email", EMAIL),
        (json!({ "type": "email", "email": "a@b.example\r\nBcc: c@d.example" }), "/email", EMAIL),
        (
            json!({ "type": "password", "connection": {} }),
            "/connection",
            "data/connection must be string",
        ),
    ] {
        let refused = user.enroll(&body).await.expect(400);
        assert_eq!(refused.text("/validation_errors/0/pointer"), pointer, "{body}");
        assert_eq!(refused.text("/validation_errors/0/detail"), detail, "{body}");
    }
    assert_eq!(user.method_ids().await.len(), 1, "nothing changed");
}

const ONE_OF: &str = "data/type must be equal to one of the allowed values";
const OTHERS: &str = "data must NOT have additional properties";
const EMAIL: &str = "data/email must match format \"email\"";

async fn texts_have_their_length_and_shape(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for body in [
        json!({ "type": "password", "connection": "" }),
        json!({ "type": "password", "connection": "x".repeat(129) }),
        json!({ "type": "password", "connection": "no spaces" }),
        json!({ "type": "password", "identity_user_id": "" }),
        json!({ "type": "password", "identity_user_id": "x".repeat(256) }),
        json!({ "type": "password", "identity_user_id": "no spaces" }),
        json!({ "type": "email", "email": format!("{}@example.com", "x".repeat(320)) }),
    ] {
        let refused = user.enroll(&body).await.expect(400);
        assert_eq!(refused.text("/title"), "Validation Error", "{body}");
    }
}

async fn every_violation_is_named(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let body = json!({ "type": "password", "connection": 1, "identity_user_id": 2, "x": 3 });
    assert_shown!(user.enroll(&body).await.seen(), @r#"
    {
      "body": {
        "detail": "Invalid request payload input",
        "status": 400,
        "title": "Validation Error",
        "type": "https://auth0.com/api-errors/A0E-400-0003",
        "validation_errors": [
          {
            "detail": "data/connection must be string",
            "field": "data/connection",
            "pointer": "/connection",
            "source": "body"
          },
          {
            "detail": "data/identity_user_id must be string",
            "field": "data/identity_user_id",
            "pointer": "/identity_user_id",
            "source": "body"
          },
          {
            "detail": "data must NOT have additional properties",
            "pointer": "",
            "source": "body"
          }
        ]
      },
      "status": 400
    }
    "#);
}

async fn the_body_must_be_a_json_object(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let send = |body: Vec<u8>| {
        user.request("POST", "/authentication-methods")
            .header("content-type", "application/json")
            .body(body)
            .send()
    };
    assert_shown!(send(Vec::new()).await.seen(), @r#"
    {
      "body": {
        "detail": "The request is invalid.",
        "status": 400,
        "title": "Bad Request",
        "type": "https://auth0.com/api-errors/A0E-400-0001"
      },
      "status": 400
    }
    "#);
    assert_shown!(send(b"[]".to_vec()).await.seen(), @r#"
    {
      "body": {
        "detail": "Invalid request payload input",
        "status": 400,
        "title": "Validation Error",
        "type": "https://auth0.com/api-errors/A0E-400-0003",
        "validation_errors": [
          {
            "detail": "data must be object",
            "pointer": "",
            "source": "body"
          }
        ]
      },
      "status": 400
    }
    "#);
    let ten_megabytes = format!("{{\"type\":\"totp\",\"x\":\"{}\"}}", "x".repeat(10 << 20));
    let deep = "[".repeat(100_000);
    for body in
        [b"{".to_vec(), b"null".to_vec(), b"\xff\xfe".to_vec(), ten_megabytes.into(), deep.into()]
    {
        let _ = send(body).await.expect(400);
    }
    assert_eq!(user.method_ids().await.len(), 1, "nothing changed");
}

async fn the_body_must_say_that_it_is_json(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let send = |kind: &'static str| {
        let request = user.request("POST", "/authentication-methods").body(r#"{"type":"totp"}"#);
        if kind.is_empty() { request.send() } else { request.header("content-type", kind).send() }
    };
    assert_shown!(send("text/plain").await.seen(), @r#"
    {
      "body": {
        "detail": "The request content type is not supported.",
        "status": 415,
        "title": "Unsupported Media Type",
        "type": "https://auth0.com/api-errors/A0E-415-0001"
      },
      "status": 415
    }
    "#);
    for kind in
        ["", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data"]
    {
        let _ = send(kind).await.expect(415);
    }
    assert_eq!(user.method_ids().await.len(), 1, "nothing changed");
    for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        let _ = send(kind).await.expect(202);
    }
}

async fn factors_of_later_are_refused_clearly(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    assert_shown!(user.enroll(&json!({ "type": "passkey" })).await.seen(), @r#"
    {
      "body": {
        "detail": "The factor passkey cannot be enrolled here.",
        "error": "unsupported_challenge_type",
        "status": 403,
        "title": "Forbidden",
        "type": "https://auth0.com/api-errors/A0E-403-0001"
      },
      "status": 403
    }
    "#);
    let phone = json!({ "type": "phone", "phone_number": "+4930123456" });
    for body in [phone, json!({ "type": "push-notification" })] {
        let _ = user.enroll(&body).await.expect(403);
    }
}

async fn a_factor_that_is_off_is_refused(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.factors.otp = false)
        .start()
        .await;
    let user = app.sign_in().await;
    let refused = user.enroll(&json!({ "type": "totp" })).await.expect(403);
    assert_eq!(refused.text("/title"), "Forbidden");
    assert_eq!(refused.text("/error"), "unsupported_challenge_type");
    let factors = user.get("/factors").await.expect(200).body;
    assert!(!factors.contains("totp"), "{factors}");
}

async fn only_ones_own_identity_gets_a_password(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let own = user.get("/authentication-methods").await.expect(200);
    let own = own.text("/authentication_methods/0/identity_user_id");
    let connection = "Username-Password-Authentication";
    let with = |member: &str, value: &str| json!({ "type": "password", member: value });
    for body in [
        with("identity_user_id", &own),
        with("identity", &own),
        with("connection", connection),
        json!({ "type": "password", "identity_user_id": own, "identity": "somebody" }),
    ] {
        let _ = user.enroll(&body).await.expect(202);
    }
    let refused: Vec<Value> = vec![
        with("identity_user_id", "somebody"),
        with("identity", "somebody"),
        with("connection", "Another"),
    ];
    for body in refused {
        let reply = user.enroll(&body).await.expect(403);
        assert_eq!(reply.text("/title"), "Forbidden", "{body}");
    }
}

on_both_engines! {
    the_type_must_be_known,
    members_must_have_their_json_type,
    texts_have_their_length_and_shape,
    every_violation_is_named,
    the_body_must_be_a_json_object,
    the_body_must_say_that_it_is_json,
    factors_of_later_are_refused_clearly,
    a_factor_that_is_off_is_refused,
    only_ones_own_identity_gets_a_password,
}
