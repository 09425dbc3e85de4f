//! `/api/v2/log-streams` (contract 05 §15), and what they carry.

use std::sync::Mutex;

use housekey_core::log::stream::{LogBatch, deliver_streams};
use housekey_core::port::{DeliveryError, Messenger, OutgoingMessage};
use housekey_testkit::seed::CUSTOM_API;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, encoded, refusal};

/// A receiver: what it took, and whether it takes anything.
#[derive(Default)]
struct Receiver {
    taken: Mutex<Vec<LogBatch>>,
    refuses: bool,
}

#[async_trait::async_trait]
impl Messenger for Receiver {
    async fn deliver(&self, _message: &OutgoingMessage) -> Result<(), DeliveryError> {
        Ok(())
    }

    async fn carry(&self, batch: &LogBatch) -> Result<(), DeliveryError> {
        if self.refuses {
            return Err(DeliveryError::Transient("busy".to_owned()));
        }
        self.taken.lock().expect("not poisoned").push(batch.clone());
        Ok(())
    }
}

impl Receiver {
    async fn carry_all(app: &TestApp) -> Vec<LogBatch> {
        let receiver = Self::default();
        while deliver_streams(app.core(), &receiver).await.expect("the database answers") > 0 {}
        receiver.taken.into_inner().expect("not poisoned")
    }
}

fn sink() -> Value {
    json!({
        "httpEndpoint": "https://logs.example/in", "httpAuthorization": "Bearer s3cret",
        "httpCustomHeaders": [{ "header": "X-Own", "value": "v4lue" }],
    })
}

async fn change_something(app: &TestApp, machine: &Machine<'_>, lifetime: u32) {
    let path = format!("resource-servers/{}", encoded(CUSTOM_API));
    let _ = machine.patch(&path, &json!({ "token_lifetime": lifetime })).await.expect(200);
    app.clock().advance(1);
}

/// The lifetimes that were set, as a batch tells them.
fn lifetimes(events: &[Value]) -> Vec<i64> {
    let told =
        events.iter().map(|event| &event["data"]["details"]["request"]["body"]["token_lifetime"]);
    told.filter_map(Value::as_i64).collect()
}

fn events(batch: &LogBatch) -> Vec<Value> {
    serde_json::from_str(&batch.body).expect("an array")
}

async fn a_stream_lives_and_dies(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "name": "Mine", "type": "http", "sink": sink() });
    let made = machine.post("log-streams", &body).await.expect(200).json();
    let id = made["id"].as_str().expect("an id").to_owned();
    assert!(id.strip_prefix("lst_").is_some_and(|rest| rest.len() == 16), "{id}");
    assert_eq!((&made["status"], &made["filters"]), (&json!("active"), &json!([])));
    for (name, value) in sink().as_object().expect("an object") {
        assert_eq!(made["sink"][name], *value, "in clear");
    }
    let path = format!("log-streams/{id}");
    assert_eq!(machine.get(&path).await.expect(200).json(), made);
    assert_eq!(machine.get("log-streams").await.expect(200).json(), json!([made]));
    let logs = machine.get("logs").await.expect(200).body;
    assert!(!logs.contains("s3cret") && !logs.contains("v4lue"));
    let change = json!({
        "status": "paused", "sink": { "httpAuthorization": null },
        "filters": [{ "type": "category", "name": "auth.login.fail" }],
        "pii_config": { "log_fields": ["email"], "method": "mask" },
    });
    let changed = machine.patch(&path, &change).await.expect(200).json();
    assert_eq!(changed["sink"].get("httpAuthorization"), None);
    assert_eq!(changed["sink"]["httpEndpoint"], sink()["httpEndpoint"], "the rest stays");
    assert_eq!((&changed["filters"], &changed["status"]), (&change["filters"], &change["status"]));
    assert_eq!(changed["pii_config"], change["pii_config"]);
    let hashing = json!({ "pii_config": { "log_fields": ["email"] } });
    let hashed = machine.patch(&path, &hashing).await.expect(200).json();
    let all = json!({ "log_fields": ["email"], "method": "hash", "algorithm": "xxhash" });
    assert_eq!(hashed["pii_config"], all);
    let other =
        json!({ "type": "datadog", "sink": { "datadogRegion": "eu", "datadogApiKey": "k" } });
    let other = machine.post("log-streams", &other).await.expect(200).json();
    assert_eq!(
        (&other["status"], &other["sink"]["datadogApiKey"]),
        (&json!("suspended"), &json!("k"))
    );
    let _ = machine.delete(&path).await.expect(204);
    assert_eq!(refusal(&machine.get(&path).await).0, 404);
    assert_eq!(refusal(&machine.delete(&path).await).0, 404);
}

async fn what_cannot_be_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    for (body, code) in [
        (json!({ "type": "http" }), "invalid_body"),
        (json!({ "type": "http", "sink": {} }), "invalid_body"),
        (
            json!({ "type": "http", "sink": { "httpEndpoint": "http://logs.example/" } }),
            "invalid_body",
        ),
        (
            json!({ "type": "http", "sink": { "httpEndpoint": "https://a/", "x": 1 } }),
            "invalid_body",
        ),
        (
            json!({ "type": "http", "sink": { "httpEndpoint": "https://a/", "httpCustomHeaders": [{ "header": "a b", "value": "" }] } }),
            "invalid_body",
        ),
        (json!({ "type": "pigeon", "sink": {} }), "invalid_body"),
        (json!({ "type": "splunk", "sink": {}, "status": "active" }), "operation_not_supported"),
        (
            json!({ "type": "http", "sink": sink(), "pii_config": { "log_fields": [], "method": "burn" } }),
            "invalid_body",
        ),
    ] {
        assert_eq!(refusal(&machine.post("log-streams", &body).await).1, code, "{body}");
    }
}

async fn events_are_carried_in_order_and_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    change_something(&app, &machine, 1).await;
    let filters = json!([{ "type": "category", "name": "management.success" }]);
    let body = json!({ "type": "http", "sink": sink(), "filters": filters });
    let made = machine.post("log-streams", &body).await.expect(200).json();
    app.clock().advance(1);
    change_something(&app, &machine, 2).await;
    let _ = machine.patch("resource-servers/none", &json!({})).await.expect(404);
    change_something(&app, &machine, 3).await;
    app.clock().advance(5);
    let batches = Receiver::carry_all(&app).await;
    assert_eq!(batches.len(), 1);
    assert_eq!(
        lifetimes(&events(&batches[0])),
        [2, 3],
        "from its beginning on, and only successes"
    );
    let sink = &batches[0].sink;
    assert_eq!(sink.http_authorization.as_deref(), Some("Bearer s3cret"));
    assert_eq!(made["sink"]["httpSigningSecret"], sink.http_signing_secret);
    app.clock().advance(60);
    assert!(Receiver::carry_all(&app).await.is_empty(), "once");
    change_something(&app, &machine, 4).await;
    app.clock().advance(60);
    let batches = Receiver::carry_all(&app).await;
    assert_eq!(lifetimes(&events(&batches[0])), [4]);
}

async fn what_is_refused_is_carried_later(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "type": "http", "sink": sink() });
    let made = machine.post("log-streams", &body).await.expect(200).json();
    change_something(&app, &machine, 1).await;
    app.clock().advance(5);
    let refusing = Receiver { refuses: true, ..Receiver::default() };
    deliver_streams(app.core(), &refusing).await.expect("the database answers");
    assert!(Receiver::carry_all(&app).await.is_empty(), "not at once");
    app.clock().advance(5);
    let batches = Receiver::carry_all(&app).await;
    assert_eq!(lifetimes(&events(&batches[0])), [1]);
    // While it is paused nothing is carried, and nothing is lost.
    let path = format!("log-streams/{}", made["id"].as_str().expect("an id"));
    let _ = machine.patch(&path, &json!({ "status": "paused" })).await.expect(200);
    change_something(&app, &machine, 2).await;
    app.clock().advance(600);
    assert!(Receiver::carry_all(&app).await.is_empty());
    let machine = Machine::new(&app).await;
    let _ = machine.patch(&path, &json!({ "status": "active" })).await.expect(200);
    let batches = Receiver::carry_all(&app).await;
    assert!(lifetimes(&events(&batches[0])).contains(&2));
}

async fn bodies_have_the_form_that_is_asked_for(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let mut body = json!({
        "type": "http", "sink": sink(),
        "pii_config": { "log_fields": ["email"], "method": "mask" },
    });
    for format in ["JSONLINES", "JSONOBJECT"] {
        body["sink"]["httpContentFormat"] = format.into();
        let made = machine.post("log-streams", &body).await.expect(200).json();
        app.clock().advance(1);
        change_something(&app, &machine, 1).await;
        change_something(&app, &machine, 2).await;
        app.clock().advance(5);
        let batches = Receiver::carry_all(&app).await;
        let events: Vec<Value> = batches
            .iter()
            .flat_map(|batch| batch.body.lines())
            .map(|line| serde_json::from_str(line).expect("an event a line"))
            .collect();
        assert_eq!(lifetimes(&events), [1, 2], "{format}");
        assert_eq!(batches.len() > 1, format == "JSONOBJECT");
        let _ =
            machine.delete(&format!("log-streams/{}", made["id"].as_str().expect("an id"))).await;
        app.clock().advance(10);
    }
}

async fn a_tenant_has_ten_at_most(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let stream = json!({ "name": "n", "type": "http", "sink": sink() });
    for _ in 0..10 {
        let _ = machine.post("log-streams", &stream).await.expect(200);
    }
    let (status, _, text) = refusal(&machine.post("log-streams", &stream).await);
    assert_eq!(status, 403);
    assert_eq!(text, "You reached the limit of entities of this type for this tenant.");
}

on_both_engines! {
    a_tenant_has_ten_at_most,
    a_stream_lives_and_dies,
    what_cannot_be_is_refused,
    events_are_carried_in_order_and_once,
    what_is_refused_is_carried_later,
    bodies_have_the_form_that_is_asked_for,
}
