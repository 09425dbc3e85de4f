//! `POST /oauth/revoke` (contract 03 §11.2).

use housekey_testkit::seed::{NATIVE, SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::{expected, refusal};

async fn the_family_ends(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let newer = app.refresh(SPA, &user.tokens.refresh).await.expect(200).text("/refresh_token");
    let fields = [("client_id", SPA), ("token", newer.as_str())];
    let done = app.post("/oauth/revoke").form(&fields).send().await.expect(200);
    assert_eq!(done.body, "");
    let _ = app.refresh(SPA, &newer).await.expect(403);
    let _ = user.get("/factors").await.expect(401);
    let again = app.post("/oauth/revoke").form(&fields).send().await.expect(200);
    assert_eq!(again.body, "");
}

async fn json_will_do(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.sign_in().await.tokens.refresh;
    let body = json!({ "client_id": SPA, "token": token, "token_type_hint": "refresh_token" });
    let _ = app.post("/oauth/revoke").json(&body).send().await.expect(200);
    let _ = app.refresh(SPA, &token).await.expect(403);
}

async fn what_is_unknown_counts_as_revoked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for token in ["x", &"x".repeat(67), user.tokens.access.as_str()] {
        let fields = [("client_id", SPA), ("token", token)];
        let done = app.post("/oauth/revoke").form(&fields).send().await.expect(200);
        assert_eq!(done.body, "");
    }
    let _ = user.get("/factors").await.expect(200);
}

async fn another_clients_token_stays(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = app.sign_in().await.tokens.refresh;
    let fields = [("client_id", NATIVE), ("token", token.as_str())];
    let _ = app.post("/oauth/revoke").form(&fields).send().await.expect(200);
    let _ = app.refresh(SPA, &token).await.expect(200);
}

async fn requests_must_be_right(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let post = |fields: &[(&str, &str)]| app.post("/oauth/revoke").form(fields).send();
    let missing = expected(400, "invalid_request", "Missing required parameter: token");
    assert_eq!(refusal(&post(&[("client_id", SPA)]).await), missing);
    assert_eq!(refusal(&post(&[("token", "x")]).await).0, 401);
    assert_eq!(refusal(&post(&[("client_id", WEB), ("token", "x")]).await).0, 401);
    let broken = app.post("/oauth/revoke").header("content-type", "application/json").body("{");
    assert_eq!(broken.send().await.status, 400);
}

on_both_engines! {
    the_family_ends,
    json_will_do,
    what_is_unknown_counts_as_revoked,
    another_clients_token_stays,
    requests_must_be_right,
}
