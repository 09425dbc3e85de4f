//! `/api/v2/logs` (contract 05 §15).

use housekey_core::log;
use housekey_testkit::seed::{CUSTOM_API, MACHINE};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, encoded, expected, refusal};

/// Changes an API `times` times, a second apart.
async fn make_events(app: &TestApp, machine: &Machine<'_>, times: u32) {
    let path = format!("resource-servers/{}", encoded(CUSTOM_API));
    for lifetime in 1..=times {
        let _ = machine.patch(&path, &json!({ "token_lifetime": lifetime })).await.expect(200);
        app.clock().advance(1);
    }
}

fn lifetimes(list: &Value) -> Vec<i64> {
    let events = list.as_array().expect("a list").iter();
    events
        .filter_map(|event| event["details"]["request"]["body"]["token_lifetime"].as_i64())
        .collect()
}

async fn an_event_tells_what_happened(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    make_events(&app, &machine, 1).await;
    let list = machine.get("logs?q=type:sapi").await.expect(200).json();
    let event = list.as_array().expect("a list").last().expect("an event").clone();
    let id = event["log_id"].as_str().expect("an id").to_owned();
    assert!(id.len() <= 90 && event["_id"] == id.as_str(), "{event}");
    let request = &event["details"]["request"];
    assert_eq!(request["method"], "PATCH");
    assert_eq!(request["path"], format!("/api/v2/resource-servers/{}", encoded(CUSTOM_API)));
    assert_eq!(request["channel"], "api");
    assert_eq!(request["auth"]["strategy"], "jwt");
    assert_eq!(event["details"]["response"]["statusCode"], 200);
    assert_eq!(event["client_id"], MACHINE);
    assert_eq!(event["tenant_name"], "acme");
    assert_eq!(event["isMobile"], false);
    assert_eq!(event["hostname"], "acme.example");
    assert_eq!(machine.get(&format!("logs/{id}")).await.expect(200).json(), event);
    let some = machine.get(&format!("logs/{id}?fields=type,ip")).await.expect(200).json();
    let expected_some = json!({
        "_id": id, "log_id": id, "client_id": MACHINE, "type": "sapi", "ip": "203.0.113.7"
    });
    assert_eq!(some, expected_some);
    let missing = expected(404, "inexistent_log", "The log does not exist");
    assert_eq!(refusal(&machine.get("logs/900").await), missing);
}

async fn what_is_refused_is_told_once_without_secrets(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "identifier": CUSTOM_API, "nonsense": "s3cret" });
    let _ = machine.post("resource-servers?x=y", &body).await.expect(400);
    let list = machine.get("logs?q=type:fapi").await.expect(200).json();
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    let details = &list[0]["details"];
    assert_eq!(details["request"]["query"], json!({ "x": "y" }));
    assert_eq!(
        details["request"]["body"],
        json!({ "identifier": CUSTOM_API, "nonsense": "*****" })
    );
    assert_eq!(details["response"]["statusCode"], 400);
    assert_eq!(details["response"]["body"]["errorCode"], "invalid_body");
    // Reading in vain is no change refused; asking for more than the scopes allow is.
    let _ = machine.get("resource-servers/none").await.expect(404);
    let reader = Machine::with(&app, "read:logs").await;
    let _ = reader.post("resource-servers", &body).await.expect(403);
    let list = machine.get("logs?q=type:fapi").await.expect(200).json();
    assert_eq!(list.as_array().map(Vec::len), Some(2), "{list}");
    assert_eq!(list[0]["details"]["response"]["body"]["errorCode"], "insufficient_scope");
}

async fn asking_too_often_is_told_once_a_minute(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    while machine.get("resource-servers").await.status != 429 {}
    let _ = machine.get("resource-servers").await.expect(429);
    app.clock().advance(10);
    let list = machine.get("logs?q=type:api_limit").await.expect(200).json();
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
}

async fn searches_find_what_they_say(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    make_events(&app, &machine, 5).await;
    let find = async |q: &str| {
        let path = format!("logs?q={}", encoded(q));
        machine.get(&path).await.expect(200).json()
    };
    for q in [
        "type:sapi",
        "type:sapi AND ip:203.0.113.7",
        "client_id:machine AND NOT type:seccft",
        "type:sap* -type:seccft",
        "(type:sapi OR type:fapi) AND _exists_:client_id",
        "type:sapi AND date:[2020-01-01 TO *]",
    ] {
        assert_eq!(lifetimes(&find(q).await), [5, 4, 3, 2, 1], "{q}");
    }
    for q in ["type:sapi AND date:[* TO 2020-01-01]", "type:sapi AND connection:none", "user_id:x"]
    {
        assert_eq!(find(q).await, json!([]), "{q}");
    }
    let third = find("type:sapi").await[2]["date"].as_str().expect("a date").to_owned();
    let until = find(&format!("type:sapi AND date:[* TO \"{third}\"]")).await;
    assert_eq!(lifetimes(&until), [3, 2, 1]);
    for q in ["words", "type:(", "nonsense:1", "date:[x TO y]"] {
        let refused = machine.get(&format!("logs?q={}", encoded(q))).await;
        assert_eq!(refusal(&refused).1, "invalid_query_string", "{q}");
    }
}

async fn pages_and_order_are_as_asked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    make_events(&app, &machine, 5).await;
    let q = "logs?q=type:sapi&per_page=2";
    let page = machine.get(&format!("{q}&page=1")).await.expect(200).json();
    assert_eq!(lifetimes(&page), [3, 2]);
    let oldest = machine.get(&format!("{q}&sort=date:1")).await.expect(200).json();
    assert_eq!(lifetimes(&oldest), [1, 2]);
    let totals = machine.get(&format!("{q}&page=2&include_totals=true")).await.expect(200).json();
    assert_eq!(lifetimes(&totals["logs"]), [1]);
    assert_eq!(
        [&totals["start"], &totals["limit"], &totals["length"], &totals["total"]],
        [4, 2, 1, 5]
    );
    let past = machine.get(&format!("{q}&page=9")).await.expect(200).json();
    assert_eq!(past, json!([]));
    let beyond = machine.get("logs?page=10&per_page=100").await;
    assert_eq!(refusal(&beyond).1, "invalid_paging");
    let sorted = machine.get("logs?sort=ip:1").await;
    assert_eq!(refusal(&sorted).1, "invalid_query_string");
}

async fn whoever_follows_the_log_misses_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    make_events(&app, &machine, 5).await;
    app.clock().advance(5);
    let mut path = "logs?take=2".to_owned();
    let mut seen = Vec::new();
    loop {
        let reply = machine.get(&path).await.expect(200);
        let link = reply.header("link").expect("a link").to_owned();
        let url = link.strip_prefix("<https://acme.example/api/v2/").expect("here");
        let url = url.strip_suffix(">; rel=\"next\"").expect("what comes next").to_owned();
        let list = reply.json();
        if list.as_array().is_some_and(Vec::is_empty) {
            assert_eq!(url, path, "the same again");
            break;
        }
        seen.extend(lifetimes(&list));
        path = url;
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    make_events(&app, &machine, 1).await;
    assert_eq!(machine.get(&path).await.expect(200).json(), json!([]), "not settled");
    app.clock().advance(5);
    assert_eq!(lifetimes(&machine.get(&path).await.expect(200).json()), [1]);
    for wrong in ["logs?from=abc", "logs?from=900&q=type:s", "logs?take=0"] {
        assert_eq!(refusal(&machine.get(wrong).await).1, "invalid_query_string", "{wrong}");
    }
}

async fn a_users_events_are_those_of_the_user(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let ada = app.person("ada@example.com").await;
    let bob = app.person("bob@example.com").await;
    for person in [&ada, &bob, &ada] {
        let call = app.call().await;
        let mut tx = app.core().write(&app.tenant_id()).await.expect("writes");
        let subject = log::LogSubject { user: Some(person), ..log::LogSubject::default() };
        let details = serde_json::Map::new();
        let kind = log::LogKind::Login;
        log::record(app.core(), &call, &mut *tx, kind, subject, details).await.expect("writes");
        tx.commit().await.expect("commits");
    }
    let path = format!("users/{}/logs", encoded(ada.id.as_str()));
    let list = machine.get(&format!("{path}?include_totals=true")).await.expect(200).json();
    assert_eq!(list["total"], 2);
    let event = &list["logs"][0];
    assert_eq!(event["user_id"], ada.id.as_str());
    assert_eq!(event["user_name"], "ada@example.com");
    assert_eq!(event["connection"], "Username-Password-Authentication");
    assert_eq!(event["strategy_type"], "database");
    app.clock().advance(5);
    let followed = machine.get(&format!("{path}?take=1")).await.expect(200);
    assert_eq!(followed.json().as_array().map(Vec::len), Some(1));
    assert!(followed.header("link").is_some_and(|link| link.contains("/api/v2/users/auth0%7C")));
    let found = machine.get("logs?q=connection:Username-Password-Authentication").await;
    assert_eq!(found.expect(200).json().as_array().map(Vec::len), Some(3));
}

async fn old_events_are_removed(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.log_retention_days = 2)
        .start()
        .await;
    let machine = Machine::new(&app).await;
    make_events(&app, &machine, 2).await;
    app.clock().advance(86_400 * 2 - 1);
    assert_eq!(
        log::purge(app.core()).await.expect("the database answers"),
        2,
        "the token and the first"
    );
    let machine = Machine::new(&app).await;
    let left = machine.get("logs?q=type:sapi").await.expect(200).json();
    assert_eq!(lifetimes(&left), [2]);
}

on_both_engines! {
    an_event_tells_what_happened,
    what_is_refused_is_told_once_without_secrets,
    asking_too_often_is_told_once_a_minute,
    searches_find_what_they_say,
    pages_and_order_are_as_asked,
    whoever_follows_the_log_misses_nothing,
    a_users_events_are_those_of_the_user,
    old_events_are_removed,
}
