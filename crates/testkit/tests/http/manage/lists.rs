//! Lists and their pages (contract 05 §3).

use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, refusal};

async fn machine_with_apis(app: &TestApp) -> Machine<'_> {
    let machine = Machine::new(app).await;
    for number in 0..4 {
        let body = json!({ "identifier": format!("https://{number}.example/") });
        let _ = machine.post("resource-servers", &body).await.expect(201);
    }
    machine
}

fn ids(list: &Value) -> Vec<String> {
    let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
    list.as_array().expect("a list").iter().map(id).collect()
}

async fn bare_with_totals_and_past_the_end(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = machine_with_apis(&app).await;
    let all = ids(&machine.get("resource-servers").await.expect(200).json());
    assert_eq!(all.len(), 7);
    let page = machine.get("resource-servers?page=1&per_page=3&include_totals=true").await.json();
    assert_eq!(ids(&page["resource_servers"]), all[3..6]);
    assert_eq!((&page["start"], &page["limit"], &page["total"]), (&json!(3), &json!(3), &json!(7)));
    let bare = machine.get("resource-servers?page=2&per_page=3").await.expect(200).json();
    assert_eq!(ids(&bare), all[6..]);
    let past = machine.get("resource-servers?page=9&per_page=3&include_totals=true").await.json();
    assert_eq!((past["resource_servers"].clone(), past["total"].clone()), (json!([]), json!(7)));
}

/// Some clients send everything at once: the checkpoint wins.
async fn checkpoints_lead_through(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = machine_with_apis(&app).await;
    let all = ids(&machine.get("resource-servers").await.expect(200).json());
    let (mut seen, mut from) = (Vec::new(), String::new());
    loop {
        let path = format!("resource-servers?take=3&include_totals=true&page=5{from}");
        let page = machine.get(&path).await.expect(200).json();
        seen.extend(ids(&page["resource_servers"]));
        assert_eq!(page.get("total"), None);
        let Some(next) = page["next"].as_str() else { break };
        from = format!("&from={next}");
    }
    assert_eq!(seen, all);
    for query in ["take=3&from=nonsense", "take=x", "per_page=101", "page=-1", "page=300"] {
        let refused = machine.get(&format!("resource-servers?{query}")).await;
        assert_eq!(refusal(&refused).0, 400, "{query}");
    }
}

async fn only_what_is_asked_for(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = machine_with_apis(&app).await;
    let two = "resource-servers?identifiers=https://1.example/&identifiers=https://3.example/";
    assert_eq!(ids(&machine.get(two).await.expect(200).json()).len(), 2);
    let fields = machine.get("resource-servers?fields=name&per_page=1").await.expect(200).json();
    let members: Vec<_> = fields[0].as_object().expect("an object").keys().collect();
    assert_eq!(members, ["id", "name"]);
    let others = "resource-servers?fields=scopes,name&include_fields=false&per_page=1";
    let others = machine.get(others).await.expect(200).json();
    assert_eq!((others[0].get("scopes"), others[0].get("name")), (None, None));
    assert!(others[0]["identifier"].is_string());
    let grants = machine.get("client-grants?subject_type=client&client_id=machine").await.json();
    assert_eq!(ids(&grants).len(), 2);
}

on_both_engines! {
    bare_with_totals_and_past_the_end,
    checkpoints_lead_through,
    only_what_is_asked_for,
}
