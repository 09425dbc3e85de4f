//! Account screens: auth0-ui-components for the web, ui-components-ios, ui-components-android.

use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::super::{add_totp, begin, begin_email};
use super::{begin_every_type, with_every_factor, wrong_proof};

async fn factor_names(user: &housekey_testkit::actor::Actor<'_>) -> Vec<String> {
    let body = user.get("/factors").await.expect(200).json();
    let factors = body["factors"].as_array().expect("a list").iter();
    factors.map(|factor| factor["type"].as_str().expect("a name").to_owned()).collect()
}

/// They draw a row for each listed factor and the person's methods inside it.
async fn web_components_keep_the_row_of_an_enrolled_factor(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let before = factor_names(&user).await;
    assert!(before.contains(&"totp".to_owned()));
    add_totp(&app, &user).await;
    assert_eq!(factor_names(&user).await, before);
    let mut once = before.clone();
    once.dedup();
    assert_eq!(once, before, "rows are keyed by their type");
}

/// They label an unnamed method with what stands behind the one bar of its id.
async fn web_components_split_ids_at_their_only_bar(database: TestDatabase) {
    let app = with_every_factor(database).await;
    let user = app.sign_in().await;
    begin_every_type(&app, &user).await;
    for id in user.method_ids().await {
        let [kind, suffix] = id.split('|').collect::<Vec<_>>()[..] else { panic!("{id}") };
        assert!(!kind.is_empty() && !suffix.is_empty(), "{id}");
        if kind != "password" {
            let suffix = suffix.strip_prefix("dev_").expect("the usual prefix");
            assert!(suffix.len() == 16 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }
}

/// They take a method for enrolled unless it says that it is not.
async fn web_components_are_told_what_is_unconfirmed(database: TestDatabase) {
    let app = with_every_factor(database).await;
    let user = app.sign_in().await;
    begin_every_type(&app, &user).await;
    let body = user.get("/authentication-methods").await.expect(200).json();
    for method in body["authentication_methods"].as_array().expect("a list") {
        let is_primary = method["usage"] == json!(["primary"]);
        let expected = if is_primary { Value::Null } else { false.into() };
        assert_eq!(method["confirmed"], expected, "{method}");
    }
}

/// They look texts up by `error`, and take some values for a demand to sign in again.
async fn web_components_find_their_texts_by_error(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let totp = begin(&user, "totp").await;
    let wrong = user.verify(&totp.id, &wrong_proof(&app, &totp)).await.expect(403);
    assert_eq!(wrong.text("/error"), "invalid_code");
    let (email, code) = begin_email(&app, &user, "second@example.com").await;
    app.clock().advance(5 * 60);
    let late = user.verify(&email.id, &email.proof(&code)).await.expect(403);
    assert_eq!(late.text("/error"), "expired_token");
    let refused = [
        user.get("/nonsense").await.expect(404),
        user.enroll(&json!({ "type": "sms" })).await.expect(400),
        user.delete("/authentication-methods/totp%7Cdev_0000000000000000").await.expect(404),
    ];
    for reply in refused {
        assert_eq!(reply.json().get("error"), None, "{}", reply.body);
    }
}

/// They post a form with an empty field without the field.
async fn web_components_leave_out_an_empty_code(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let body = json!({ "auth_session": begun.auth_session });
    let refused = user.verify(&begun.id, &body).await.expect(400);
    assert_eq!(refused.text("/validation_errors/0/pointer"), "");
    let detail = refused.text("/validation_errors/0/detail");
    assert!(detail.contains("otp_code"), "{detail}");
}

/// They send the header with every request.
async fn web_components_send_a_content_type_without_content(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let id = add_totp(&app, &user).await;
    let path = housekey_testkit::actor::method_path(&id);
    let json = "application/json";
    let _ = user.request("GET", &path).header("content-type", json).send().await.expect(200);
    let _ = user.request("DELETE", &path).header("content-type", json).send().await.expect(204);
    app.ignore_messages().await;
}

/// They look for `invalid` or `incorrect` first, then for `expired`, in title and detail together.
async fn ui_components_ios_tell_wrong_from_expired(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (begun, code) = begin_email(&app, &user, "second@example.com").await;
    let wrong = if code == "000000" { "111111" } else { "000000" };
    let text = |reply: &housekey_testkit::request::Reply| {
        format!("{}: {}", reply.text("/title"), reply.text("/detail")).to_lowercase()
    };
    let refused = user.verify(&begun.id, &begun.proof(wrong)).await.expect(403);
    assert!(text(&refused).contains("invalid"), "{}", refused.body);
    app.clock().advance(5 * 60);
    let refused = user.verify(&begun.id, &begun.proof(&code)).await.expect(403);
    let told = text(&refused);
    assert!(told.contains("expired"), "{told}");
    assert!(!told.contains("invalid") && !told.contains("incorrect"), "{told}");
}

/// They count a factor as enrolled only if it says so.
async fn ui_components_ios_and_android_wait_for_confirmed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let id = add_totp(&app, &user).await;
    let method = user.get(&housekey_testkit::actor::method_path(&id)).await.expect(200).json();
    assert_eq!(method["confirmed"], json!(true));
}

/// They compare both strings as a whole.
async fn ui_components_android_compare_title_and_detail(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let refused = user.verify(&begun.id, &wrong_proof(&app, &begun)).await.expect(403);
    assert_eq!(refused.text("/title"), "Forbidden");
    assert_eq!(refused.text("/detail"), "invalid code");
}

/// They draw a factor they do not know as one more authenticator app.
async fn ui_components_android_are_never_told_of_a_password(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    assert!(!factor_names(&user).await.contains(&"password".to_owned()));
}

on_both_engines! {
    web_components_keep_the_row_of_an_enrolled_factor,
    web_components_split_ids_at_their_only_bar,
    web_components_are_told_what_is_unconfirmed,
    web_components_find_their_texts_by_error,
    web_components_leave_out_an_empty_code,
    web_components_send_a_content_type_without_content,
    ui_components_ios_tell_wrong_from_expired,
    ui_components_ios_and_android_wait_for_confirmed,
    ui_components_android_compare_title_and_detail,
    ui_components_android_are_never_told_of_a_password,
}
