//! What `/api/v2/jobs/users-exports` makes (contract 05 §9.4).

use std::io::Read;

use flate2::read::MultiGzDecoder;
use housekey_testkit::seed::OTHER_HOST;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::jobs::{BCRYPT, connection, summary};
use super::{Machine, expected, refusal};

/// The text of a finished export.
async fn exported(app: &TestApp, machine: &Machine<'_>, task: &Value) -> (String, String) {
    let job = machine.post("jobs/users-exports", task).await.expect(200);
    machine.finish().await;
    let done = machine.get(&format!("jobs/{}", job.text("/id"))).await.expect(200);
    assert_eq!(done.json()["status"], "completed");
    let location = done.text("/location");
    let path = location.strip_prefix(app.issuer().trim_end_matches('/')).expect("on this host");
    let sent = app.get(path).send().await.expect(200);
    assert_eq!(sent.header("content-type"), Some("application/gzip"));
    (unpacked(&sent.bytes), path.to_owned())
}

/// The text in a gzip file.
pub(super) fn unpacked(packed: &[u8]) -> String {
    let mut text = String::new();
    MultiGzDecoder::new(packed).read_to_string(&mut text).expect("gzip");
    text
}

async fn users_are_exported(database: TestDatabase) {
    let app = TestApp::build(database).await.with_other_tenant().await.start().await;
    app.person_on(OTHER_HOST, "stranger@example.com").await;
    let machine = Machine::new(&app).await;
    // More than one step of either.
    let users: Vec<_> = (0..450)
        .map(|n| {
            json!({ "user_id": format!("{n:04}"), "email": format!("u{n}@example.com"),
            "name": "A, \"B\"", "user_metadata": { "n": n }, "password_hash": BCRYPT })
        })
        .collect();
    assert_eq!(machine.import(&[], &json!(users)).await["summary"], summary(450, 0, 0));

    let (lines, path) = exported(&app, &machine, &json!({ "format": "json" })).await;
    let lines: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 450);
    let mut shown = machine.get("users/auth0%7C0007").await.expect(200).json();
    // What we draw is no picture of theirs, which an import would keep.
    let drawn = shown.as_object_mut().and_then(|user| user.remove("picture"));
    assert!(drawn.is_some_and(|url| url.to_string().contains("/avatars/")));
    assert_eq!(lines[7], shown);
    let ids: Vec<_> = lines.iter().map(|user| user["user_id"].as_str().expect("an id")).collect();
    assert!(ids.is_sorted() && !json!(lines).to_string().contains("$2b$"));

    app.clock().advance(59);
    let _ = app.get(&path).send().await.expect(200);
    let _ = app.get(&path).host(OTHER_HOST).send().await.expect(400);
    let _ = app
        .get(&path.replace("exports?ticket=job_", "exports?ticket=job_x"))
        .send()
        .await
        .expect(400);
    app.clock().advance(1);
    let _ = app.get(&path).send().await.expect(400);

    let fields = json!([{ "name": "email", "export_as": "mail" }, { "name": "user_metadata.n" },
        { "name": "name" }, { "name": "identities[0].connection" }, { "name": "username" }]);
    let task = json!({ "format": "csv", "limit": 2, "fields": fields,
        "connection_id": connection(&machine).await });
    let (table, _) = exported(&app, &machine, &task).await;
    assert_eq!(
        table,
        "mail,user_metadata.n,name,identities[0].connection,username\r\n\
        u0@example.com,0,\"A, \"\"B\"\"\",Username-Password-Authentication,\r\n\
        u1@example.com,1,\"A, \"\"B\"\"\",Username-Password-Authentication,\r\n"
    );
    let task = json!({ "limit": 1, "fields": fields });
    let (line, _) = exported(&app, &machine, &task).await;
    let line: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(
        line,
        json!({ "mail": "u0@example.com", "user_metadata.n": 0, "name": "A, \"B\"",
        "identities[0].connection": "Username-Password-Authentication" })
    );

    let wrong = json!({ "connection_id": "con_0" });
    let told = "The connection does not exist";
    let refused = machine.post("jobs/users-exports", &wrong).await;
    assert_eq!(refusal(&refused), expected(404, "inexistent_connection", told));
    for wrong in [json!({ "format": "xml" }), json!({ "limit": 0 }), json!({ "fields": [{}] })] {
        let _ = machine.post("jobs/users-exports", &wrong).await.expect(400);
    }
}

on_both_engines! {
    users_are_exported,
}
