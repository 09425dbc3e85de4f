//! `POST /oauth/token`: requests that are not right, whatever the grant (contract 03 §6.1, §7).

use housekey_core::client::GrantType;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};

use super::{expected, refusal};

async fn grants_nobody_serves_or_this_client_may_not_use(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .client(SPA, |settings| settings.grant_types = vec![GrantType::AuthorizationCode])
        .start()
        .await;
    let ask = |grant: &'static str| {
        app.post("/oauth/token").form(&[("client_id", SPA), ("grant_type", grant)]).send()
    };
    assert_shown!(ask("urn:nonsense").await.seen(), @r#"
    {
      "body": {
        "error": "unsupported_grant_type",
        "error_description": "Unsupported grant type: urn:nonsense"
      },
      "status": 403
    }
    "#);
    assert_shown!(ask("refresh_token").await.seen(), @r#"
    {
      "body": {
        "error": "unauthorized_client",
        "error_description": "Grant type 'refresh_token' not allowed for the client."
      },
      "status": 403
    }
    "#);
    assert_shown!(ask("").await.seen(), @r#"
    {
      "body": {
        "error": "invalid_request",
        "error_description": "Missing required parameter: grant_type"
      },
      "status": 400
    }
    "#);
    for later in ["implicit", "urn:openid:params:grant-type:ciba", "client_credentials"] {
        assert_eq!(ask(later).await.status, 403, "{later}");
    }
}

async fn the_query_is_never_read(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let path = format!("/oauth/token?client_id={SPA}&grant_type=refresh_token&refresh_token=x");
    let empty = app.post(&path).form(&[]).send().await;
    assert_eq!(refusal(&empty).1, "invalid_client");
}

async fn unreadable_bodies(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let ten_megabytes = vec![b'x'; 10 << 20];
    for (kind, body) in [
        ("application/json", b"{".to_vec()),
        ("application/json", b"[]".to_vec()),
        ("application/json", b"\xff".to_vec()),
        ("application/json", Vec::new()),
        ("application/x-www-form-urlencoded", b"\xff\xfe".to_vec()),
        ("application/x-www-form-urlencoded", ten_megabytes),
    ] {
        let reply = app.post("/oauth/token").header("content-type", kind).body(body).send().await;
        let text = "The request body could not be read";
        assert_eq!(refusal(&reply), expected(400, "invalid_request", text), "{kind}");
        assert_eq!(reply.header("content-type"), Some("application/json"));
    }
    let nothing = app.post("/oauth/token").send().await;
    assert!(nothing.status.is_client_error(), "{}", nothing.status);
}

async fn json_members_of_other_types_do_not_break_anything(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let body = serde_json::json!({
        "client_id": SPA, "grant_type": "refresh_token", "refresh_token": { "a": 1 },
        "scope": ["a"], "audience": null,
    });
    let reply = app.post("/oauth/token").json(&body).send().await;
    assert_eq!(refusal(&reply).1, "invalid_grant");
}

async fn only_posts_are_answered(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for method in ["GET", "PUT", "DELETE"] {
        assert_eq!(app.request(method, "/oauth/token").send().await.status, 405, "{method}");
    }
}

on_both_engines! {
    grants_nobody_serves_or_this_client_may_not_use,
    the_query_is_never_read,
    unreadable_bodies,
    json_members_of_other_types_do_not_break_anything,
    only_posts_are_answered,
}
