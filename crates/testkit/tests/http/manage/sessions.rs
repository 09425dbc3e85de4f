//! Sessions, refresh tokens, consents and blocks (contract 05 §9.3).

use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::application::ME;
use housekey_testkit::jwt;
use housekey_testkit::request::encode_pairs;
use housekey_testkit::seed::{CUSTOM_API, NATIVE, SPA};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::users::path;
use super::{Machine, expected, refusal};

const ME_API: &str = "https://acme.example/me/";

fn subject(user: &Actor<'_>) -> String {
    jwt::claims(&user.tokens.id)["sub"].as_str().expect("a subject").to_owned()
}

async fn sign_in(app: &TestApp) -> Actor<'_> {
    app.sign_in_as(EMAIL, SPA, &format!("openid offline_access {ME}")).await
}

async fn is_signed_in(app: &TestApp, user: &Actor<'_>) -> bool {
    let silent = app.authorize("openid").with("prompt", "none");
    user.browser.authorize(&silent).await.param("code").is_some()
}

fn ids(list: &Value) -> Vec<String> {
    let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
    list.as_array().expect("a list").iter().map(id).collect()
}

async fn sessions_are_seen(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    app.person(EMAIL).await;
    let one = sign_in(&app).await;
    let sid = jwt::claims(&one.tokens.id)["sid"].as_str().expect("sid").to_owned();
    let session = machine.get(&format!("sessions/{sid}")).await.expect(200);
    assert_shown!(session.seen(), { ".body.id" => "[id]", ".body.user_id" => "[user]" }, @r#"
    {
      "body": {
        "authenticated_at": "2026-01-01T00:00:00.000Z",
        "authentication": {
          "methods": [
            {
              "name": "pwd",
              "timestamp": "2026-01-01T00:00:00.000Z"
            }
          ]
        },
        "clients": [
          {
            "client_id": "spa"
          }
        ],
        "cookie": {
          "mode": "persistent"
        },
        "created_at": "2026-01-01T00:00:00.000Z",
        "device": {
          "initial_ip": "203.0.113.7",
          "initial_user_agent": "Test/1.0",
          "last_ip": "203.0.113.7",
          "last_user_agent": "Test/1.0"
        },
        "expires_at": "2026-01-08T00:00:00.000Z",
        "id": "[id]",
        "idle_expires_at": "2026-01-04T00:00:00.000Z",
        "last_interacted_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z",
        "user_id": "[user]"
      },
      "status": 200,
      "x-ratelimit-limit": "50"
    }
    "#);
}

async fn sessions_are_listed_noted_and_ended(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    app.person(EMAIL).await;
    let one = sign_in(&app).await;
    app.clock().advance(60);
    let other = sign_in(&app).await;
    let all = format!("{}/sessions", path(&subject(&one)));
    let sid = jwt::claims(&one.tokens.id)["sid"].as_str().expect("sid").to_owned();
    let listed = machine.get(&format!("{all}?take=10")).await.expect(200).json();
    assert_eq!(listed["sessions"].as_array().map(Vec::len), Some(2));
    let first = machine.get(&format!("{all}?take=1")).await.expect(200).json();
    let next = first["next"].as_str().expect("there is more");
    let second = machine.get(&format!("{all}?take=1&from={next}")).await.expect(200).json();
    assert_ne!(ids(&first["sessions"]), ids(&second["sessions"]));
    assert_eq!(second.get("next"), None);
    let notes = json!({ "session_metadata": { "why": "audit" } });
    let noted = machine.patch(&format!("sessions/{sid}"), &notes).await.expect(200).json();
    assert_eq!(noted["session_metadata"], notes["session_metadata"]);
    assert!(is_signed_in(&app, &one).await);
    let used = machine.get(&format!("sessions/{sid}")).await.expect(200).json();
    assert_eq!(used["session_metadata"], notes["session_metadata"], "using it keeps the notes");
    assert_eq!(used["last_interacted_at"], "2026-01-01T00:01:00.000Z");
    let none = json!({ "session_metadata": null });
    let none = machine.patch(&format!("sessions/{sid}"), &none).await.expect(200).json();
    assert_eq!(none.get("session_metadata"), None);
    let _ = machine.delete(&format!("sessions/{sid}")).await.expect(202);
    assert!(!is_signed_in(&app, &one).await && is_signed_in(&app, &other).await);
    let missing = expected(404, "", "The session does not exist.");
    assert_eq!(refusal(&machine.get(&format!("sessions/{sid}")).await), missing);
    let _ = app.refresh(SPA, &one.tokens.refresh).await.expect(200);
    let _ = machine.delete(&all).await.expect(202);
    assert!(!is_signed_in(&app, &other).await);
    assert_eq!(machine.get(&all).await.expect(200).json(), json!([]));
}

async fn a_revoked_session_takes_its_tokens_along(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    app.person(EMAIL).await;
    let (one, other) = (sign_in(&app).await, sign_in(&app).await);
    let sid = jwt::claims(&one.tokens.id)["sid"].as_str().expect("sid").to_owned();
    let revoke = machine.request("POST", &format!("sessions/{sid}/revoke"));
    let _ = revoke.send().await.expect(202);
    let _ = app.refresh(SPA, &one.tokens.refresh).await.expect(403);
    let _ = one.get("/factors").await.expect(401);
    let _ = other.get("/factors").await.expect(200);
}

async fn access_is_revoked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    app.person(EMAIL).await;
    let (one, other) = (sign_in(&app).await, sign_in(&app).await);
    let revoke = format!("{}/revoke-access", path(&subject(&one)));
    let sid = jwt::claims(&one.tokens.id)["sid"].clone();
    let kept = json!({ "session_id": sid, "preserve_refresh_tokens": true });
    let _ = machine.post(&revoke, &kept).await.expect(202);
    assert!(!is_signed_in(&app, &one).await && is_signed_in(&app, &other).await);
    let next = app.refresh(SPA, &one.tokens.refresh).await.expect(200).text("/refresh_token");
    let gone = json!({ "session_id": sid });
    assert_eq!(refusal(&machine.post(&revoke, &gone).await).0, 404);
    let _ = machine.post(&revoke, &json!({})).await.expect(202);
    assert!(!is_signed_in(&app, &other).await);
    for token in [next, other.tokens.refresh.clone()] {
        let _ = app.refresh(SPA, &token).await.expect(403);
    }
    let nobody = machine.post("users/auth0%7Cnobody/revoke-access", &json!({})).await;
    assert_eq!(refusal(&nobody).1, "inexistent_user");
}

async fn refresh_tokens_are_seen(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    app.person(EMAIL).await;
    let one = sign_in(&app).await;
    let user = subject(&one);
    let all = format!("{}/refresh-tokens", path(&user));
    let listed = machine.get(&all).await.expect(200).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let id = listed[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("refresh-tokens/{id}");
    app.clock().advance(60);
    let next = app.refresh(SPA, &one.tokens.refresh).await.expect(200).text("/refresh_token");
    let shown = machine.get(&path).await.expect(200);
    assert_shown!(shown.seen(), {
        ".body.id" => "[id]",
        ".body.user_id" => "[user]",
        ".body.session_id" => "[session]",
        ".body.resource_servers[0].scopes" => "[scopes]",
    }, @r#"
    {
      "body": {
        "client_id": "spa",
        "created_at": "2026-01-01T00:00:00.000Z",
        "device": {
          "initial_ip": "203.0.113.7",
          "initial_user_agent": "Test/1.0",
          "last_ip": "203.0.113.7",
          "last_user_agent": "Test/1.0"
        },
        "expires_at": "2026-01-31T00:00:00.000Z",
        "id": "[id]",
        "idle_expires_at": "2026-01-31T00:01:00.000Z",
        "last_exchanged_at": "2026-01-01T00:01:00.000Z",
        "resource_servers": [
          {
            "audience": "https://acme.example/me/",
            "scopes": "[scopes]"
          }
        ],
        "rotating": true,
        "session_id": "[session]",
        "user_id": "[user]"
      },
      "status": 200,
      "x-ratelimit-limit": "50"
    }
    "#);
    assert!(!shown.body.contains(&next));
}

async fn refresh_tokens_are_found_noted_and_revoked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    app.person(EMAIL).await;
    let one = sign_in(&app).await;
    let user = subject(&one);
    let listed = machine.get(&format!("{}/refresh-tokens", path(&user))).await.expect(200).json();
    let id = listed[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("refresh-tokens/{id}");
    let notes = json!({ "refresh_token_metadata": { "why": "audit" } });
    let noted = machine.patch(&path, &notes).await.expect(200).json();
    assert_eq!(noted["refresh_token_metadata"], notes["refresh_token_metadata"]);
    let query = encode_pairs(&[("user_id", &user), ("take", "5")]);
    let found = machine.get(&format!("refresh-tokens?{query}")).await.expect(200).json();
    assert_eq!(ids(&found["refresh_tokens"]), [id.as_str()]);
    let query = encode_pairs(&[("user_id", &user), ("client_id", NATIVE)]);
    assert_eq!(machine.get(&format!("refresh-tokens?{query}")).await.json(), json!([]));
    assert_eq!(refusal(&machine.get("refresh-tokens").await).0, 400);
    let query = encode_pairs(&[("user_id", &user), ("type", "rotating_refresh_token")]);
    let credentials = machine.get(&format!("device-credentials?{query}")).await.expect(200).json();
    assert_eq!(ids(&credentials), [id.as_str()]);
    let _ = machine.delete(&path).await.expect(202);
    let _ = app.refresh(SPA, &one.tokens.refresh).await.expect(403);
    let missing = expected(404, "", "The refresh token does not exist.");
    for reply in [machine.get(&path).await, machine.delete(&path).await] {
        assert_eq!(refusal(&reply), missing);
    }
}

async fn refresh_tokens_are_revoked_by_what_they_are_for(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    app.person(EMAIL).await;
    let mine = sign_in(&app).await;
    let user = subject(&mine);
    let revoke = |body: Value| {
        let machine = &machine;
        async move { machine.post("refresh-tokens/revoke", &body).await }
    };
    for body in [
        json!({}),
        json!({ "client_id": SPA }),
        json!({ "user_id": user, "audience": ME_API }),
        json!({ "user_id": user, "ids": ["x"] }),
    ] {
        assert_eq!(refusal(&revoke(body).await).1, "invalid_body");
    }
    let elsewhere = json!({ "user_id": user, "client_id": SPA, "audience": CUSTOM_API });
    let _ = revoke(elsewhere).await.expect(202);
    let next = app.refresh(SPA, &mine.tokens.refresh).await.expect(200).text("/refresh_token");
    let here = json!({ "user_id": user, "client_id": SPA, "audience": ME_API });
    let _ = revoke(here).await.expect(202);
    let _ = app.refresh(SPA, &next).await.expect(403);
    let (second, third, fourth) = (sign_in(&app).await, sign_in(&app).await, sign_in(&app).await);
    let all = format!("{}/refresh-tokens", path(&user));
    let listed = ids(&machine.get(&all).await.expect(200).json());
    assert_eq!(listed.len(), 3);
    let _ = revoke(json!({ "ids": [listed[0], "unknown"] })).await.expect(202);
    assert_eq!(ids(&machine.get(&all).await.expect(200).json()), listed[1..]);
    let _ = machine.delete(&all).await.expect(202);
    for user in [second, third, fourth] {
        let _ = app.refresh(SPA, &user.tokens.refresh).await.expect(403);
    }
}

async fn what_was_allowed_is_withdrawn(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    app.person(EMAIL).await;
    let request = app.authorize("openid offline_access read:things").with("audience", CUSTOM_API);
    let browser = app.browser();
    let page = browser.authorize_as(&request, EMAIL).await;
    let code = browser.submit(&page, &[("action", "accept")]).await.code();
    let tokens = app.exchange(&request, &code).await.expect(200).json();
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token").to_owned();
    let user = jwt::claims(tokens["id_token"].as_str().expect("an ID token"))["sub"].clone();
    let user = user.as_str().expect("a subject").to_owned();
    let query = encode_pairs(&[("user_id", &user), ("audience", CUSTOM_API)]);
    let listed =
        machine.get(&format!("grants?{query}&include_totals=true")).await.expect(200).json();
    let grant = &listed["grants"][0];
    assert_eq!((&grant["clientID"], &grant["scope"]), (&json!(SPA), &json!(["read:things"])));
    assert_eq!((&grant["audience"], &listed["total"]), (&json!(CUSTOM_API), &json!(1)));
    assert_eq!(machine.get("grants?client_id=nobody").await.expect(200).json(), json!([]));
    let path = format!("grants/{}", grant["id"].as_str().expect("an id"));
    let _ = machine.delete(&path).await.expect(204);
    assert_eq!(refusal(&machine.delete(&path).await).0, 404);
    let _ = app.refresh(SPA, &refresh).await.expect(403);
    assert_eq!(browser.authorize(&request).await.screen(), "consent", "they are asked again");
    let page = browser.authorize(&request).await;
    let _ = browser.submit(&page, &[("action", "accept")]).await.code();
    assert_eq!(refusal(&machine.delete("grants").await).0, 400);
    let query = encode_pairs(&[("user_id", &user)]);
    let _ = machine.delete(&format!("grants?{query}")).await.expect(204);
    assert_eq!(machine.get("grants").await.expect(200).json(), json!([]));
}

async fn whoever_tried_too_often_is_forgiven(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.ignore_messages().await;
    let machine = Machine::new(&app).await;
    let id = app.person(EMAIL).await.id.to_string();
    for _ in 0..10 {
        let browser = app.browser();
        let page = browser.authorize(&app.authorize("openid")).await;
        let page = browser.log_in(&page, EMAIL, "Wrong-horse-7").await;
        assert!(!page.left);
    }
    app.ignore_messages().await;
    let by_name = format!("user-blocks?{}", encode_pairs(&[("identifier", EMAIL)]));
    let blocked = json!({ "blocked_for": [{ "identifier": EMAIL, "ip": "203.0.113.7" }] });
    assert_eq!(machine.get(&by_name).await.expect(200).json(), blocked);
    let of_user = path(&id).replace("users/", "user-blocks/");
    assert_eq!(machine.get(&of_user).await.expect(200).json(), blocked);
    let page = app.browser().authorize_as(&app.authorize("openid"), EMAIL).await;
    assert!(!page.left, "the right password does not help");
    let _ = machine.delete(&of_user).await.expect(204);
    assert_eq!(machine.get(&by_name).await.json(), json!({ "blocked_for": [] }));
    let page = app.browser().authorize_as(&app.authorize("openid"), EMAIL).await;
    assert!(page.left);
    let _ = machine.delete(&by_name).await.expect(204);
    assert_eq!(refusal(&machine.get("user-blocks").await).0, 400);
    assert_eq!(refusal(&machine.get("user-blocks/auth0%7Cnobody").await).1, "inexistent_user");
}

async fn what_nobody_has_is_empty(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let user = path(app.person(EMAIL).await.id.as_str());
    for (part, key) in
        [("organizations", "organizations"), ("connected-accounts", "connected_accounts")]
    {
        let bare = machine.get(&format!("{user}/{part}")).await.expect(200).json();
        assert_eq!(bare, json!([]));
        let taken = machine.get(&format!("{user}/{part}?take=50")).await.expect(200).json();
        assert_eq!(taken[key], json!([]));
        let nobody = machine.get(&format!("users/auth0%7Cnobody/{part}")).await;
        assert_eq!(refusal(&nobody).1, "inexistent_user");
    }
    let tokens = format!("{user}/federated-connections-tokensets");
    assert_eq!(machine.get(&tokens).await.expect(200).json(), json!([]));
}

on_both_engines! {
    sessions_are_seen,
    sessions_are_listed_noted_and_ended,
    a_revoked_session_takes_its_tokens_along,
    access_is_revoked,
    refresh_tokens_are_seen,
    refresh_tokens_are_found_noted_and_revoked,
    refresh_tokens_are_revoked_by_what_they_are_for,
    what_was_allowed_is_withdrawn,
    whoever_tried_too_often_is_forgiven,
    what_nobody_has_is_empty,
}
