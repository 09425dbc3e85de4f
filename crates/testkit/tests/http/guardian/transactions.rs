//! Asking a device and its answer: `POST …/api/resolve-transaction`.

use housekey_core::guardian::{Answer, AskError, ask, look, spend};
use housekey_core::message::Channel;
use housekey_core::secret::Handle;
use housekey_testkit::actor::method_path;
use housekey_testkit::device::Key;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{app, asked, enrolled, question};

async fn state(app: &TestApp, handle: &Handle) -> Answer {
    look(app.core(), &app.call().await, handle).await.expect("the database answers")
}

async fn spent(app: &TestApp, handle: &Handle) -> bool {
    spend(app.core(), &app.call().await, handle).await.expect("the database answers").is_some()
}

async fn the_message_carries_what_both_platforms_need(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let call = app.call().await;
    ask(app.core(), &call, question(&device, None)).await.expect("asked");
    let message = app.message().await;
    assert_eq!((message.channel, message.to.as_str()), (Channel::Push, device.id.as_str()));
    assert_eq!(message.content.subject, "Log in to The acme tenant?");
    assert_text!(message.content.text, @"Somebody logs in with Firefox on Linux. Approve only if it is you.");
    let data = Value::Object(message.content.data.expect("members"));
    assert_shown!(data, { ".c" => "[c]", ".dai" => "[id]", ".txtkn" => "[txtkn]" }, @r#"
    {
      "c": "[c]",
      "d": "2026-01-01T00:00:00.000Z",
      "dai": "[id]",
      "s": {
        "b": {
          "n": "Firefox",
          "v": "133.0"
        },
        "os": {
          "n": "Linux",
          "v": ""
        }
      },
      "sh": "https://acme.example/appliance-mfa",
      "txtkn": "[txtkn]"
    }
    "#);
}

async fn an_approval_is_used_up_once(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let (handle, push) = asked(&app, &device, None).await;
    assert_eq!(state(&app, &handle).await, Answer::Pending);
    assert!(!spent(&app, &handle).await);
    let answered = device.answer(&push, true).await.expect(204);
    assert_eq!(answered.body, "");
    assert_eq!(state(&app, &handle).await, Answer::Accepted);
    assert!(spent(&app, &handle).await);
    assert!(!spent(&app, &handle).await);
    assert_eq!(state(&app, &handle).await, Answer::Gone);
    let path = method_path(&format!("push-notification|{}", device.id));
    let used = user.get(&path).await.expect(200).text("/last_auth_at");
    assert_eq!(used, app.now().rfc3339());
}

async fn a_rejection_says_why(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let (handle, push) = asked(&app, &device, None).await;
    let mut claims = device.answer_claims(&push, false);
    claims["auth0_guardian_reason"] = "not me".into();
    let _ = device.answer_with(&push, &device.key.jwt(&claims)).await.expect(204);
    assert_eq!(state(&app, &handle).await, Answer::Rejected(Some("not me".to_owned())));
    assert!(!spent(&app, &handle).await);
    let again = device.answer(&push, true).await;
    assert_shown!(again.seen(), @r#"
    {
      "body": {
        "error": "Not Found",
        "errorCode": "login_transaction_not_found",
        "message": "The transaction was not found, was answered, or has expired.",
        "statusCode": 404
      },
      "status": 404
    }
    "#);
    assert_eq!(state(&app, &handle).await, Answer::Rejected(Some("not me".to_owned())));
}

async fn what_does_not_verify_decides_nothing(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let (handle, push) = asked(&app, &device, None).await;
    let now = app.now().as_seconds();
    let with = |name: &str, value: Value| {
        let mut claims = device.answer_claims(&push, true);
        claims[name] = value;
        device.key.jwt(&claims)
    };
    for (what, response) in [
        ("the wrong key", Key::other().jwt(&device.answer_claims(&push, true))),
        ("the enrolment's id", with("iss", device.id.as_str().into())),
        ("another challenge", with("sub", "x".into())),
        ("the endpoint for accounts", with("aud", device.claims()["aud"].clone())),
        ("expired", with("exp", (now - 300).into())),
        ("of the future", with("iat", (now + 301).into())),
        ("another method", with("auth0_guardian_method", "otp".into())),
        ("neither yes nor no", with("auth0_guardian_accepted", Value::Null)),
        ("an account's token", device.key.jwt(&device.claims())),
        ("no token", "x".to_owned()),
    ] {
        let refused = device.answer_with(&push, &response).await;
        assert_eq!(refused.status.as_u16(), 401, "{what}: {}", refused.body);
        assert_eq!(refused.text("/errorCode"), "invalid_token", "{what}");
    }
    let nothing = app
        .post("/appliance-mfa/api/resolve-transaction")
        .bearer(push["txtkn"].as_str().expect("a text"))
        .json(&json!({ "challenge_response": 1 }));
    assert_eq!(nothing.send().await.expect(400).text("/errorCode"), "invalid_body");
    assert_eq!(state(&app, &handle).await, Answer::Pending);
    let slow = with("exp", (now - 299).into());
    let _ = device.answer_with(&push, &slow).await.expect(204);
    assert_eq!(state(&app, &handle).await, Answer::Accepted);
}

async fn an_answer_is_in_time_for_five_minutes(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let (late, push) = asked(&app, &device, None).await;
    app.clock().advance(300);
    assert_eq!(state(&app, &late).await, Answer::Gone);
    let _ = device.answer(&push, true).await.expect(404);
    let (approved, push) = asked(&app, &device, None).await;
    app.clock().advance(299);
    let _ = device.answer(&push, true).await.expect(204);
    app.clock().advance(1);
    assert!(!spent(&app, &approved).await, "an approval ages, too");
}

async fn asking_again_ends_the_earlier_question(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let (first, first_push) = asked(&app, &device, None).await;
    let (second, second_push) = asked(&app, &device, None).await;
    assert_eq!(state(&app, &first).await, Answer::Gone);
    let _ = device.answer(&first_push, true).await.expect(404);
    let _ = device.answer(&second_push, true).await.expect(204);
    assert!(spent(&app, &second).await);
    let (third, third_push) = asked(&app, &device, None).await;
    let _ = device.answer(&third_push, true).await.expect(204);
    let (_, _) = asked(&app, &device, None).await;
    assert!(!spent(&app, &third).await, "an approval of an earlier question, too");
}

async fn a_person_is_asked_five_times_a_minute(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    for _ in 0..5 {
        asked(&app, &device, None).await;
    }
    let call = app.call().await;
    let refused = ask(app.core(), &call, question(&device, None)).await;
    assert!(matches!(refused, Err(AskError::TooMany { again_in: 12 })), "{refused:?}");
    app.clock().advance(12);
    asked(&app, &device, None).await;
}

async fn only_an_enrolled_device_is_asked(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    let call = app.call().await;
    let mut other = question(&device, None);
    other.user_id = housekey_core::id::UserId::from_raw("auth0|0");
    let refused = ask(app.core(), &call, other).await;
    assert!(matches!(refused, Err(AskError::NotEnrolled)), "{refused:?}");
    let (handle, push) = asked(&app, &device, None).await;
    let _ = device.leave().await.expect(204);
    assert_eq!(state(&app, &handle).await, Answer::Gone);
    let _ = device.answer(&push, true).await.expect(404);
    let refused = ask(app.core(), &call, question(&device, None)).await;
    assert!(matches!(refused, Err(AskError::NotEnrolled)), "{refused:?}");
    app.ignore_messages().await;
}

async fn another_device_cannot_answer(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let device = enrolled(&app, &user).await;
    app.person("other@example.com").await;
    let scope = housekey_testkit::application::ME;
    let other = app.sign_in_as("other@example.com", "spa", scope).await;
    let mut thief = enrolled(&app, &other).await;
    (thief.key, thief.identifier) = (Key::other(), "stolen".to_owned());
    let (handle, push) = asked(&app, &device, None).await;
    let response = thief.key.jwt(&thief.answer_claims(&push, true));
    let _ = device.answer_with(&push, &response).await.expect(401);
    assert_eq!(state(&app, &handle).await, Answer::Pending);
}

on_both_engines! {
    the_message_carries_what_both_platforms_need,
    an_approval_is_used_up_once,
    a_rejection_says_why,
    what_does_not_verify_decides_nothing,
    an_answer_is_in_time_for_five_minutes,
    asking_again_ends_the_earlier_question,
    a_person_is_asked_five_times_a_minute,
    only_an_enrolled_device_is_asked,
    another_device_cannot_answer,
}
