//! Who may manage, and what everybody else is told (contract 05 §1, §2, §20).

use housekey_testkit::application::ME;
use housekey_testkit::jwt;
use housekey_testkit::seed::{MACHINE, SPA};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::{Machine, expected, refusal};

async fn bad_tokens_are_told_apart(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let ask = |token: &str| app.get("/api/v2/resource-servers").bearer(token).send();
    let none = app.get("/api/v2/resource-servers").send().await;
    assert_eq!(refusal(&none), expected(401, "", "Missing authentication"));
    assert_shown!(ask("nonsense").await.seen(), @r#"
    {
      "body": {
        "attributes": {
          "error": "Invalid token"
        },
        "error": "Unauthorized",
        "message": "Invalid token",
        "statusCode": 401
      },
      "status": 401
    }
    "#);
    let forged = "Invalid signature received for JSON Web Token validation";
    let altered = jwt::with_claims(&machine.token, |own| own["scope"] = "read:users".into());
    assert_eq!(refusal(&ask(&altered).await), expected(401, "", forged));
    let unsigned = ask(&jwt::unsecured(&machine.token)).await;
    assert_eq!(refusal(&unsigned), expected(401, "", "Invalid token"));
    app.person("me@example.com").await;
    let person = app.sign_in_as("me@example.com", SPA, ME).await.tokens.access;
    assert_eq!(refusal(&ask(&person).await), expected(401, "", "Invalid token"));
    app.clock().advance(86_400);
    let expired = "Expired token received for JSON Web Token validation";
    assert_eq!(refusal(&ask(&machine.token).await), expected(401, "", expired));
}

async fn a_scope_is_named_if_it_is_missing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::with(&app, "read:resource_servers").await;
    let _ = machine.get("resource-servers").await.expect(200);
    let refused = machine.post("resource-servers", &json!({ "identifier": "x" })).await;
    let text = "Insufficient scope, expected any of: create:resource_servers";
    assert_eq!(refusal(&refused), expected(403, "insufficient_scope", text));
}

/// Tools repeat an error of the server for minutes, and stop at a 404.
async fn what_is_not_served_is_not_for_them(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    for (method, path, scope) in [
        ("GET", "verifiable-credentials/verification/templates", "read:tenant_settings"),
        ("PATCH", "verifiable-credentials/x", "update:tenant_settings"),
        ("POST", "rules", "create:rules"),
        ("DELETE", "hooks/1", "delete:hooks"),
    ] {
        let refused = machine.request(method, path).send().await;
        let text = format!("Insufficient scope, expected any of: {scope}");
        assert_eq!(refusal(&refused), expected(403, "insufficient_scope", &text), "{path}");
    }
    for path in ["nonsense", "resource-servers/a/b"] {
        let missing = machine.get(path).await.expect(404);
        assert_eq!(refusal(&missing), expected(404, "", "Not Found"), "{path}");
    }
    let unknown = app.get("/api/v2/nonsense").send().await;
    assert_eq!(refusal(&unknown), expected(401, "", "Missing authentication"));
}

async fn taking_the_grant_back_takes_the_token_along(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = format!("client-grants?client_id={MACHINE}&audience=https://acme.example/api/v2/");
    let grants = machine.get(&path).await.expect(200).json();
    let id = grants[0]["id"].as_str().expect("a grant").to_owned();
    let small = json!({ "scope": ["read:resource_servers", "delete:client_grants"] });
    // It was all scopes; now it is two.
    let _ = machine.patch(&format!("client-grants/{id}"), &small).await.expect(200);
    let _ = machine.get("resource-servers").await.expect(200);
    let _ = machine.get("client-grants").await.expect(403);
    let _ = machine.delete(&format!("client-grants/{id}")).await.expect(204);
    assert_eq!(refusal(&machine.get("resource-servers").await), expected(401, "", "Invalid token"));
}

async fn every_answer_counts(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    for left in (0..50).rev() {
        let reply = machine.get("resource-servers").await.expect(200);
        assert_eq!(reply.header("x-ratelimit-limit"), Some("50"));
        assert_eq!(reply.header("x-ratelimit-remaining"), Some(left.to_string().as_str()));
    }
    let refused = machine.get("resource-servers").await;
    let text = "Global limit has been reached";
    assert_eq!(refusal(&refused), expected(429, "too_many_requests", text));
    assert_eq!(refused.header("retry-after"), Some("1"));
    let full_again = app.now().as_seconds() + 4;
    assert_eq!(refused.header("x-ratelimit-reset"), Some(full_again.to_string().as_str()));
    app.clock().advance(1);
    for _ in 0..16 {
        let _ = machine.get("resource-servers").await.expect(200);
    }
    let _ = machine.get("resource-servers").await.expect(429);
}

async fn bad_bodies_are_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    for (kind, body) in [
        ("application/json", ""),
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", "null"),
        ("text/plain", "{}"),
        ("application/json", "{}"),
        ("application/json", r#"{"identifier":1}"#),
        ("application/json", r#"{"identifier":""}"#),
        ("application/json", r#"{"identifier":"https://x/","nonsense":1}"#),
        ("application/json", r#"{"identifier":"https://x/","scopes":[1]}"#),
        ("application/json", r#"{"identifier":"https://x/","token_lifetime":-1}"#),
        ("application/json", r#"{"identifier":"https://x/","name":"<b>"}"#),
    ] {
        let request = machine.request("POST", "resource-servers").header("content-type", kind);
        let (status, code, _) = refusal(&request.body(body).send().await);
        assert_eq!((status, code.as_str()), (400, "invalid_body"), "{kind} {body}");
    }
    let long = vec![b'x'; 300 * 1024];
    let request = machine.request("POST", "resource-servers");
    let request = request.header("content-type", "application/json").body(long);
    let _ = request.send().await.expect(400);
    assert_eq!(machine.get("resource-servers").await.json().as_array().expect("a list").len(), 3);
}

on_both_engines! {
    bad_tokens_are_told_apart,
    a_scope_is_named_if_it_is_missing,
    what_is_not_served_is_not_for_them,
    taking_the_grant_back_takes_the_token_along,
    every_answer_counts,
    bad_bodies_are_refused,
}
