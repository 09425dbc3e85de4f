//! `/passwordless/start` and its grant: a code instead of a password (contract 04 §7).

use std::sync::Arc;

use housekey_core::client::{ClientSettings, GrantType};
use housekey_core::connection::{CodeOptions, Connection, ConnectionOptions, Strategy};
use housekey_core::id::ConnectionId;
use housekey_core::tenant::Configuration;
use housekey_testkit::app::Builder;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase, jwt};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{expected, refusal};

const GRANT: &str = "http://auth0.com/oauth/grant-type/passwordless/otp";
const EMAIL: &str = "new@example.com";
const PHONE: &str = "+4930123456";
const WRONG_EMAIL: &str = "Wrong email or verification code.";
const WRONG_PHONE: &str = "Wrong phone number or verification code.";

fn connect(tenant: &mut Configuration) {
    for name in ["email", "sms"] {
        tenant.connections.push(Connection {
            id: ConnectionId::from_raw(format!("con_{name}0000000000000")),
            name: name.to_owned(),
            options: ConnectionOptions {
                strategy: Strategy::Other(name.to_owned()),
                ..ConnectionOptions::default()
            },
        });
    }
}

fn set(tenant: &mut Configuration, name: &str, change: impl Fn(&mut ConnectionOptions)) {
    let own = tenant.connections.iter_mut().find(|own| own.name == name).expect("connected");
    change(&mut own.options);
}

fn allow(settings: &mut ClientSettings) {
    settings.grant_types.push(GrantType::PasswordlessOtp);
}

async fn build(database: TestDatabase) -> Builder {
    TestApp::build(database).await.phones().client(SPA, allow).configure(connect)
}

async fn start(app: &TestApp, body: &Value) -> Reply {
    let mut all = json!({ "client_id": SPA, "send": "code" });
    for (name, value) in body.as_object().expect("an object") {
        all[name] = value.clone();
    }
    app.post("/passwordless/start").json(&all).send().await
}

/// Has a code sent by mail.
async fn mailed(app: &TestApp) -> String {
    let _ = start(app, &json!({ "connection": "email", "email": EMAIL })).await.expect(200);
    app.message().await.content.code.expect("a code")
}

async fn exchange(app: &TestApp, realm: &str, username: &str, otp: &str) -> Reply {
    let body = json!({
        "grant_type": GRANT, "client_id": SPA, "realm": realm, "username": username, "otp": otp,
        "scope": "openid email phone offline_access",
    });
    app.post("/oauth/token").json(&body).send().await
}

fn other(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

async fn a_code_by_mail_signs_somebody_in(database: TestDatabase) {
    let app = build(database).await.start().await;
    let reply = start(&app, &json!({ "connection": "email", "email": "New@Example.com" })).await;
    let first = reply.expect(200).json();
    assert_eq!((&first["email"], &first["email_verified"]), (&json!(EMAIL), &json!(false)));
    let mail = app.message().await;
    assert_eq!((mail.to.as_str(), mail.channel.as_str()), (EMAIL, "email"));
    assert!(mail.content.text.contains("valid for three minutes"), "{}", mail.content.text);
    let code = mail.content.code.expect("a code");
    assert_eq!(code.len(), 6);
    let reply = exchange(&app, "email", " NEW@example.com", &code).await.expect(200);
    let claims = jwt::claims(&reply.text("/id_token"));
    assert_eq!((&claims["email"], &claims["email_verified"]), (&json!(EMAIL), &json!(true)));
    let id = first["_id"].as_str().expect("an id");
    assert_eq!(claims["sub"], format!("email|{id}"));
    let _ = app.refresh(SPA, &reply.text("/refresh_token")).await.expect(200);
    // The same person again, and the same answer as before there was one.
    let again = start(&app, &json!({ "connection": "email", "email": EMAIL })).await.expect(200);
    assert_eq!(again.json(), first);
    let code = app.message().await.content.code.expect("a code");
    let reply = exchange(&app, "email", EMAIL, &code).await.expect(200);
    assert_eq!(jwt::claims(&reply.text("/id_token"))["sub"], claims["sub"]);
}

async fn a_code_by_text_message_signs_somebody_in(database: TestDatabase) {
    let app = build(database).await.start().await;
    let body = json!({ "connection": "sms", "phone_number": "+49 (30) 123456" });
    let reply = start(&app, &body).await.expect(200).json();
    assert_eq!((&reply["phone_number"], &reply["phone_verified"]), (&json!(PHONE), &json!(false)));
    let text = app.message().await;
    assert_eq!((text.to.as_str(), text.channel.as_str()), (PHONE, "sms"));
    let code = text.content.code.expect("a code");
    let wrong = exchange(&app, "sms", PHONE, other(&code)).await;
    assert_eq!(refusal(&wrong), expected(403, "invalid_grant", WRONG_PHONE));
    let reply = exchange(&app, "sms", PHONE, &code).await.expect(200);
    let claims = jwt::claims(&reply.text("/id_token"));
    assert!(claims["sub"].as_str().is_some_and(|sub| sub.starts_with("sms|")), "{claims}");
    assert_eq!(
        (&claims["phone_number"], &claims["phone_number_verified"]),
        (&json!(PHONE), &json!(true))
    );
}

async fn a_code_works_once_and_the_latest_only(database: TestDatabase) {
    let app = build(database).await.start().await;
    let first = mailed(&app).await;
    let second = mailed(&app).await;
    let wrong = expected(403, "invalid_grant", WRONG_EMAIL);
    if first != second {
        assert_eq!(refusal(&exchange(&app, "email", EMAIL, &first).await), wrong);
    }
    let _ = exchange(&app, "email", EMAIL, &second).await.expect(200);
    assert_eq!(refusal(&exchange(&app, "email", EMAIL, &second).await), wrong);
}

async fn a_code_is_good_for_three_minutes(database: TestDatabase) {
    let app = build(database).await.start().await;
    let code = mailed(&app).await;
    app.clock().advance(180);
    let reply = exchange(&app, "email", EMAIL, &code).await;
    assert_eq!(refusal(&reply), expected(403, "invalid_grant", WRONG_EMAIL));
    let code = mailed(&app).await;
    app.clock().advance(179);
    let _ = exchange(&app, "email", EMAIL, &code).await.expect(200);
}

async fn three_wrong_tries_kill_a_code(database: TestDatabase) {
    let app = Arc::new(build(database).await.start().await);
    let code = mailed(&app).await;
    let mut tries = JoinSet::new();
    for _ in 0..20 {
        let (app, wrong) = (app.clone(), other(&code));
        tries.spawn(async move { exchange(&app, "email", EMAIL, wrong).await.status.as_u16() });
    }
    assert!(tries.join_all().await.iter().all(|status| *status == 403));
    let reply = exchange(&app, "email", EMAIL, &code).await;
    assert_eq!(refusal(&reply), expected(403, "invalid_grant", WRONG_EMAIL), "it is dead");
    let code = mailed(&app).await;
    for _ in 0..2 {
        assert_eq!(exchange(&app, "email", EMAIL, other(&code)).await.status, 403);
    }
    let _ = exchange(&app, "email", EMAIL, &code).await.expect(200);
}

/// Where nobody may sign up, who has an account is not told either.
async fn nobody_learns_who_has_an_account(database: TestDatabase) {
    let builder = build(database).await;
    let app = builder
        .configure(|tenant| set(tenant, "email", |own| own.disable_signup = true))
        .start()
        .await;
    let reply = start(&app, &json!({ "connection": "email", "email": EMAIL })).await.expect(200);
    assert_eq!(reply.json()["email"], EMAIL);
    assert!(app.messages().await.is_empty(), "nobody gets anything");
    let reply = exchange(&app, "email", EMAIL, "123456").await;
    assert_eq!(refusal(&reply), expected(403, "invalid_grant", WRONG_EMAIL));
    let reply = exchange(&app, "email", "nonsense", "123456").await;
    assert_eq!(refusal(&reply), expected(403, "invalid_grant", WRONG_EMAIL));
}

async fn codes_are_as_long_as_is_set(database: TestDatabase) {
    let codes = CodeOptions { length: 9, lifetime: 600 };
    let builder = build(database).await;
    let app =
        builder.configure(|tenant| set(tenant, "email", |own| own.codes = codes)).start().await;
    let code = mailed(&app).await;
    assert_eq!(code.len(), 9);
    app.clock().advance(599);
    let _ = exchange(&app, "email", EMAIL, &code).await.expect(200);
}

async fn odd_requests_are_refused(database: TestDatabase) {
    let app = build(database).await.start().await;
    for (body, text) in [
        (json!({}), "Missing required parameter: connection"),
        (json!({ "connection": "x" }), "The connection is not enabled for the client"),
        (
            json!({ "connection": "Username-Password-Authentication", "email": EMAIL }),
            "The connection is not enabled for the client",
        ),
        (json!({ "connection": "email" }), "Missing required parameter: email"),
        (
            json!({ "connection": "sms", "email": EMAIL }),
            "Missing required parameter: phone_number",
        ),
        (json!({ "connection": "email", "email": "x" }), "email is invalid"),
        (json!({ "connection": "sms", "phone_number": "1" }), "phone_number is invalid"),
        (
            json!({ "connection": "email", "email": EMAIL, "send": "link" }),
            "Only codes are sent: send must be code",
        ),
    ] {
        let reply = start(&app, &body).await;
        assert_eq!(refusal(&reply), expected(400, "invalid_request", text), "{body}");
    }
    let reply = exchange(&app, "nonsense", EMAIL, "123456").await;
    assert_eq!(reply.text("/error"), "invalid_request");
    let app = TestApp::build(TestDatabase::sqlite().await).await.configure(connect).start().await;
    let reply = start(&app, &json!({ "connection": "email", "email": EMAIL })).await;
    assert_eq!(reply.text("/error"), "unauthorized_client");
}

async fn blocked_people_get_nothing(database: TestDatabase) {
    let app = build(database).await.start().await;
    let code = mailed(&app).await;
    let _ = exchange(&app, "email", EMAIL, &code).await.expect(200);
    app.sql("UPDATE users SET blocked = 1").await;
    let code = mailed(&app).await;
    let reply = exchange(&app, "email", EMAIL, &code).await;
    assert_eq!(refusal(&reply), expected(401, "unauthorized", "user is blocked"));
}

async fn mails_are_limited(database: TestDatabase) {
    let app = build(database).await.start().await;
    for _ in 0..5 {
        mailed(&app).await;
    }
    let reply = start(&app, &json!({ "connection": "email", "email": EMAIL })).await;
    assert_eq!((reply.status.as_u16(), reply.text("/error")), (429, "too_many_requests".into()));
}

on_both_engines! {
    a_code_by_mail_signs_somebody_in,
    a_code_by_text_message_signs_somebody_in,
    a_code_works_once_and_the_latest_only,
    a_code_is_good_for_three_minutes,
    three_wrong_tries_kill_a_code,
    nobody_learns_who_has_an_account,
    codes_are_as_long_as_is_set,
    odd_requests_are_refused,
    blocked_people_get_nothing,
    mails_are_limited,
}
