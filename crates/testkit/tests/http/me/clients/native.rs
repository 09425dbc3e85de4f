//! Clients on telephones: Auth0.swift, Auth0.Android, and what is built on them, auth0-flutter and
//! react-native-auth0.

use std::collections::BTreeSet;

use housekey_core::factor::FactorType;
use housekey_testkit::actor::method_path;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::super::{add_email, add_recovery_code, add_totp, begin};
use super::{begin_every_type, decoded, last_segment, verify_totp, with_every_factor};

/// A date as its decoder insists on it.
fn is_date(value: &Value) -> bool {
    const PATTERN: &str = "dddd-dd-ddTdd:dd:dd.dddZ";
    value.as_str().is_some_and(|text| {
        text.len() == PATTERN.len()
            && text.bytes().zip(PATTERN.bytes()).all(|(byte, pattern)| match pattern {
                b'd' => byte.is_ascii_digit(),
                own => byte == own,
            })
    })
}

async fn listed(user: &housekey_testkit::actor::Actor<'_>) -> Vec<Value> {
    let body = user.get("/authentication-methods").await.expect(200).json();
    body["authentication_methods"].as_array().expect("a list").clone()
}

/// Each of its challenge decoders fails without the header.
async fn auth0_swift_needs_a_location_with_every_challenge(database: TestDatabase) {
    let app = with_every_factor(database).await;
    let user = app.sign_in().await;
    for (factor, reply) in begin_every_type(&app, &user).await {
        assert!(reply.text("/auth_session").len() >= 32, "{factor}");
        let id = decoded(last_segment(&reply));
        match &reply.json()["id"] {
            Value::Null => assert_eq!(id, "passkey|new"),
            own => assert_eq!(own, &Value::from(id), "{factor}"),
        }
    }
}

async fn auth0_swift_reads_dates_with_fractions_of_a_second(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    add_totp(&app, &user).await;
    for method in listed(&user).await {
        assert!(is_date(&method["created_at"]), "{method}");
        for member in ["last_auth_at", "last_password_reset"] {
            assert!(method.get(member).is_none_or(is_date), "{method}");
        }
    }
}

/// It fails on an empty answer, and on a `usage` that is no list.
async fn auth0_swift_decodes_the_whole_verified_method(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let method = verify_totp(&app, &user).await.json();
    assert_eq!(method["usage"], json!(["secondary"]));
    assert_eq!(method["confirmed"], json!(true));
    assert_eq!(method["type"], json!("totp"));
}

/// It picks the class of a challenge by the members that are there.
async fn auth0_android_tells_challenges_apart_by_their_members(database: TestDatabase) {
    let app = with_every_factor(database).await;
    let user = app.sign_in().await;
    for (factor, reply) in begin_every_type(&app, &user).await {
        let body = reply.json();
        let members: BTreeSet<_> = body.as_object().expect("an object").keys().cloned().collect();
        let own: &[&str] = match factor.as_str() {
            "totp" | "push-notification" => &["id", "barcode_uri", "manual_input_code"],
            "recovery-code" => &["id", "recovery_code"],
            "password" => &["id", "policy"],
            "passkey" => &["authn_params_public_key"],
            _ => &["id"],
        };
        let all = own.iter().chain(&["auth_session"]).map(ToString::to_string).collect();
        let optional = BTreeSet::from(["manual_input_code".to_owned()]);
        let missing: BTreeSet<_> = &all - &members;
        assert!(missing.is_subset(&optional), "{factor}: {body}");
        assert!(members.is_subset(&all), "{factor}: {body}");
    }
}

/// It looks a class up by `type` and fails on the whole list over one it does not know.
async fn auth0_android_knows_nine_types(database: TestDatabase) {
    let app = with_every_factor(database).await;
    let user = app.sign_in().await;
    begin_every_type(&app, &user).await;
    let methods = listed(&user).await;
    assert!(methods.len() > 3, "{methods:?}");
    for method in methods {
        let name = method["type"].as_str().expect("a name");
        assert!(FactorType::parse(name).is_some(), "{name}");
    }
    let listed = user.get("/factors").await.expect(200).json();
    for factor in listed["factors"].as_array().expect("a list") {
        assert!(FactorType::parse(factor["type"].as_str().expect("a name")).is_some(), "{factor}");
    }
}

/// A member that is null where its class has no null ends in an exception.
async fn auth0_android_and_swift_find_no_null(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    add_email(&app, &user, "second@example.com").await;
    add_recovery_code(&app, &user).await;
    add_totp(&app, &user).await;
    for method in listed(&user).await {
        let members = method.as_object().expect("an object");
        assert!(members.values().all(|value| !value.is_null()), "{method}");
    }
}

/// It reads title and detail of an error only if the answer says `application/json`.
async fn auth0_android_reads_errors_that_are_plain_json(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let refused = user.verify(&begun.id, &super::wrong_proof(&app, &begun)).await.expect(403);
    let kind = refused.header("content-type").expect("sent");
    assert!(kind.contains("application/json") && !kind.contains("problem"), "{kind}");
    assert!(refused.text("/type").starts_with("https://auth0.com/api-errors/A0E-403-"));
}

/// Its HTTP library adds the parameter to every body.
async fn auth0_android_sends_a_charset(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let request = user.request("POST", "/authentication-methods");
    let request = request.header("content-type", "application/json; charset=utf-8");
    let _ = request.body(r#"{"type":"totp"}"#).send().await.expect(202);
}

/// Without a way to ask for JSON it sends the header with requests that have no body, too.
async fn auth0_swift_sends_a_content_type_without_content(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let id = add_totp(&app, &user).await;
    for (method, path, status) in [
        ("GET", "/factors".to_owned(), 200),
        ("GET", "/authentication-methods".to_owned(), 200),
        ("DELETE", method_path(&id), 204),
    ] {
        let request = user.request(method, &path).header("content-type", "application/json");
        let _ = request.send().await.expect(status);
    }
    app.ignore_messages().await;
}

/// On the web it makes its own addresses from the ids in bodies.
async fn react_native_auth0_and_flutter_address_methods_by_id(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let id = verify_totp(&app, &user).await.text("/id");
    assert_eq!(user.get(&method_path(&id)).await.expect(200).text("/id"), id);
    let renamed = user.patch(&method_path(&id), &json!({ "name": "Pixel" })).await.expect(200);
    assert_eq!(renamed.text("/name"), "Pixel");
    let _ = user.delete(&method_path(&id)).await.expect(204);
    app.ignore_messages().await;
}

on_both_engines! {
    auth0_swift_needs_a_location_with_every_challenge,
    auth0_swift_reads_dates_with_fractions_of_a_second,
    auth0_swift_decodes_the_whole_verified_method,
    auth0_swift_sends_a_content_type_without_content,
    auth0_android_tells_challenges_apart_by_their_members,
    auth0_android_knows_nine_types,
    auth0_android_and_swift_find_no_null,
    auth0_android_reads_errors_that_are_plain_json,
    auth0_android_sends_a_charset,
    react_native_auth0_and_flutter_address_methods_by_id,
}
