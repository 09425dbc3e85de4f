//! `/dev/…`: what only dev mode serves.

use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

async fn without_dev_mode_there_is_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for (method, path) in [
        ("GET", "/dev/outbox"),
        ("DELETE", "/dev/outbox"),
        ("POST", "/dev/outbox"),
        ("GET", "/dev/clock"),
        ("POST", "/dev/clock"),
    ] {
        let _ = app.request(method, path).send().await.expect(404);
    }
}

async fn the_outbox_shows_what_would_have_been_sent(database: TestDatabase) {
    let app = TestApp::build(database).await.dev().start().await;
    let user = app.sign_in().await;
    let second = json!({ "type": "email", "email": "second@example.com" });
    let _ = user.enroll(&second).await.expect(202);
    app.clock().advance(1);
    let _ =
        user.enroll(&json!({ "type": "email", "email": "third@example.com" })).await.expect(202);
    let all = app.get("/dev/outbox").send().await.expect(200).json();
    let to: Vec<_> = all.as_array().expect("a list").iter().map(|own| own["to"].clone()).collect();
    assert_eq!(to, ["third@example.com", "second@example.com"], "newest first");
    let one = app.get("/dev/outbox?to=second%40example.com").send().await.expect(200);
    assert_shown!(one.json(), {
        "[].id" => "[id]",
        "[].code" => "[code]",
        "[].subject" => "[subject]",
        "[].text" => "[text]",
    }, @r#"
    [
      {
        "channel": "email",
        "code": "[code]",
        "id": "[id]",
        "link": null,
        "sent_at": "2026-01-01T00:00:00.000Z",
        "subject": "[subject]",
        "text": "[text]",
        "to": "second@example.com"
      }
    ]
    "#);
    let page = app.get("/dev/outbox").header("accept", "text/html").send().await.expect(200);
    assert!(page.body.contains("second@example.com"), "{}", page.body);
    let _ = app.request("DELETE", "/dev/outbox").send().await.expect(204);
    assert_eq!(app.get("/dev/outbox").send().await.expect(200).json(), json!([]));
}

async fn the_clock_goes_forward(database: TestDatabase) {
    let app = TestApp::build(database).await.dev().start().await;
    let offset = |reply: housekey_testkit::request::Reply| {
        reply.expect(200).json()["offset_seconds"].as_i64().expect("a number")
    };
    assert_eq!(offset(app.get("/dev/clock").send().await), 0);
    let move_by = |body: serde_json::Value| app.post("/dev/clock").json(&body).send();
    assert_eq!(offset(move_by(json!({ "advance_seconds": 901 })).await), 901);
    assert_eq!(offset(move_by(json!({ "advance_seconds": 1 })).await), 902);
    assert_eq!(offset(move_by(json!({ "reset": true })).await), 0);
    for nonsense in [
        json!({}),
        json!({ "advance_seconds": -1 }),
        json!({ "advance_seconds": "1" }),
        json!({ "advance_seconds": i64::MAX }),
        json!({ "advance_seconds": 1, "reset": true }),
        json!({ "x": 1 }),
        json!([]),
    ] {
        let _ = move_by(nonsense).await.expect(400);
    }
}

on_both_engines! {
    without_dev_mode_there_is_nothing,
    the_outbox_shows_what_would_have_been_sent,
    the_clock_goes_forward,
}
