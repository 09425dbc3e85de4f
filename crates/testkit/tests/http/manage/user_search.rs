//! Searching for people (contract 05 §9.2).

use housekey_testkit::app::PASSWORD;
use housekey_testkit::request::encode_pairs;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, refusal};

async fn machine_with_people(app: &TestApp) -> Machine<'_> {
    let people = [
        json!({ "user_id": "1", "name": "Ada Lovelace", "app_metadata": { "plan": "full" } }),
        json!({ "user_id": "2", "name": "Adam Smith", "blocked": true }),
        json!({ "user_id": "3", "name": "Charles Babbage", "user_metadata": { "a": { "b": "c" } } }),
        json!({ "user_id": "4", "email_verified": false, "verify_email": false }),
    ];
    for mut person in people {
        app.clock().advance(86_400);
        let id = person["user_id"].as_str().expect("an id").to_owned();
        person["connection"] = json!("Username-Password-Authentication");
        person["password"] = json!(PASSWORD);
        person["email"] = json!(format!("user{id}@example.com"));
        if person.get("email_verified").is_none() {
            person["email_verified"] = json!(true);
        }
        let _ = Machine::new(app).await.post("users", &person).await.expect(201);
    }
    Machine::new(app).await
}

async fn find(machine: &Machine<'_>, query: &[(&str, &str)]) -> Value {
    machine.get(&format!("users?{}", encode_pairs(query))).await.expect(200).json()
}

fn ids(users: &Value) -> String {
    let id = |user: &Value| user["user_id"].as_str().expect("an id").replace("auth0|", "");
    users.as_array().expect("a list").iter().map(id).collect()
}

async fn queries_find(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = machine_with_people(&app).await;
    for (query, found) in [
        ("", "1234"),
        ("*", "1234"),
        ("email:USER2@example.com", "2"),
        ("email:\"user2@example.com\" OR user_id:\"auth0|3\"", "23"),
        ("email:user*", "1234"),
        ("name:ada*", "12"),
        ("name:ada* AND NOT blocked:true", "1"),
        ("name:ada* -blocked:true", "1"),
        ("name:\"ada lovelace\"", "1"),
        ("name:ada", ""),
        ("blocked:true", "2"),
        ("blocked:false", "134"),
        ("email_verified:false", "4"),
        ("app_metadata.plan:full", "1"),
        ("app_metadata.plan:Full", ""),
        ("user_metadata.a.b:\"c\"", "3"),
        ("_exists_:app_metadata.plan", "1"),
        ("NOT _exists_:app_metadata.plan", "234"),
        ("_exists_:last_login", ""),
        ("identities.connection:\"Username-Password-Authentication\"", "1234"),
        ("identities.connection:other", ""),
        ("identities.provider:auth0 AND logins_count:0", "1234"),
        ("identities.provider:sms", ""),
        ("NOT identities.provider:sms", "1234"),
        ("logins_count:[1 TO *]", ""),
        ("created_at:[2026-01-03 TO 2026-01-04]", "23"),
        ("created_at:{2026-01-03 TO *]", "34"),
        ("(name:ada* OR name:cha*) AND created_at:>2026-01-02", "23"),
    ] {
        assert_eq!(ids(&find(&machine, &[("q", query)]).await), found, "{query}");
    }
}

async fn what_changes_is_found_at_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = machine_with_people(&app).await;
    let body = json!({ "name": "Grace Hopper", "app_metadata": { "plan": "none" } });
    let _ = machine.patch("users/auth0%7C1", &body).await.expect(200);
    let found = |query: &'static str| async { ids(&find(&machine, &[("q", query)]).await) };
    assert_eq!(found("name:grace*").await, "1");
    assert_eq!(found("name:ada*").await, "2");
    assert_eq!(found("app_metadata.plan:none").await, "1");
    let _ = machine.patch("users/auth0%7C2", &json!({ "blocked": false })).await.expect(200);
    assert_eq!(found("blocked:true").await, "");
    let _ = machine.delete("users/auth0%7C1").await.expect(204);
    assert_eq!(found("name:grace*").await, "");
    let _ = app.sign_in_as("user2@example.com", "spa", "openid").await;
    assert_eq!(found("logins_count:1").await, "2");
    assert_eq!(found("_exists_:last_login").await, "2");
}

async fn the_found_come_in_order_and_pages(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = machine_with_people(&app).await;
    let sorted = |sort: &'static str| async { ids(&find(&machine, &[("sort", sort)]).await) };
    assert_eq!(sorted("created_at:-1").await, "4321");
    assert_eq!(sorted("name:1").await, "1234", "the last one is called by their address");
    assert_eq!(sorted("name:-1").await, "4321");
    assert_eq!(sorted("email:-1").await, "4321");
    assert_eq!(sorted("last_login:1").await, "1234");
    let query = [("q", "name:ada*"), ("per_page", "1"), ("page", "1"), ("include_totals", "true")];
    let page = find(&machine, &query).await;
    assert_eq!(ids(&page["users"]), "2");
    let numbers = ["start", "limit", "length", "total"].map(|name| page[name].clone());
    assert_eq!(numbers, [1, 1, 1, 2].map(Value::from));
    let past = find(&machine, &[("page", "9"), ("include_totals", "true")]).await;
    assert_eq!((ids(&past["users"]), &past["total"]), (String::new(), &json!(4)));
    let none = find(&machine, &[("per_page", "0"), ("include_totals", "true")]).await;
    assert_eq!((ids(&none["users"]), &none["total"]), (String::new(), &json!(4)));
    let fields = find(&machine, &[("fields", "email"), ("per_page", "1")]).await;
    assert_eq!(fields, json!([{ "email": "user1@example.com", "user_id": "auth0|1" }]));
}

async fn what_is_no_query_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    for (name, value) in [
        ("q", "ada"),
        ("q", "name:*da"),
        ("q", "name:a*"),
        ("q", "(name:ada"),
        ("q", "user_metadata.a:abc*"),
        ("sort", "nonsense:1"),
        ("sort", "name:2"),
        ("search_engine", "v2"),
        ("per_page", "101"),
    ] {
        let path = format!("users?{}", encode_pairs(&[(name, value)]));
        let refused = refusal(&machine.get(&path).await);
        assert_eq!((refused.0, refused.1.as_str()), (400, "invalid_query_string"), "{value}");
    }
    let far = refusal(&machine.get("users?page=10&per_page=100").await);
    assert_eq!((far.0, far.1.as_str()), (400, "invalid_paging"));
    assert!(far.2.starts_with("You can only page through the first 1000 records."), "{}", far.2);
}

on_both_engines! {
    queries_find,
    what_changes_is_found_at_once,
    the_found_come_in_order_and_pages,
    what_is_no_query_is_refused,
}
