//! `GET /me/v1/authentication-methods`.

use housekey_testkit::{TestApp, TestDatabase};

use super::{add_email, add_recovery_code, add_totp, begin};

async fn methods_are_listed_oldest_first(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    app.clock().advance(1);
    begin(&user, "totp").await;
    app.clock().advance(1);
    add_email(&app, &user, "second@example.com").await;
    app.clock().advance(1);
    add_recovery_code(&app, &user).await;
    let listed = user.get("/authentication-methods").await;
    assert_shown!(listed.seen(), {
        ".body.authentication_methods[].id" => "[id]",
        ".body.authentication_methods[].identity_user_id" => "[identity]",
    }, @r#"
    {
      "body": {
        "authentication_methods": [
          {
            "created_at": "2026-01-01T00:00:00.000Z",
            "id": "[id]",
            "identity_user_id": "[identity]",
            "type": "password",
            "usage": [
              "primary"
            ]
          },
          {
            "confirmed": false,
            "created_at": "2026-01-01T00:00:01.000Z",
            "id": "[id]",
            "type": "totp",
            "usage": [
              "secondary"
            ]
          },
          {
            "confirmed": true,
            "created_at": "2026-01-01T00:00:02.000Z",
            "email": "second@example.com",
            "id": "[id]",
            "type": "email",
            "usage": [
              "secondary"
            ]
          },
          {
            "confirmed": true,
            "created_at": "2026-01-01T00:00:03.000Z",
            "id": "[id]",
            "type": "recovery-code",
            "usage": [
              "secondary"
            ]
          }
        ]
      },
      "status": 200
    }
    "#);
}

async fn a_filter_leaves_one_type(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let totp = add_totp(&app, &user).await;
    for (filter, ids) in [("totp", vec![totp.as_str()]), ("email", vec![]), ("passkey", vec![])] {
        let listed = user.get(&format!("/authentication-methods?type={filter}")).await.expect(200);
        let listed = listed.json();
        let methods = listed["authentication_methods"].as_array().expect("a list");
        let found: Vec<_> = methods.iter().filter_map(|method| method["id"].as_str()).collect();
        assert_eq!(found, ids, "{filter}");
    }
}

async fn an_unknown_type_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    assert_shown!(user.get("/authentication-methods?type=sms").await.seen(), @r#"
    {
      "body": {
        "detail": "Invalid request payload input",
        "status": 400,
        "title": "Validation Error",
        "type": "https://auth0.com/api-errors/A0E-400-0003",
        "validation_errors": [
          {
            "detail": "must be equal to one of the allowed values",
            "field": "type",
            "source": "query"
          }
        ]
      },
      "status": 400
    }
    "#);
    for query in ["type=", "type=totp&type=email", "type=totp&type=totp", "type=%ff", "type=TOTP"] {
        let refused = user.get(&format!("/authentication-methods?{query}")).await.expect(400);
        assert_eq!(refused.text("/validation_errors/0/field"), "type", "{query}");
        assert_eq!(refused.text("/validation_errors/0/source"), "query", "{query}");
    }
}

async fn other_parameters_do_not_matter(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let plain = user.get("/authentication-methods").await.expect(200).body;
    let with = user.get("/authentication-methods?take=1&from=x&x=%ff").await.expect(200).body;
    assert_eq!(plain, with);
}

async fn reading_may_name_a_content_type_and_an_encoding(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let reply = user
        .request("GET", "/authentication-methods")
        .header("content-type", "application/json")
        .header("accept-encoding", "gzip, br")
        .send()
        .await
        .expect(200);
    assert_eq!(reply.json()["authentication_methods"].as_array().map(Vec::len), Some(1));
}

on_both_engines! {
    methods_are_listed_oldest_first,
    a_filter_leaves_one_type,
    an_unknown_type_is_refused,
    other_parameters_do_not_matter,
    reading_may_name_a_content_type_and_an_encoding,
}
