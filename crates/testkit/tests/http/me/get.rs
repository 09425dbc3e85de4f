//! `GET /me/v1/authentication-methods/{id}`.

use housekey_testkit::actor::{EMAIL, method_path};
use housekey_testkit::application::ME;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};

use super::{add_totp, begin};

async fn a_method_reads_the_same_alone_as_in_the_list(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    add_totp(&app, &user).await;
    let listed = user.get("/authentication-methods").await.expect(200).json();
    for method in listed["authentication_methods"].as_array().expect("a list") {
        let id = method["id"].as_str().expect("an id");
        assert_eq!(user.get(&method_path(id)).await.expect(200).json(), *method);
    }
}

async fn the_password_is_a_method(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let ids = user.method_ids().await;
    assert_shown!(user.get(&method_path(&ids[0])).await.seen(), {
        ".body.id" => "[id]",
        ".body.identity_user_id" => "[identity]",
    }, @r#"
    {
      "body": {
        "created_at": "2026-01-01T00:00:00.000Z",
        "id": "[id]",
        "identity_user_id": "[identity]",
        "type": "password",
        "usage": [
          "primary"
        ]
      },
      "status": 200
    }
    "#);
}

async fn the_bar_may_be_encoded_or_not(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let id = begin(&user, "totp").await.id;
    for bar in ["%7C", "%7c", "|"] {
        let path = format!("/authentication-methods/{}", id.replace('|', bar));
        assert_eq!(user.get(&path).await.expect(200).text("/id"), id);
    }
}

async fn what_is_not_there_is_not_found(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let id = begin(&user, "totp").await.id;
    assert_shown!(user.get("/authentication-methods/totp%7Cdev_0").await.seen(), @r#"
    {
      "body": {
        "detail": "The authentication method was not found.",
        "status": 404,
        "title": "Resource Not Found",
        "type": "https://auth0.com/api-errors/A0E-404-0002"
      },
      "status": 404
    }
    "#);
    let suffix = id.split('|').nth(1).expect("an id has a bar");
    for wrong in [
        "password|new".to_owned(),
        "passkey|new".to_owned(),
        format!("email|{suffix}"),
        format!("TOTP|{suffix}"),
        format!("totp|{suffix}|"),
        format!("sms|{suffix}"),
        suffix.to_owned(),
        "totp|".to_owned(),
        "totp|' OR 1=1 --".replace(' ', "%20"),
        "totp|%00".to_owned(),
    ] {
        let _ = user.get(&method_path(&wrong)).await.expect(404);
    }
}

async fn somebody_elses_method_is_not_found(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let owner = app.sign_in().await;
    let id = add_totp(&app, &owner).await;
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", SPA, &format!("openid {ME}")).await;
    let _ = other.get(&method_path(&id)).await.expect(404);
    let password = owner.method_ids().await.remove(0);
    let _ = other.get(&method_path(&password)).await.expect(404);
    let again = app.sign_in_as(EMAIL, SPA, ME).await;
    let _ = again.get(&method_path(&id)).await.expect(200);
}

on_both_engines! {
    a_method_reads_the_same_alone_as_in_the_list,
    the_password_is_a_method,
    the_bar_may_be_encoded_or_not,
    what_is_not_there_is_not_found,
    somebody_elses_method_is_not_found,
}
