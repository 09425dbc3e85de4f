//! `/api/v2/users/{id}/authentication-methods` and its kin (contract 05 §9.3).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::passkey::{Authenticator, KeyKind};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::users::path;
use super::{Machine, refusal};
use crate::me::passkey::{ORIGIN, add};
use crate::page::passkey::options;

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn somebody(app: &TestApp) -> String {
    format!("{}/authentication-methods", path(app.person(EMAIL).await.id.as_str()))
}

fn types(list: &Value) -> Vec<String> {
    let name = |item: &Value| item["type"].as_str().expect("a type").to_owned();
    list.as_array().expect("a list").iter().map(name).collect()
}

fn one(all: &str, id: &Value) -> String {
    format!("{all}/{}", id.as_str().expect("an id").replace('|', "%7C"))
}

async fn methods_are_brought_changed_and_removed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let all = somebody(&app).await;
    let phone = json!({ "type": "phone", "phone_number": "+4930123456", "name": "Desk" });
    let made = machine.post(&all, &phone).await.expect(201);
    assert_shown!(made.seen(), {
        ".body.id" => "[id]",
        ".body.authentication_methods[0].id" => "[id]",
    }, @r#"
    {
      "body": {
        "authentication_methods": [
          {
            "id": "[id]",
            "type": "sms"
          }
        ],
        "confirmed": true,
        "created_at": "2026-01-01T00:00:00.000Z",
        "enrolled_at": "2026-01-01T00:00:00.000Z",
        "id": "[id]",
        "name": "Desk",
        "phone_number": "+4930123456",
        "preferred_authentication_method": "sms",
        "type": "phone"
      },
      "status": 201,
      "x-ratelimit-limit": "50"
    }
    "#);
    let path = one(&all, &made.json()["id"]);
    assert_eq!(machine.get(&path).await.expect(200).json(), made.json());
    assert_eq!(refusal(&machine.post(&all, &phone).await).0, 409);
    let change = json!({ "name": null, "preferred_authentication_method": "voice" });
    let changed = machine.patch(&path, &change).await.expect(200).json();
    assert_eq!(changed.get("name"), None);
    assert_eq!(changed["preferred_authentication_method"], "voice");
    let _ = machine.delete(&path).await.expect(204);
    for reply in [machine.get(&path).await, machine.delete(&path).await] {
        assert_eq!(refusal(&reply).0, 404);
    }
}

async fn methods_are_listed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let all = somebody(&app).await;
    let phone = json!({ "type": "phone", "phone_number": "+4930123456", "name": "Desk" });
    let _ = machine.post(&all, &phone).await.expect(201);
    app.clock().advance(1);
    let totp = json!({ "type": "totp", "totp_secret": SECRET });
    let totp = machine.post(&all, &totp).await.expect(201);
    assert!(!totp.body.contains(SECRET));
    let of_totp = one(&all, &totp.json()["id"]);
    let channel = json!({ "preferred_authentication_method": "sms" });
    assert_eq!(refusal(&machine.patch(&of_totp, &channel).await).1, "invalid_body");
    let listed = machine.get(&format!("{all}?include_totals=true")).await.expect(200).json();
    assert_eq!(
        (types(&listed["authenticators"]), &listed["total"]),
        (vec!["phone".into(), "totp".into()], &json!(2))
    );
    let enrollments = all.replace("authentication-methods", "enrollments");
    let enrollments = machine.get(&enrollments).await.expect(200).json();
    assert_eq!(
        (&enrollments[0]["auth_method"], &enrollments[1]["auth_method"]),
        (&json!("sms"), &json!("authenticator"))
    );
    let _ = machine.delete(&all).await.expect(204);
    assert_eq!(machine.get(&all).await.expect(200).json(), json!([]));
}

async fn signs_in(app: &TestApp, authenticator: &mut Authenticator) -> bool {
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let credential = authenticator.get(&options(&page));
    browser.submit(&page, &[("passkey", &credential.to_string())]).await.left
}

/// The person signs in with what was brought.
async fn what_is_brought_works(database: TestDatabase) {
    let app = TestApp::build(database).await.passkeys().start().await;
    let machine = Machine::new(&app).await;
    let user = app.sign_in().await;
    let id =
        housekey_testkit::jwt::claims(&user.tokens.id)["sub"].as_str().expect("sub").to_owned();
    let all = format!("{}/authentication-methods", path(&id));
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    add(&app, &user, &mut authenticator).await;
    let listed = machine.get(&all).await.expect(200).json();
    let mut passkey = listed[0].clone();
    assert_eq!(
        (&passkey["type"], &passkey["identity_user_id"]),
        (&json!("passkey"), &json!(id.replace("auth0|", "")))
    );
    let replaced =
        machine.request("PUT", &all).json(&json!([{ "type": "totp", "totp_secret": SECRET }]));
    let text = "Operation not permitted when the user has registered at least 1 passkey";
    assert_eq!(refusal(&replaced.send().await).2, text);
    let _ = machine.delete(&one(&all, &passkey["id"])).await.expect(204);
    assert!(!signs_in(&app, &mut authenticator).await);
    let members = passkey.as_object_mut().expect("an object");
    for read_only in ["id", "confirmed", "created_at", "enrolled_at", "last_auth_at", "name"] {
        members.remove(read_only);
    }
    let again = machine.post(&all, &passkey).await.expect(201).json();
    assert_eq!(again["key_id"], passkey["key_id"]);
    assert!(signs_in(&app, &mut authenticator).await);
    let _ =
        machine.delete(&all.replace("authentication-methods", "authenticators")).await.expect(204);
    assert_eq!(types(&machine.get(&all).await.json()), ["passkey"], "no second factor");
}

async fn all_are_replaced_or_none(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let all = somebody(&app).await;
    let _ =
        machine.post(&all, &json!({ "type": "email", "email": "x@example.com" })).await.expect(201);
    let put = |body: Value| machine.request("PUT", &all).json(&body).send();
    let twice = json!([{ "type": "email", "email": "a@example.com" }, { "type": "email", "email": "A@example.com" }]);
    assert_eq!(refusal(&put(twice).await).0, 409);
    assert_eq!(machine.get(&all).await.json()[0]["email"], "x@example.com");
    let two = json!([{ "type": "email", "email": "a@example.com" }, { "type": "totp", "totp_secret": SECRET }]);
    let made = put(two).await.expect(200).json();
    assert_eq!(types(&made), ["email", "totp"]);
    let mut listed = types(&machine.get(&all).await.json());
    listed.sort();
    assert_eq!(listed, ["email", "totp"]);
    let google = all.replace("authentication-methods", "multifactor/google-authenticator");
    let _ = machine.delete(&google).await.expect(204);
    assert_eq!(types(&machine.get(&all).await.json()), ["email"]);
    let duo = all.replace("authentication-methods", "multifactor/duo");
    let _ = machine.delete(&duo).await.expect(204);
    let other = all.replace("authentication-methods", "multifactor/nonsense");
    assert_eq!(refusal(&machine.delete(&other).await).0, 400);
    let forget =
        all.replace("authentication-methods", "multifactor/actions/invalidate-remember-browser");
    let _ = machine.request("POST", &forget).send().await.expect(204);
}

async fn recovery_codes_are_replaced(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let user = app.sign_in().await;
    let id =
        housekey_testkit::jwt::claims(&user.tokens.id)["sub"].as_str().expect("sub").to_owned();
    let again = format!("{}/recovery-code-regeneration", path(&id));
    let none = machine.request("POST", &again).send().await;
    assert_eq!(refusal(&none).0, 404);
    let begun = user.enroll(&json!({ "type": "recovery-code" })).await.expect(202).json();
    let proof = json!({ "auth_session": begun["auth_session"] });
    let _ = user.verify(begun["id"].as_str().expect("an id"), &proof).await.expect(201);
    let _ = app.messages().await;
    let first = machine.request("POST", &again).send().await.expect(200).text("/recovery_code");
    let second = machine.request("POST", &again).send().await.expect(200).text("/recovery_code");
    assert!(first != second && second.len() == 24, "{first} {second}");
    let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
    let events = tx.log_events(50).await.expect("the log");
    let text = format!("{events:?}");
    assert!(!text.contains(&first) && !text.contains(&second), "never in the log");
}

async fn what_is_none_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let all = somebody(&app).await;
    for body in [
        json!({}),
        json!({ "type": "nonsense" }),
        json!({ "type": "phone" }),
        json!({ "type": "phone", "phone_number": "nonsense" }),
        json!({ "type": "email", "email": "nonsense" }),
        json!({ "type": "totp", "totp_secret": "!!" }),
        json!({ "type": "totp", "totp_secret": "AAAA" }),
        json!({ "type": "email", "email": "a@example.com", "name": "x".repeat(21) }),
        json!({ "type": "passkey", "key_id": "AAAA", "public_key": "AAAA",
            "relying_party_identifier": "acme.example" }),
        json!({ "type": "passkey", "key_id": "!", "public_key": "AAAA",
            "relying_party_identifier": "acme.example" }),
    ] {
        let refused = machine.post(&all, &body).await;
        assert_eq!(refusal(&refused).1, "invalid_body", "{body} {}", refused.body);
    }
    for number in 0..19 {
        let email = json!({ "type": "email", "email": format!("{number}@example.com") });
        let _ = machine.post(&all, &email).await.expect(201);
    }
    let more = machine.post(&all, &json!({ "type": "totp", "totp_secret": SECRET })).await;
    assert_eq!(refusal(&more).1, "too_many_entities");
    for path in ["authentication-methods", "enrollments", "authentication-methods/x"] {
        let missing = machine.get(&format!("users/auth0%7Cnobody/{path}")).await;
        assert_eq!(refusal(&missing).1, "inexistent_user", "{path}");
    }
}

on_both_engines! {
    methods_are_brought_changed_and_removed,
    methods_are_listed,
    what_is_brought_works,
    all_are_replaced_or_none,
    recovery_codes_are_replaced,
    what_is_none_is_refused,
}
