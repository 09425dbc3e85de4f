//! `/api/v2/users` and `/users-by-email` (contract 05 §9.1).

use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::app::PASSWORD;
use housekey_testkit::application::ME;
use housekey_testkit::jwt;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, expected, refusal};

const DIRECTORY: &str = "Username-Password-Authentication";
const NOBODY: &str = "users/auth0%7Cnobody";

fn ada() -> Value {
    json!({
        "connection": DIRECTORY, "email": "Ada@Example.com", "email_verified": true,
        "password": PASSWORD, "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace",
        "nickname": "ada", "picture": "https://pictures.example/ada.png", "user_id": "ada",
        "phone_number": "+4930123456", "phone_verified": true,
        "user_metadata": { "theme": "dark" }, "app_metadata": { "plan": "full" },
    })
}

fn missing() -> (u16, String, String) {
    expected(404, "inexistent_user", "The user does not exist.")
}

/// The path of a user.
pub(super) fn path(id: &str) -> String {
    format!("users/{}", id.replace('|', "%7C"))
}

async fn is_signed_in(app: &TestApp, user: &Actor<'_>) -> bool {
    let silent = app.authorize("openid").with("prompt", "none");
    user.browser.authorize(&silent).await.param("code").is_some()
}

async fn a_user_lives_and_dies(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let made = machine.post("users", &ada()).await.expect(201);
    assert_shown!(made.seen(), @r#"
    {
      "body": {
        "app_metadata": {
          "plan": "full"
        },
        "blocked": false,
        "created_at": "2026-01-01T00:00:00.000Z",
        "email": "ada@example.com",
        "email_verified": true,
        "family_name": "Lovelace",
        "given_name": "Ada",
        "identities": [
          {
            "connection": "Username-Password-Authentication",
            "isSocial": false,
            "provider": "auth0",
            "user_id": "ada"
          }
        ],
        "logins_count": 0,
        "name": "Ada Lovelace",
        "nickname": "ada",
        "phone_number": "+4930123456",
        "phone_verified": true,
        "picture": "https://pictures.example/ada.png",
        "updated_at": "2026-01-01T00:00:00.000Z",
        "user_id": "auth0|ada",
        "user_metadata": {
          "theme": "dark"
        }
      },
      "status": 201,
      "x-ratelimit-limit": "50"
    }
    "#);
    for path in ["users/auth0%7Cada", "users/auth0|ada", "users/auth0%7cada"] {
        assert_eq!(machine.get(path).await.expect(200).json(), made.json());
    }
    let taken = expected(409, "auth0_idp_error", "The user already exists.");
    assert_eq!(refusal(&machine.post("users", &ada()).await), taken);
    let some = machine.get("users/auth0%7Cada?fields=email").await.expect(200).json();
    assert_eq!(some, json!({ "user_id": "auth0|ada", "email": "ada@example.com" }));
    let _ = machine.delete("users/auth0%7Cada").await.expect(204);
    assert_eq!(refusal(&machine.get("users/auth0%7Cada").await), missing());
    assert_eq!(refusal(&machine.delete("users/auth0%7Cada").await), missing());
    assert_eq!(refusal(&machine.patch(NOBODY, &json!({})).await), missing());
    let _ = machine.post("users", &ada()).await.expect(201);
}

async fn what_cannot_be_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let with = |name: &str, value: Value| {
        let mut body = ada();
        body[name] = value;
        body
    };
    for (name, value) in [
        ("email", json!("nonsense")),
        ("email", json!(7)),
        ("email_verified", json!("yes")),
        ("phone_number", json!("030 123")),
        ("user_id", json!("a b")),
        ("username", json!("ada")),
        ("password", json!("short")),
        ("password", Value::Null),
        ("picture", json!("no address")),
        ("given_name", json!("x".repeat(151))),
        ("user_metadata", json!([])),
        ("nonsense", json!(1)),
        ("identities", json!([])),
    ] {
        let refused = machine.post("users", &with(name, value)).await;
        assert_eq!(refusal(&refused).1, "invalid_body", "{name}: {}", refused.body);
    }
    let unbuilt = machine.post("users", &with("verify_phone_number", json!(true))).await;
    assert_eq!(refusal(&unbuilt).1, "operation_not_supported");
    let nowhere = machine.post("users", &with("connection", json!("nowhere"))).await;
    let text = "The connection does not exist";
    assert_eq!(refusal(&nowhere), expected(404, "inexistent_connection", text));
    let nameless = json!({ "connection": DIRECTORY, "password": PASSWORD });
    assert_eq!(refusal(&machine.post("users", &nameless).await).1, "invalid_body");
    assert_eq!(machine.get("users").await.expect(200).json(), json!([]));
    let _ = machine.post("users", &ada()).await.expect(201);
    for body in [
        json!({ "connection": "nowhere" }),
        json!({ "email": null, "phone_number": null }),
        json!({ "client_id": SPA }),
        json!({ "user_id": "other" }),
        json!({ "password": "short" }),
    ] {
        let refused = machine.patch("users/auth0%7Cada", &body).await;
        assert_eq!(refusal(&refused).1, "invalid_body", "{body}: {}", refused.body);
    }
}

async fn changes_merge_and_null_resets(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let _ = machine.post("users", &ada()).await.expect(201);
    app.clock().advance(60);
    let body = json!({
        "name": null, "picture": null, "family_name": "King",
        "user_metadata": { "theme": null, "size": 2 }, "app_metadata": {},
        "email": "king@example.com", "verify_email": false, "phone_number": null,
    });
    let changed = machine.patch("users/auth0%7Cada", &body).await.expect(200).json();
    assert_eq!(changed["name"], "king@example.com", "the default");
    assert_eq!(changed["family_name"], "King");
    let picture = changed["picture"].as_str().expect("one of ours");
    assert!(picture.starts_with("https://acme.example/avatars/ki-"), "{picture}");
    assert_eq!(changed["user_metadata"], json!({ "size": 2 }));
    assert_eq!(changed["app_metadata"], json!({ "plan": "full" }));
    assert_eq!(changed["email_verified"], false, "nobody knows whose the new one is");
    assert_eq!((changed.get("phone_number"), changed.get("phone_verified")), (None, None));
    assert_eq!(changed["updated_at"], "2026-01-01T00:01:00.000Z");
    assert_eq!(machine.get("users/auth0%7Cada").await.json(), changed);
    let emptied = json!({ "app_metadata": null, "user_metadata": null, "email_verified": true });
    let emptied = machine.patch("users/auth0%7Cada", &emptied).await.expect(200).json();
    assert_eq!((emptied.get("app_metadata"), &emptied["user_metadata"]), (None, &json!({})));
    assert_eq!(emptied["email_verified"], true);
    app.person(EMAIL).await;
    let taken = machine.patch("users/auth0%7Cada", &json!({ "email": EMAIL })).await;
    assert_eq!(refusal(&taken).1, "auth0_idp_error");
}

async fn new_addresses_are_asked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let mut unverified = ada();
    unverified["email_verified"] = json!(false);
    let _ = machine.post("users", &unverified).await.expect(201);
    let link = app.message().await.content.link.expect("a link");
    assert_eq!(app.browser().open(&link).await.reply.status, 200);
    let verified = machine.get("users/auth0%7Cada").await.json();
    assert_eq!(verified["email_verified"], true);
    let body = json!({ "email": "king@example.com", "client_id": SPA });
    let _ = machine.patch("users/auth0%7Cada", &body).await.expect(200);
    assert!(app.message().await.content.link.is_some());
    let _ = machine.patch("users/auth0%7Cada", &json!({ "verify_email": true })).await.expect(200);
    assert!(app.message().await.content.link.is_some());
    let _ = machine.patch("users/auth0%7Cada", &json!({ "email_verified": true })).await;
}

/// What an operator says about somebody is what applications are told.
async fn applications_are_told(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let _ = machine.post("users", &ada()).await.expect(201);
    let user = app.sign_in_as("ada@example.com", SPA, "openid profile email phone").await;
    let id = jwt::claims(&user.tokens.id);
    let info = app.get("/userinfo").bearer(&user.tokens.access).send().await.expect(200).json();
    for (name, value) in [
        ("sub", json!("auth0|ada")),
        ("name", json!("Ada Lovelace")),
        ("given_name", json!("Ada")),
        ("family_name", json!("Lovelace")),
        ("nickname", json!("ada")),
        ("picture", json!("https://pictures.example/ada.png")),
        ("email", json!("ada@example.com")),
        ("email_verified", json!(true)),
        ("phone_number", json!("+4930123456")),
        ("phone_number_verified", json!(true)),
    ] {
        assert_eq!((&id[name], &info[name]), (&value, &value), "{name}");
    }
}

async fn logins_are_counted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let id = app.person(EMAIL).await.id.to_string();
    let shown = machine.get(&path(&id)).await.json();
    assert_eq!((shown.get("last_login"), &shown["logins_count"]), (None, &json!(0)));
    for _ in 0..2 {
        app.clock().advance(60);
        let user = app.sign_in_as(EMAIL, SPA, "openid").await;
        assert!(is_signed_in(&app, &user).await);
    }
    let shown = machine.get(&path(&id)).await.json();
    assert_eq!(shown["logins_count"], 2, "a session that is used is no login");
    assert_eq!(shown["last_login"], "2026-01-01T00:02:00.000Z");
    assert_eq!(shown["last_ip"], "203.0.113.7");
    assert_eq!(shown.get("last_password_reset"), None);
    app.clock().advance(60);
    let body = json!({ "password": "Another-horse-8" });
    let changed = machine.patch(&path(&id), &body).await.expect(200).json();
    assert_eq!(changed["last_password_reset"], "2026-01-01T00:03:00.000Z");
    assert_eq!(app.messages().await.len(), 1, "they are told");
}

async fn the_blocked_are_out_at_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let user = app.sign_in_with(&format!("openid offline_access {ME}")).await;
    let id = jwt::claims(&user.tokens.id)["sub"].as_str().expect("a subject").to_owned();
    let blocked = machine.patch(&path(&id), &json!({ "blocked": true })).await.expect(200).json();
    assert_eq!(blocked["blocked"], true);
    assert!(!is_signed_in(&app, &user).await);
    let _ = app.refresh(SPA, &user.tokens.refresh).await.expect(403);
    let _ = user.get("/factors").await.expect(401);
    let page = app.browser().authorize_as(&app.authorize("openid"), EMAIL).await;
    assert_eq!(page.error().0, "unauthorized");
    let _ = machine.patch(&path(&id), &json!({ "blocked": false })).await.expect(200);
    let _ = app.refresh(SPA, &user.tokens.refresh).await.expect(403);
    let _ = app.sign_in_as(EMAIL, SPA, "openid").await;
}

async fn the_deleted_are_gone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let user = app.sign_in_with(&format!("openid offline_access {ME}")).await;
    let id = jwt::claims(&user.tokens.id)["sub"].as_str().expect("a subject").to_owned();
    let _ = machine.delete(&path(&id)).await.expect(204);
    assert!(!is_signed_in(&app, &user).await);
    let _ = app.refresh(SPA, &user.tokens.refresh).await.expect(403);
    let _ = user.get("/factors").await.expect(401);
    let page = app.browser().authorize_as(&app.authorize("openid"), EMAIL).await;
    assert!(!page.left, "nobody is known under that address");
}

async fn a_new_password_is_the_password(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.ignore_messages().await;
    let machine = Machine::new(&app).await;
    let user = app.sign_in().await;
    let id = jwt::claims(&user.tokens.id)["sub"].as_str().expect("a subject").to_owned();
    let body = json!({ "password": "Another-horse-8", "connection": DIRECTORY });
    let changed = machine.patch(&path(&id), &body).await.expect(200);
    assert!(!changed.body.contains("horse"), "{}", changed.body);
    assert!(!is_signed_in(&app, &user).await);
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let _ = browser.log_in(&page, EMAIL, "Another-horse-8").await;
}

async fn some_tokens_change_app_metadata_alone(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let id = app.person(EMAIL).await.id.to_string();
    let machine = Machine::with(&app, "update:users_app_metadata").await;
    let body = json!({ "app_metadata": { "plan": "full" } });
    let changed = machine.patch(&path(&id), &body).await.expect(200).json();
    assert_eq!(changed["app_metadata"], json!({ "plan": "full" }));
    let more = json!({ "app_metadata": {}, "name": "Ada" });
    let text = "Insufficient scope, expected any of: update:users";
    let refused = machine.patch(&path(&id), &more).await;
    assert_eq!(refusal(&refused), expected(403, "insufficient_scope", text));
}

async fn people_are_found_by_their_address(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let _ = machine.post("users", &ada()).await.expect(201);
    let found = machine.get("users-by-email?email=ada@example.com").await.expect(200).json();
    assert_eq!(found[0]["user_id"], "auth0|ada");
    let path = "users-by-email?email=ada@example.com&fields=name";
    let name = json!([{ "user_id": "auth0|ada", "name": "Ada Lovelace" }]);
    assert_eq!(machine.get(path).await.json(), name);
    for email in ["Ada@Example.com", "eve@example.com", "ada", ""] {
        let found = machine.get(&format!("users-by-email?email={email}")).await.expect(200);
        assert_eq!(found.json(), json!([]), "{email}");
    }
    assert_eq!(refusal(&machine.get("users-by-email").await).0, 400);
}

on_both_engines! {
    a_user_lives_and_dies,
    what_cannot_be_is_refused,
    changes_merge_and_null_resets,
    new_addresses_are_asked,
    applications_are_told,
    logins_are_counted,
    the_blocked_are_out_at_once,
    the_deleted_are_gone,
    a_new_password_is_the_password,
    some_tokens_change_app_metadata_alone,
    people_are_found_by_their_address,
}
