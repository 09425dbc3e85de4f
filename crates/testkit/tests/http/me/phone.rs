//! Telephones: enrol, verify, prefer a channel, and what a provider refuses (contract 01 §4).

use housekey_core::message::Channel;
use housekey_core::tenant::Configuration;
use housekey_core::tenant::phone::{DeliveryMethods, PhoneProvider};
use housekey_outbound::{Deliveries, HttpSettings};
use housekey_testkit::actor::{Actor, method_path};
use housekey_testkit::gateway::Gateway;
use housekey_testkit::request::Reply;
use housekey_testkit::{TestApp, TestDatabase, twilio};
use serde_json::{Value, json};

use super::{Begun, told};

const NUMBER: &str = "+4930123456";

fn phone(number: &str) -> Value {
    json!({ "type": "phone", "phone_number": number })
}

fn call(number: &str) -> Value {
    json!({ "type": "phone", "phone_number": number, "preferred_authentication_method": "voice" })
}

async fn app(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.phones().start().await
}

/// Begins the enrolment of a number; returns the code that was sent, too.
async fn begin(app: &TestApp, user: &Actor<'_>, number: &str) -> (Begun, String) {
    let reply = user.enroll(&phone(number)).await.expect(202);
    let message = app.message().await;
    assert_eq!((message.to.as_str(), message.channel), (number, Channel::Sms));
    (Begun::read(&reply), message.content.code.expect("a code"))
}

async fn add(app: &TestApp, user: &Actor<'_>, number: &str) -> String {
    let (begun, code) = begin(app, user, number).await;
    let _ = user.verify(&begun.id, &begun.proof(&code)).await.expect(201);
    assert_eq!(app.messages().await.len(), 1);
    begun.id
}

async fn a_number_is_enrolled_with_the_code_that_was_sent(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let reply = user.enroll(&phone("+49 (30) 123-456")).await;
    assert_shown!(reply.seen(), {
        ".body.id" => "[id]",
        ".body.auth_session" => "[auth_session]",
        ".location" => "[location]",
    }, @r#"
    {
      "body": {
        "auth_session": "[auth_session]",
        "id": "[id]"
      },
      "location": "[location]",
      "status": 202
    }
    "#);
    let message = app.message().await;
    assert_eq!((message.to.as_str(), message.channel), (NUMBER, Channel::Sms));
    let code = message.content.code.expect("a code");
    assert_text!(message.content.text.replace(&code, "[code]"), @"[code] is your code to add this phone at The acme tenant. It is valid for five minutes. Do not pass it on.");
    let begun = Begun::read(&reply);
    let pending = user.get(&method_path(&begun.id)).await.expect(200).json();
    assert_eq!((&pending["confirmed"], &pending["phone_number"]), (&json!(false), &json!(NUMBER)));
    let verified = user.verify(&begun.id, &begun.proof(&code)).await;
    assert_shown!(verified.seen(), { ".body.id" => "[id]", ".location" => "[location]" }, @r#"
    {
      "body": {
        "confirmed": true,
        "created_at": "2026-01-01T00:00:00.000Z",
        "id": "[id]",
        "phone_number": "+4930123456",
        "preferred_authentication_method": "sms",
        "type": "phone",
        "usage": [
          "secondary"
        ]
      },
      "location": "[location]",
      "status": 201
    }
    "#);
    assert!(app.message().await.content.subject.starts_with("A phone number was added"));
}

async fn a_call_says_the_digits_one_by_one(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let begun = Begun::read(&user.enroll(&call(NUMBER)).await.expect(202));
    let message = app.message().await;
    assert_eq!(message.channel, Channel::Voice);
    let code = message.content.code.expect("a code");
    let digits: Vec<_> = code.chars().map(String::from).collect();
    let spoken = message.content.spoken.expect("something to say");
    assert_text!(spoken.replace(&digits.join(". "), "[digits]"), @"Hello. Your code to add this phone at The acme tenant is: [digits]. Once more: [digits]. If you did not ask for it, hang up.");
    let verified = user.verify(&begun.id, &begun.proof(&code)).await.expect(201).json();
    assert_eq!(verified["preferred_authentication_method"], "voice");
    app.ignore_messages().await;
}

async fn what_is_no_number_is_refused(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    assert_shown!(user.enroll(&phone("030 123456")).await.seen(), @r#"
    {
      "body": {
        "detail": "Invalid request payload input",
        "error": "invalid_phone_number",
        "status": 400,
        "title": "Validation Error",
        "type": "https://auth0.com/api-errors/A0E-400-0003",
        "validation_errors": [
          {
            "detail": "data/phone_number must be a phone number with its country code",
            "field": "data/phone_number",
            "pointer": "/phone_number",
            "source": "body"
          }
        ]
      },
      "status": 400
    }
    "#);
    for body in [
        json!({ "type": "phone" }),
        json!({ "type": "phone", "phone_number": 49 }),
        json!({ "type": "phone", "phone_number": null }),
        phone(""),
        phone("+"),
        phone("+49 30 12x456"),
        phone(&format!("+{}", "1".repeat(16))),
        phone(&"1".repeat(5000)),
        json!({ "type": "phone", "phone_number": NUMBER, "name": "x" }),
        json!({ "type": "phone", "phone_number": NUMBER, "preferred_authentication_method": "fax" }),
        json!({ "type": "phone", "phone_number": NUMBER, "preferred_authentication_method": 1 }),
        json!({ "type": "sms", "phone_number": NUMBER }),
    ] {
        let _ = user.enroll(&body).await.expect(400);
    }
    assert_eq!(user.method_ids().await.len(), 1, "nothing was stored");
}

async fn a_default_country_completes_numbers(database: TestDatabase) {
    let home = |tenant: &mut Configuration| {
        tenant.tenant.settings.phone.default_calling_code = Some("49".to_owned());
    };
    let app = TestApp::build(database).await.phones().configure(home).start().await;
    let user = app.sign_in().await;
    let _ = user.enroll(&phone("(030) 123-456")).await.expect(202);
    assert_eq!(app.message().await.to, NUMBER);
}

async fn wrong_late_and_replaced_codes_are_refused(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let (first, old_code) = begin(&app, &user, NUMBER).await;
    let wrong = if old_code == "000000" { "000001" } else { "000000" };
    let refused = user.verify(&first.id, &first.proof(wrong)).await.expect(403);
    assert_eq!(told(&refused), ("Forbidden".to_owned(), "invalid code".to_owned()));
    let (second, code) = begin(&app, &user, NUMBER).await;
    assert_eq!(first.id, second.id, "the same row, with a new code");
    let _ = user.verify(&first.id, &first.proof(&old_code)).await.expect(403);
    if old_code != code {
        let _ = user.verify(&second.id, &second.proof(&old_code)).await.expect(403);
    }
    app.clock().advance(300);
    let late = user.verify(&second.id, &second.proof(&code)).await.expect(403);
    assert_eq!(told(&late).1, "The enrollment has expired.");
    let (third, code) = begin(&app, &user, NUMBER).await;
    let _ = user.verify(&third.id, &third.proof(&code)).await.expect(201);
    let _ = user.verify(&third.id, &third.proof(&code)).await.expect(409);
    app.ignore_messages().await;
}

async fn asking_again_may_change_the_channel(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let (first, _) = begin(&app, &user, NUMBER).await;
    let second = Begun::read(&user.enroll(&call(NUMBER)).await.expect(202));
    assert_eq!(first.id, second.id);
    assert_eq!(app.message().await.channel, Channel::Voice);
    let listed = user.get(&method_path(&second.id)).await.expect(200);
    assert_eq!(listed.text("/preferred_authentication_method"), "voice");
}

async fn one_number_is_enrolled_once_and_several_may_be(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let one = add(&app, &user, NUMBER).await;
    let again = user.enroll(&phone("+49 30 123456")).await.expect(409);
    assert!(again.text("/type").ends_with("A0E-409-0003"), "{}", again.body);
    let two = add(&app, &user, "+4930123457").await;
    assert_ne!(one, two);
    assert!(app.messages().await.is_empty(), "nothing was sent to a number that is there");
}

async fn another_channel_can_be_preferred(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let path = method_path(&add(&app, &user, NUMBER).await);
    let prefer = |channel: &str| json!({ "preferred_authentication_method": channel });
    let changed = user.patch(&path, &prefer("voice")).await.expect(200);
    assert_eq!(changed.text("/preferred_authentication_method"), "voice");
    let both = json!({ "name": "Landline", "preferred_authentication_method": "sms" });
    let changed = user.patch(&path, &both).await.expect(200).json();
    assert_eq!(user.get(&path).await.expect(200).json(), changed);
    assert_eq!((&changed["name"], &changed["confirmed"]), (&json!("Landline"), &json!(true)));
    assert_eq!(changed["preferred_authentication_method"], "sms");
    let _ = user.patch(&path, &prefer("pigeon")).await.expect(400);
    let _ = user.delete(&path).await.expect(204);
    let _ = user.get(&path).await.expect(404);
    app.ignore_messages().await;
}

async fn a_channel_that_is_off_is_refused(database: TestDatabase) {
    let no_calls = |tenant: &mut Configuration| tenant.tenant.settings.factors.voice = false;
    let app = TestApp::build(database).await.phones().configure(no_calls).start().await;
    let user = app.sign_in().await;
    let refused = user.enroll(&call(NUMBER)).await.expect(400);
    let pointer = refused.text("/validation_errors/0/pointer");
    assert_eq!(pointer, "/preferred_authentication_method");
    let path = method_path(&add(&app, &user, NUMBER).await);
    let voice = json!({ "preferred_authentication_method": "voice" });
    let _ = user.patch(&path, &voice).await.expect(400);
}

async fn where_only_calls_are_made_they_are_the_default(database: TestDatabase) {
    let only_calls = |tenant: &mut Configuration| {
        let provider = tenant.tenant.settings.phone.provider.as_mut().expect("configured");
        provider.delivery_methods = DeliveryMethods { text: false, voice: true };
    };
    let app = TestApp::build(database).await.phones().configure(only_calls).start().await;
    let user = app.sign_in().await;
    let _ = user.enroll(&phone(NUMBER)).await.expect(202);
    assert_eq!(app.message().await.channel, Channel::Voice);
}

async fn the_factor_is_listed_once_if_either_channel_is_on(database: TestDatabase) {
    let only_sms = |tenant: &mut Configuration| tenant.tenant.settings.factors.voice = false;
    let app = TestApp::build(database).await.phones().configure(only_sms).start().await;
    let user = app.sign_in().await;
    let factors = user.get("/factors").await.expect(200).json();
    let types: Vec<_> = factors["factors"].as_array().expect("a list").iter().collect();
    let phones = types.iter().filter(|factor| factor["type"] == "phone").count();
    assert_eq!(phones, 1, "{factors}");
    let _ = user.enroll(&phone(NUMBER)).await.expect(202);
    assert_eq!(user.get("/factors").await.expect(200).json(), factors);
    app.ignore_messages().await;
}

async fn a_person_gets_ten_and_then_one_an_hour(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    for n in 0..10 {
        let _ = user.enroll(&phone(&format!("+493012345{n}0"))).await.expect(202);
    }
    let refused = user.enroll(&phone(NUMBER)).await;
    assert_shown!(refused.seen(), @r#"
    {
      "body": {
        "detail": "Rate limit exceeded. Try again in 60 minutes.",
        "status": 429,
        "title": "Too Many Requests",
        "type": "https://auth0.com/api-errors/A0E-429-0001"
      },
      "retry-after": "1",
      "status": 429
    }
    "#);
    assert_eq!(app.messages().await.len(), 10);
    assert_eq!(user.method_ids().await.len(), 11, "the refused number was not stored");
    app.clock().advance(3599);
    let user = app.sign_in_as(housekey_testkit::actor::EMAIL, "spa", ME).await;
    let _ = user.enroll(&call(NUMBER)).await.expect(429);
    app.clock().advance(1);
    let _ = user.enroll(&call(NUMBER)).await.expect(202);
    let _ = user.enroll(&phone(NUMBER)).await.expect(429);
    app.ignore_messages().await;
}

use housekey_testkit::application::ME;

async fn a_number_gets_ten_an_hour_from_everybody(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    app.person("other@example.com").await;
    let other = app.sign_in_as("other@example.com", "spa", ME).await;
    for _ in 0..5 {
        let _ = user.enroll(&phone(NUMBER)).await.expect(202);
        let _ = other.enroll(&call(NUMBER)).await.expect(202);
    }
    let _ = user.enroll(&phone(NUMBER)).await.expect(429);
    let _ = other.enroll(&phone(NUMBER)).await.expect(429);
    let _ = other.enroll(&phone("+4930123457")).await.expect(202);
    app.clock().advance(360);
    let _ = user.enroll(&phone(NUMBER)).await.expect(202);
    let _ = other.enroll(&phone(NUMBER)).await.expect(429);
    app.ignore_messages().await;
}

async fn guessing_ends_for_the_person_and_not_only_for_one_code(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    for _ in 0..2 {
        let (begun, code) = begin(&app, &user, NUMBER).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            let _ = user.verify(&begun.id, &begun.proof(wrong)).await.expect(403);
        }
    }
    let (begun, code) = begin(&app, &user, NUMBER).await;
    let _ = user.verify(&begun.id, &begun.proof(&code)).await.expect(429);
    app.clock().advance(360);
    let (begun, code) = begin(&app, &user, NUMBER).await;
    let _ = user.verify(&begun.id, &begun.proof(&code)).await.expect(201);
    app.ignore_messages().await;
}

/// A tenant with an account at a Twilio on loopback, asked while the person waits.
async fn with_twilio(database: TestDatabase) -> (TestApp, Gateway) {
    let gateway = twilio::start().await;
    (build(database, &gateway, twilio::provider).await, gateway)
}

async fn build(
    database: TestDatabase,
    gateway: &Gateway,
    provider: impl FnOnce(&housekey_core::id::TenantId, &Gateway) -> PhoneProvider,
) -> TestApp {
    let http = HttpSettings { allow_private_addresses: true, ca_certificate: None };
    let configure = |tenant: &mut Configuration| {
        let provider = provider(&tenant.tenant.id, gateway);
        tenant.tenant.settings.phone.provider = Some(provider);
    };
    TestApp::build(database)
        .await
        .phones()
        .configure(configure)
        .messenger(Deliveries::new(None, &http).expect("HTTP works"))
        .start()
        .await
}

async fn a_provider_is_asked_before_the_answer_and_once(database: TestDatabase) {
    let (app, gateway) = with_twilio(database).await;
    let user = app.sign_in().await;
    let begun = Begun::read(&user.enroll(&phone(twilio::REACHABLE)).await.expect(202));
    let sent = gateway.received();
    assert_eq!(sent.len(), 1);
    let text = sent[0].field("Body").expect("a text");
    let code = text.split(' ').next().expect("begins with the code");
    let _ = user.verify(&begun.id, &begun.proof(code)).await.expect(201);
    app.clock().advance(600);
    let later = app.messages().await;
    assert!(later.iter().all(|message| message.channel == Channel::Email), "not sent again");
    assert!(gateway.received().is_empty());
}

async fn a_call_goes_to_the_calls_api(database: TestDatabase) {
    let (app, gateway) = with_twilio(database).await;
    let user = app.sign_in().await;
    let _ = user.enroll(&call(twilio::REACHABLE)).await.expect(202);
    let sent = gateway.received();
    assert!(sent[0].path.ends_with("/Calls.json"), "{}", sent[0].path);
    let twiml = sent[0].field("Twiml").expect("something to say");
    assert!(twiml.starts_with("<Response><Say>Hello.") && twiml.ends_with("</Say></Response>"));
}

/// What the person is told, and that nothing is left of it.
async fn refusal(app: &TestApp, body: &Value) -> Reply {
    let user = app.sign_in().await;
    let refused = user.enroll(body).await;
    assert_eq!(user.method_ids().await.len(), 1, "nothing half-enrolled");
    app.clock().advance(3600);
    assert!(app.messages().await.is_empty(), "it is not tried again");
    refused
}

async fn a_number_the_provider_does_not_know_is_invalid(database: TestDatabase) {
    let (app, _gateway) = with_twilio(database).await;
    let refused = refusal(&app, &phone(twilio::INVALID)).await.expect(400);
    assert_eq!(refused.text("/error"), "invalid_phone_number");
    assert_eq!(refused.text("/validation_errors/0/pointer"), "/phone_number");
}

async fn what_the_provider_refuses_is_told_at_once(database: TestDatabase) {
    let (app, _gateway) = with_twilio(database).await;
    assert_shown!(refusal(&app, &phone(twilio::FORBIDDEN)).await.seen(), @r#"
    {
      "body": {
        "detail": "The message could not be sent.",
        "error": "bad_gateway",
        "status": 403,
        "title": "Forbidden",
        "type": "https://auth0.com/api-errors/A0E-403-0001"
      },
      "status": 403
    }
    "#);
}

async fn wrong_credentials_are_told_without_naming_them(database: TestDatabase) {
    let gateway = twilio::start().await;
    let wrong = |tenant: &_, gateway: &_| twilio::provider_with_token(tenant, gateway, "old");
    let app = build(database, &gateway, wrong).await;
    let refused = refusal(&app, &phone(twilio::REACHABLE)).await.expect(403);
    assert_eq!(refused.text("/error"), "bad_gateway");
}

async fn an_outage_is_waited_out_in_the_background(database: TestDatabase) {
    let (app, gateway) = with_twilio(database).await;
    let user = app.sign_in().await;
    let begun = Begun::read(&user.enroll(&phone(twilio::OUTAGE)).await.expect(202));
    assert_eq!(gateway.received().len(), 1);
    assert!(app.messages().await.is_empty(), "not at once again");
    app.clock().advance(10);
    let message = app.message().await;
    let code = message.content.code.expect("a code");
    let _ = user.verify(&begun.id, &begun.proof(&code)).await.expect(201);
    app.ignore_messages().await;
}

async fn without_a_provider_nothing_begins(database: TestDatabase) {
    let none = |tenant: &mut Configuration| tenant.tenant.settings.phone.provider = None;
    let app = TestApp::build(database).await.phones().configure(none).start().await;
    let refused = refusal(&app, &phone(NUMBER)).await.expect(403);
    assert_eq!(refused.text("/error"), "bad_gateway");
}

async fn mails_with_codes_are_limited_too(database: TestDatabase) {
    let app = app(database).await;
    let user = app.sign_in().await;
    let email = |address: &str| json!({ "type": "email", "email": address });
    for _ in 0..5 {
        let _ = user.enroll(&email("second@example.com")).await.expect(202);
    }
    let _ = user.enroll(&email("SECOND@example.com")).await.expect(429);
    let _ = user.enroll(&email("third@example.com")).await.expect(202);
    app.clock().advance(60);
    let _ = user.enroll(&email("second@example.com")).await.expect(202);
    let _ = user.enroll(&email("second@example.com")).await.expect(429);
    app.ignore_messages().await;
}

async fn asking_what_would_happen_sends_and_counts_nothing(database: TestDatabase) {
    let (app, gateway) = with_twilio(database).await;
    let user = app.sign_in().await;
    let path = "/authentication-methods?dry_run=true";
    for _ in 0..12 {
        let _ = user.post(path, &phone(twilio::REACHABLE)).await.expect(200);
    }
    assert!(gateway.received().is_empty());
    assert_eq!(user.method_ids().await.len(), 1);
    let _ = user.post(path, &phone("nonsense")).await.expect(400);
    let _ = user.enroll(&phone(twilio::REACHABLE)).await.expect(202);
    assert_eq!(gateway.received().len(), 1);
}

on_both_engines! {
    a_number_is_enrolled_with_the_code_that_was_sent,
    a_call_says_the_digits_one_by_one,
    what_is_no_number_is_refused,
    a_default_country_completes_numbers,
    wrong_late_and_replaced_codes_are_refused,
    asking_again_may_change_the_channel,
    one_number_is_enrolled_once_and_several_may_be,
    another_channel_can_be_preferred,
    a_channel_that_is_off_is_refused,
    where_only_calls_are_made_they_are_the_default,
    the_factor_is_listed_once_if_either_channel_is_on,
    a_person_gets_ten_and_then_one_an_hour,
    a_number_gets_ten_an_hour_from_everybody,
    guessing_ends_for_the_person_and_not_only_for_one_code,
    a_provider_is_asked_before_the_answer_and_once,
    a_call_goes_to_the_calls_api,
    a_number_the_provider_does_not_know_is_invalid,
    what_the_provider_refuses_is_told_at_once,
    wrong_credentials_are_told_without_naming_them,
    an_outage_is_waited_out_in_the_background,
    without_a_provider_nothing_begins,
    asking_what_would_happen_sends_and_counts_nothing,
    mails_with_codes_are_limited_too,
}
