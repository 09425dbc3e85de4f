//! `GET /me/v1/factors`.

use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

async fn factors_are_those_that_are_on(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let factors = user.get("/factors").await.expect(200).json();
    assert_shown!(factors, @r#"
    {
      "factors": [
        {
          "type": "totp",
          "usage": [
            "secondary"
          ]
        },
        {
          "type": "email",
          "usage": [
            "secondary"
          ]
        },
        {
          "type": "recovery-code",
          "usage": [
            "secondary"
          ]
        }
      ]
    }
    "#);
}

async fn a_factor_stays_listed_once_enrolled_and_password_never_is(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let before = user.get("/factors").await.expect(200).json();
    let _ = user.enroll(&json!({ "type": "totp" })).await.expect(202);
    assert_eq!(user.get("/factors").await.expect(200).json(), before);
    assert!(!before.to_string().contains("password"));
}

on_both_engines! {
    factors_are_those_that_are_on,
    a_factor_stays_listed_once_enrolled_and_password_never_is,
}
