//! Passkeys on an app's own page: what is refused, and how.

use housekey_core::client::GrantType;
use housekey_testkit::passkey::{Authenticator, KeyKind};
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{NATIVE, SPA, THIRD_PARTY, WEB};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::passkey::{
    EMAIL, GRANT, ORIGIN, begin, challenge, grant, register, signed_up, start, token,
};

async fn sessions_are_used_once_in_time_and_by_their_client(database: TestDatabase) {
    let app = start(database).await;
    let mut authenticator = signed_up(&app, 1, EMAIL).await;
    let invalid = |reply: Reply| {
        assert_eq!(reply.status, 403, "{}", reply.body);
        assert_eq!(reply.text("/error"), "invalid_grant");
    };
    let begun = challenge(&app, SPA).await;
    let response = authenticator.get(&begun["authn_params_public_key"]);
    let _ = token(&app, &grant(SPA, &begun, &response)).await.expect(200);
    invalid(token(&app, &grant(SPA, &begun, &response)).await);

    let begun = challenge(&app, SPA).await;
    invalid(token(&app, &grant(SPA, &begun, &response)).await);
    let right = authenticator.get(&begun["authn_params_public_key"]);
    invalid(token(&app, &grant(SPA, &begun, &right)).await);

    let begun = challenge(&app, NATIVE).await;
    let response = authenticator.get(&begun["authn_params_public_key"]);
    invalid(token(&app, &grant(SPA, &begun, &response)).await);

    let begun = challenge(&app, SPA).await;
    let response = authenticator.get(&begun["authn_params_public_key"]);
    app.clock().advance(300);
    invalid(token(&app, &grant(SPA, &begun, &response)).await);

    let made_up = json!({ "auth_session": "made-up" });
    invalid(token(&app, &grant(SPA, &made_up, &response)).await);
}

async fn rivals_with_one_session_get_one_answer(database: TestDatabase) {
    let app = start(database).await;
    let mut authenticator = signed_up(&app, 1, EMAIL).await;
    authenticator.counter = 0;
    let begun = challenge(&app, SPA).await;
    let body = grant(SPA, &begun, &authenticator.get(&begun["authn_params_public_key"]));
    let post = || token(&app, &body);
    let replies = tokio::join!(post(), post(), post(), post(), post(), post());
    let replies = [replies.0, replies.1, replies.2, replies.3, replies.4, replies.5];
    let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403, 403, 403, 403, 403]);
}

type Change = (&'static str, fn(&mut Authenticator));

async fn whatever_is_wrong_is_refused(database: TestDatabase) {
    let app = start(database).await;
    let own = signed_up(&app, 1, EMAIL).await;
    let mut counter = own.counter;
    let changes: [Change; 7] = [
        ("the origin is not allowed", |own| own.origin = "https://evil.example".into()),
        ("the origin is not allowed", |own| own.origin = "https://app.acme.example".into()),
        ("the ceremony ran in a cross-origin frame", |own| own.cross_origin = true),
        ("the relying party id does not match", |own| own.rp_id = Some("x.example".into())),
        ("the user was not present", |own| own.flags.up = false),
        ("the signature counter did not grow", |own| own.counter = 0),
        ("the user handle does not match", |_| ()),
    ];
    for (text, change) in changes {
        counter += 1;
        let mut wrong = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
        wrong.counter = counter;
        change(&mut wrong);
        let cloned = wrong.counter == 0;
        wrong.counter = if cloned { 0 } else { wrong.counter };
        let begun = challenge(&app, SPA).await;
        let mut response = if cloned {
            // One use with a high counter, then a copy that is behind.
            let mut ahead = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
            ahead.counter = 1000;
            let first = challenge(&app, SPA).await;
            let mut used = ahead.get(&first["authn_params_public_key"]);
            used["response"].as_object_mut().expect("an object").remove("userHandle");
            let _ = token(&app, &grant(SPA, &first, &used)).await.expect(200);
            wrong.counter = 500;
            counter = 2000;
            wrong.get(&begun["authn_params_public_key"])
        } else {
            wrong.get(&begun["authn_params_public_key"])
        };
        let members = response["response"].as_object_mut().expect("an object");
        if text.contains("user handle") {
            members.insert("userHandle".into(), "c29tZWJvZHk".into());
        } else {
            members.remove("userHandle");
        }
        let reply = token(&app, &grant(SPA, &begun, &response)).await.expect(403);
        assert_eq!(reply.text("/error"), "invalid_grant");
        assert_eq!(reply.text("/error_description"), format!("The passkey was refused: {text}."));
    }
    let begun = challenge(&app, SPA).await;
    let mut stranger = Authenticator::new(KeyKind::EdDsa, 9, ORIGIN);
    let response = stranger.get(&begun["authn_params_public_key"]);
    let reply = token(&app, &grant(SPA, &begun, &response)).await.expect(403);
    assert_eq!(reply.text("/error_description"), "The passkey is not known.");
}

async fn a_ceremony_ends_with_its_own_kind_of_answer(database: TestDatabase) {
    let app = start(database).await;
    let mut authenticator = signed_up(&app, 1, EMAIL).await;
    let login = challenge(&app, SPA).await;
    let signup = register(&app, "other@example.com").await;
    let made =
        Authenticator::new(KeyKind::EdDsa, 2, ORIGIN).create(&signup["authn_params_public_key"]);
    let used = authenticator.get(&login["authn_params_public_key"]);
    for (begun, response) in [(&login, &made), (&signup, &used)] {
        let reply = token(&app, &grant(SPA, begun, response)).await.expect(400);
        assert_eq!(reply.text("/error"), "invalid_request");
    }
    for garbage in [json!("{"), json!("x"), json!([]), json!({}), json!({ "id": 1 }), json!(7)] {
        let begun = challenge(&app, SPA).await;
        let reply = token(&app, &grant(SPA, &begun, &garbage)).await.expect(400);
        assert_eq!(reply.text("/error"), "invalid_request");
    }
    let mut missing = grant(SPA, &login, &used);
    missing.as_object_mut().expect("an object").remove("auth_session");
    let reply = token(&app, &missing).await.expect(400);
    assert_eq!(reply.text("/error_description"), "Missing required parameter: auth_session");
}

async fn a_name_is_taken_once(database: TestDatabase) {
    let app = start(database).await;
    let first = register(&app, EMAIL).await;
    let second = register(&app, "NEW@example.com").await;
    let response =
        Authenticator::new(KeyKind::EdDsa, 1, ORIGIN).create(&first["authn_params_public_key"]);
    let _ = token(&app, &grant(SPA, &first, &response)).await.expect(200);
    app.messages().await;
    let response =
        Authenticator::new(KeyKind::EdDsa, 2, ORIGIN).create(&second["authn_params_public_key"]);
    let reply = token(&app, &grant(SPA, &second, &response)).await.expect(400);
    assert_eq!(reply.text("/error"), "invalid_request");
    let body = json!({ "client_id": SPA, "user_profile": { "email": EMAIL } });
    let reply = begin(&app, "register", &body).await.expect(400);
    assert_eq!(reply.text("/error"), "invalid_request");
}

async fn who_may_not_begin_is_told_why(database: TestDatabase) {
    let app = start(database).await;
    let with = |profile: Value| json!({ "client_id": SPA, "user_profile": profile });
    for (status, error, body) in [
        (401, "invalid_client", json!({})),
        (401, "invalid_client", json!({ "client_id": "nobody" })),
        (401, "invalid_client", json!({ "client_id": WEB, "client_secret": "wrong" })),
        (
            403,
            "unauthorized_client",
            json!({ "client_id": "ungranted", "client_secret": app.client("ungranted").await.reveal_secret(app.core(), &app.tenant_id()).expect("opens") }),
        ),
        (400, "invalid_request", with(json!({}))),
        (400, "invalid_request", with(json!({ "email": "nonsense" }))),
        (400, "invalid_request", with(json!({ "email": 7 }))),
        (400, "invalid_request", with(json!({ "email": EMAIL, "age": 7 }))),
        (400, "invalid_request", with(json!({ "email": EMAIL, "name": "x".repeat(301) }))),
        (400, "invalid_request", with(json!({ "email": EMAIL, "phone_number": "030123" }))),
        (400, "invalid_request", json!({ "client_id": SPA, "user_profile": "text" })),
        (
            400,
            "invalid_request",
            json!({ "client_id": SPA, "realm": "elsewhere", "user_profile": { "email": EMAIL } }),
        ),
        (
            400,
            "invalid_request",
            json!({ "client_id": SPA, "organization": "org_1", "user_profile": { "email": EMAIL } }),
        ),
        (
            400,
            "invalid_request",
            json!({ "client_id": SPA, "user_metadata": { "a": 1 }, "user_profile": { "email": EMAIL } }),
        ),
    ] {
        let reply = begin(&app, "register", &body).await.expect(status);
        assert_eq!(reply.text("/error"), error, "{body}: {}", reply.body);
    }
    let secret = app.client(THIRD_PARTY).await;
    let secret = secret.reveal_secret(app.core(), &app.tenant_id()).expect("opens");
    let body = json!({ "client_id": THIRD_PARTY, "client_secret": secret });
    let _ = begin(&app, "challenge", &body).await.expect(403);
    let broken = app.post("/passkey/challenge").header("content-type", "application/json");
    let _ = broken.body("{").send().await.expect(400);
}

async fn passkeys_that_are_off_are_off(database: TestDatabase) {
    let allow = |settings: &mut housekey_core::client::ClientSettings| {
        settings.grant_types.push(GrantType::Webauthn);
    };
    let app = TestApp::build(database).await.client(SPA, allow).start().await;
    let reply = begin(&app, "challenge", &json!({ "client_id": SPA })).await.expect(400);
    assert_eq!(reply.text("/error"), "invalid_request");
    let app = TestApp::build(TestDatabase::sqlite().await).await.passkeys().start().await;
    let body = json!({ "grant_type": GRANT, "client_id": SPA, "auth_session": "x" });
    let reply = token(&app, &body).await.expect(403);
    assert_eq!(reply.text("/error"), "unauthorized_client");
}

async fn one_address_begins_so_many(database: TestDatabase) {
    let app = start(database).await;
    for _ in 0..100 {
        challenge(&app, SPA).await;
    }
    let reply = begin(&app, "challenge", &json!({ "client_id": SPA })).await.expect(429);
    assert_eq!(reply.text("/error"), "too_many_requests");
}

on_both_engines! {
    sessions_are_used_once_in_time_and_by_their_client,
    rivals_with_one_session_get_one_answer,
    whatever_is_wrong_is_refused,
    a_ceremony_ends_with_its_own_kind_of_answer,
    a_name_is_taken_once,
    who_may_not_begin_is_told_why,
    passkeys_that_are_off_are_off,
    one_address_begins_so_many,
}
