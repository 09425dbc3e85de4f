//! `/api/v2/users/{id}/identities` and `/connections/{id}/users` (contract 05 §9.3, §8).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::jwt;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, encoded, expected, refusal};

const OTHER: &str = "second@example.com";

async fn path_of(app: &TestApp, email: &str) -> (String, String) {
    let user = app.person(email).await;
    let id = user.id.as_str().to_owned();
    (format!("users/{}", encoded(&id)), id)
}

/// Whom signing in under a name leads to.
async fn signs_in(app: &TestApp, email: &str) -> String {
    let tokens = app.sign_in_as(email, SPA, "openid").await.tokens;
    jwt::claims(&tokens.id)["sub"].as_str().expect("a user").to_owned()
}

/// Signs in and expects to be told that name or password are wrong.
async fn is_refused(app: &TestApp, email: &str) {
    let page = app.browser().authorize_as(&app.authorize("openid"), email).await;
    assert!(!page.left && !page.errors().is_empty(), "{}", page.reply.body);
}

async fn a_linked_account_leads_to_the_other_and_back(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (first, first_id) = path_of(&app, EMAIL).await;
    let (second, second_id) = path_of(&app, OTHER).await;
    let tokens = app.sign_in_as(OTHER, SPA, "openid offline_access").await.tokens;
    let machine = Machine::new(&app).await;
    let short = second_id.trim_start_matches("auth0|");
    let body = json!({ "provider": "auth0", "user_id": short });
    let all = machine.post(&format!("{first}/identities"), &body).await.expect(201).json();
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    assert_eq!(
        (&all[1]["user_id"], &all[1]["profileData"]["email"]),
        (&json!(short), &json!(OTHER))
    );
    assert_eq!(machine.get(&first).await.expect(200).json()["identities"], all);
    assert_eq!(refusal(&machine.get(&second).await).1, "inexistent_user");
    let gone = app.refresh(SPA, &tokens.refresh).await;
    assert!(!gone.status.is_success(), "what was signed in is out");

    assert_eq!(signs_in(&app, OTHER).await, first_id);
    assert_eq!(signs_in(&app, EMAIL).await, first_id);
    // Changing the main profile leaves the other names alone, and nobody can take them.
    let _ = machine.patch(&first, &json!({ "nickname": "ada" })).await.expect(200);
    assert_eq!(signs_in(&app, OTHER).await, first_id);
    let taken = json!({ "connection": "Username-Password-Authentication", "email": OTHER, "password": PASSWORD });
    let taken = machine.post("users", &taken).await;
    assert!([400, 409].contains(&taken.status.as_u16()), "{}", taken.body);

    let off = format!("{first}/identities/auth0/{short}");
    let left = machine.delete(&off).await.expect(200).json();
    assert_eq!(left.as_array().map(Vec::len), Some(1));
    assert_eq!(signs_in(&app, OTHER).await, second_id, "it is an account of its own again");
    assert_eq!(signs_in(&app, EMAIL).await, first_id);
    assert_eq!(
        refusal(&machine.delete(&off).await),
        expected(404, "inexistent_identity", "The user has no such identity.")
    );
    let main = format!("{first}/identities/auth0/{}", first_id.trim_start_matches("auth0|"));
    assert_eq!(refusal(&machine.delete(&main).await).1, "invalid_body");
}

async fn an_id_token_shows_whose_account_it_is(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (first, first_id) = path_of(&app, EMAIL).await;
    let _ = path_of(&app, OTHER).await;
    let tokens = app.sign_in_as(OTHER, SPA, "openid").await.tokens;
    let machine = Machine::new(&app).await;
    let path = format!("{first}/identities");
    for wrong in ["x", tokens.access.as_str()] {
        assert_eq!(refusal(&machine.post(&path, &json!({ "link_with": wrong })).await).0, 400);
    }
    let linked = machine.post(&path, &json!({ "link_with": tokens.id })).await.expect(201);
    assert_eq!(linked.json().as_array().map(Vec::len), Some(2));
    assert_eq!(signs_in(&app, OTHER).await, first_id);
    let logs = machine.get("logs?per_page=5").await.expect(200).body;
    assert!(!logs.contains(&tokens.id), "the token is a secret");
    let old = tokens.id;
    app.clock().advance(36_000);
    let machine = Machine::new(&app).await;
    assert_eq!(refusal(&machine.post(&path, &json!({ "link_with": old })).await).0, 400);
}

async fn what_cannot_be_linked_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (first, first_id) = path_of(&app, EMAIL).await;
    let (second, second_id) = path_of(&app, OTHER).await;
    let machine = Machine::new(&app).await;
    let path = format!("{first}/identities");
    let of = |id: &str| json!({ "provider": "auth0", "user_id": id });
    for (body, status) in [
        (json!({}), 400),
        (json!({ "provider": "auth0" }), 400),
        (of(&first_id), 400),
        (of("nobody"), 404),
        (json!({ "provider": "auth0", "user_id": second_id, "connection_id": "con_x" }), 404),
    ] {
        assert_eq!(refusal(&machine.post(&path, &body).await).0, status, "{body}");
    }
    let nobody = "users/auth0%7Cnobody/identities";
    assert_eq!(refusal(&machine.post(nobody, &of(&second_id)).await).0, 404);
    let _ = machine.patch(&second, &json!({ "blocked": true })).await.expect(200);
    assert_eq!(refusal(&machine.post(&path, &of(&second_id)).await).0, 400);
    let still: Value = machine.get(&second).await.expect(200).json();
    assert_eq!(still["blocked"], true);
}

async fn people_are_removed_by_their_address(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (first, _) = path_of(&app, EMAIL).await;
    let (second, second_id) = path_of(&app, OTHER).await;
    let machine = Machine::new(&app).await;
    let connection = machine.get("connections").await.expect(200).json()[0]["id"].clone();
    let users = format!("connections/{}/users", connection.as_str().expect("an id"));
    let remove =
        async |email: &str| machine.delete(&format!("{users}?email={}", encoded(email))).await;
    let body = json!({ "provider": "auth0", "user_id": second_id });
    let _ = machine.post(&format!("{first}/identities"), &body).await.expect(201);
    let _ = remove(OTHER).await.expect(204);
    let left = machine.get(&first).await.expect(200).json();
    assert_eq!(left["identities"].as_array().map(Vec::len), Some(1), "only what was linked went");
    is_refused(&app, OTHER).await;
    let _ = remove(EMAIL).await.expect(204);
    assert_eq!(refusal(&machine.get(&first).await).0, 404);
    let _ = remove(EMAIL).await.expect(204);
    assert_eq!(refusal(&machine.get(&second).await).0, 404);
    assert_eq!(refusal(&remove("x").await).1, "invalid_query_string");
    assert_eq!(refusal(&machine.delete(&users).await).1, "invalid_query_string");
    assert_eq!(refusal(&machine.delete("connections/con_x/users?email=a@b.example").await).0, 404);
}

on_both_engines! {
    a_linked_account_leads_to_the_other_and_back,
    an_id_token_shows_whose_account_it_is,
    what_cannot_be_linked_is_refused,
    people_are_removed_by_their_address,
}
