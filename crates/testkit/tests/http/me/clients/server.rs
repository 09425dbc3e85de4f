//! Clients on servers: auth0-server-python.

use housekey_testkit::actor::method_path;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::{begin_every_type, last_segment, verify_totp, with_every_factor};

/// It compares each status with the one it expects; any other is an error to it.
async fn auth0_server_python_compares_statuses(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let _ = user.get("/factors").await.expect(200);
    let _ = user.enroll(&json!({ "type": "recovery-code" })).await.expect(202);
    let id = verify_totp(&app, &user).await.expect(201).text("/id");
    let _ = user.get(&method_path(&id)).await.expect(200);
    let _ = user.patch(&method_path(&id), &json!({})).await.expect(200);
    let gone = user.delete(&method_path(&id)).await.expect(204);
    assert_eq!(gone.body, "");
    app.ignore_messages().await;
}

/// It takes the id of a new method from `Location`, and refuses one that names no method.
async fn auth0_server_python_unquotes_the_last_segment(database: TestDatabase) {
    let app = with_every_factor(database).await;
    let user = app.sign_in().await;
    for (factor, reply) in begin_every_type(&app, &user).await {
        let location = reply.location();
        assert!(!location.contains(['?', '#']) && !location.ends_with('/'), "{location}");
        assert!(last_segment(&reply).starts_with(&format!("{factor}%7C")), "{location}");
    }
}

/// Lists have their names; a bare array is accepted, but no page of one.
async fn auth0_server_python_reads_named_lists_without_pages(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for (path, name) in
        [("/factors", "factors"), ("/authentication-methods", "authentication_methods")]
    {
        let body = user.get(&format!("{path}?from=x&take=1")).await.expect(200).json();
        let members: Vec<_> = body.as_object().expect("an object").keys().collect();
        assert_eq!(members, [name]);
        assert!(body[name].is_array());
    }
}

on_both_engines! {
    auth0_server_python_compares_statuses,
    auth0_server_python_unquotes_the_last_segment,
    auth0_server_python_reads_named_lists_without_pages,
}
