//! `POST /me/v1/authentication-methods/{id}/verify`: proofs, right and wrong.

use housekey_testkit::actor::{EMAIL, method_path};
use housekey_testkit::application::ME;
use housekey_testkit::authenticator::{code, wrong_code};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::{begin, begin_email, told};

async fn totp(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let reply = user.verify(&begun.id, &begun.proof(&code(begun.secret(), app.now()))).await;
    assert_shown!(reply.seen(), {
        ".body.id" => "[id]",
        ".location" => "[location]",
    }, @r#"
    {
      "body": {
        "confirmed": true,
        "created_at": "2026-01-01T00:00:00.000Z",
        "id": "[id]",
        "type": "totp",
        "usage": [
          "secondary"
        ]
      },
      "location": "[location]",
      "status": 201
    }
    "#);
    assert!(reply.location().ends_with(&method_path(&begun.id)));
    let message = app.message().await;
    assert_eq!(message.to, EMAIL);
    let link = message.content.link.expect("a link");
    assert_text!(message.content.text.replace(&link, "[link]"), @r#"
    An authenticator app was added to your account.

    When: 1 January 2026, 00:00 UTC
    From: 203.0.113.7
    With: Test/1.0

    If this was you, there is nothing to do. If not, say so here. It logs everybody out of your account and lets you choose a new password:

    [link]

    The link works once, for five days. Your sign-in methods: https://acme.example/account
    "#);
}

async fn email(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (begun, code) = begin_email(&app, &user, "second@example.com").await;
    let reply = user.verify(&begun.id, &begun.proof(&code)).await;
    assert_shown!(reply.seen(), {
        ".body.id" => "[id]",
        ".location" => "[location]",
    }, @r#"
    {
      "body": {
        "confirmed": true,
        "created_at": "2026-01-01T00:00:00.000Z",
        "email": "second@example.com",
        "id": "[id]",
        "type": "email",
        "usage": [
          "secondary"
        ]
      },
      "location": "[location]",
      "status": 201
    }
    "#);
    assert_eq!(app.message().await.to, EMAIL, "the account's address is told, not the new one");
}

async fn recovery_code(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "recovery-code").await;
    let reply = user.verify(&begun.id, &json!({ "auth_session": begun.auth_session })).await;
    assert_shown!(reply.seen(), {
        ".body.id" => "[id]",
        ".location" => "[location]",
    }, @r#"
    {
      "body": {
        "confirmed": true,
        "created_at": "2026-01-01T00:00:00.000Z",
        "id": "[id]",
        "type": "recovery-code",
        "usage": [
          "secondary"
        ]
      },
      "location": "[location]",
      "status": 201
    }
    "#);
    let _told = app.message().await;
}

async fn an_apps_clock_may_be_one_step_off(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    app.clock().advance(90);
    for (offset, expected) in [(-60, 403), (-30, 201), (0, 201), (30, 201), (60, 403)] {
        let begun = begin(&user, "totp").await;
        let code = code(begun.secret(), app.now().plus_seconds(offset));
        let _ = user.verify(&begun.id, &begun.proof(&code)).await.expect(expected);
    }
    assert_eq!(app.messages().await.len(), 3);
}

async fn a_wrong_code_does_not_use_the_session_up(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let wrong = begun.proof(&wrong_code(begun.secret(), app.now()));
    assert_shown!(user.verify(&begun.id, &wrong).await.seen(), @r#"
    {
      "body": {
        "detail": "invalid code",
        "error": "invalid_code",
        "status": 403,
        "title": "Forbidden",
        "type": "https://auth0.com/api-errors/A0E-403-0001"
      },
      "status": 403
    }
    "#);
    for nonsense in ["12345", "1234567", "abcdef", "１２３４５６", "-12345", "12 345"] {
        let refused = user.verify(&begun.id, &begun.proof(nonsense)).await.expect(403);
        assert_eq!(told(&refused), ("Forbidden".to_owned(), "invalid code".to_owned()));
    }
    let right = begun.proof(&code(begun.secret(), app.now()));
    let _ = user.verify(&begun.id, &right).await.expect(201);
    let _told = app.message().await;
}

async fn ten_wrong_codes_void_the_enrolment(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let wrong = begun.proof(&wrong_code(begun.secret(), app.now()));
    for _ in 0..10 {
        let _ = user.verify(&begun.id, &wrong).await.expect(403);
    }
    let right = begun.proof(&code(begun.secret(), app.now()));
    assert_shown!(user.verify(&begun.id, &right).await.seen(), @r#"
    {
      "body": {
        "detail": "Rate limit exceeded.",
        "status": 429,
        "title": "Too Many Requests",
        "type": "https://auth0.com/api-errors/A0E-429-0001"
      },
      "retry-after": "1",
      "status": 429
    }
    "#);
    let pending = user.get(&method_path(&begun.id)).await.expect(200).json();
    assert_eq!(pending["confirmed"], false);
    let other = begin(&user, "totp").await;
    let right = other.proof(&code(other.secret(), app.now()));
    let _ = user.verify(&other.id, &right).await.expect(201);
    let _told = app.message().await;
}

async fn wrong_codes_for_a_mail_address_count_too(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (begun, right) = begin_email(&app, &user, "second@example.com").await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..10 {
        let _ = user.verify(&begun.id, &begun.proof(wrong)).await.expect(403);
    }
    let _ = user.verify(&begun.id, &begun.proof(&right)).await.expect(429);
}

async fn a_session_lives_ten_minutes(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let user = app.sign_in_as(EMAIL, "spa", ME).await;
    let begun = begin(&user, "totp").await;
    app.clock().advance(599);
    let in_time = begun.proof(&wrong_code(begun.secret(), app.now()));
    let refused = user.verify(&begun.id, &in_time).await.expect(403);
    assert_eq!(refused.text("/detail"), "invalid code", "still alive");
    app.clock().advance(1);
    let user = app.sign_in_as(EMAIL, "spa", ME).await;
    let late = begun.proof(&code(begun.secret(), app.now()));
    assert_shown!(user.verify(&begun.id, &late).await.seen(), @r#"
    {
      "body": {
        "detail": "The enrollment has expired.",
        "error": "expired_token",
        "status": 403,
        "title": "Forbidden",
        "type": "https://auth0.com/api-errors/A0E-403-0001"
      },
      "status": 403
    }
    "#);
}

async fn a_mailed_code_lives_five_minutes(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (in_time, its_code) = begin_email(&app, &user, "second@example.com").await;
    let (late, late_code) = begin_email(&app, &user, "third@example.com").await;
    app.clock().advance(299);
    let _ = user.verify(&in_time.id, &in_time.proof(&its_code)).await.expect(201);
    app.clock().advance(1);
    let refused = user.verify(&late.id, &late.proof(&late_code)).await.expect(403);
    assert_eq!(refused.text("/detail"), "The enrollment has expired.");
    let _told = app.message().await;
}

async fn a_proof_works_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let right = begun.proof(&code(begun.secret(), app.now()));
    let _ = user.verify(&begun.id, &right).await.expect(201);
    assert_shown!(user.verify(&begun.id, &right).await.seen(), @r#"
    {
      "body": {
        "detail": "The enrollment was completed before.",
        "status": 409,
        "title": "Conflict",
        "type": "https://auth0.com/api-errors/A0E-409-0001"
      },
      "status": 409
    }
    "#);
    let _told = app.message().await;
}

async fn one_of_many_at_once_succeeds(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let (begun, code) = begin_email(&app, &user, "second@example.com").await;
    let right = begun.proof(&code);
    let (a, b, c, d) = tokio::join!(
        user.verify(&begun.id, &right),
        user.verify(&begun.id, &right),
        user.verify(&begun.id, &right),
        user.verify(&begun.id, &right),
    );
    let mut statuses = [a, b, c, d].map(|reply| reply.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
    assert_eq!(app.messages().await.len(), 1, "told once");
}

on_both_engines! {
    totp,
    email,
    recovery_code,
    an_apps_clock_may_be_one_step_off,
    a_wrong_code_does_not_use_the_session_up,
    ten_wrong_codes_void_the_enrolment,
    wrong_codes_for_a_mail_address_count_too,
    a_session_lives_ten_minutes,
    a_mailed_code_lives_five_minutes,
    a_proof_works_once,
    one_of_many_at_once_succeeds,
}
