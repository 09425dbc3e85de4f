//! `/mfa/associate`: enrolling on an application's own page (contract 04 §4.2).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::device::Device;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{
    OOB, allowed, associate, build, demand, demanded, give, give_otp, list, logged, refusal,
    sign_in, tells, told, waiting,
};

fn oob(channel: &str) -> Value {
    json!({ "authenticator_types": ["oob"], "oob_channels": [channel] })
}

/// Somebody who has none, at a tenant that demands one; what waits.
async fn without_any(app: &TestApp) -> String {
    super::super::unverified(app).await;
    demand(app).await;
    app.ignore_messages().await;
    waiting(app).await
}

async fn an_app_is_enrolled(database: TestDatabase) {
    let app = build(database).await.start().await;
    let token = without_any(&app).await;
    let begun = associate(&app, &token, &json!({ "authenticator_types": ["otp"] })).await;
    assert_shown!(begun.seen(), {
        ".body.barcode_uri" => "[uri]", ".body.id" => "[id]", ".body.secret" => "[secret]",
        ".body.recovery_codes[0]" => "[code]",
    }, @r#"
    {
      "body": {
        "authenticator_type": "otp",
        "barcode_uri": "[uri]",
        "id": "[id]",
        "recovery_codes": [
          "[code]"
        ],
        "secret": "[secret]"
      },
      "status": 200
    }
    "#);
    let listed = list(&app, &token).await;
    assert_eq!((&listed[0]["active"], &listed[0]["id"]), (&json!(false), &begun.json()["id"]));
    let secret = begun.text("/secret");
    let wrong = housekey_testkit::authenticator::wrong_code(&secret, app.now());
    let reply = give(&app, &token, super::OTP, &json!({ "otp": wrong })).await;
    assert_eq!(told(&reply), tells(403, "invalid_grant", "Invalid otp_code."));
    let _ = give_otp(&app, &token, &secret).await.expect(200);
    assert_eq!(logged(&app, "gd_enrollment_complete").await, 2, "the app and the code on paper");
    // From now on it is asked for, and the code that confirmed is used up.
    let token = waiting(&app).await;
    let reply = give_otp(&app, &token, &secret).await;
    assert_eq!(told(&reply), tells(403, "invalid_grant", "Invalid otp_code."));
    app.clock().advance(30);
    let _ = give_otp(&app, &token, &secret).await.expect(200);
}

async fn a_recovery_code_comes_with_the_first(database: TestDatabase) {
    let app = build(database).await.start().await;
    let token = without_any(&app).await;
    let again = associate(&app, &token, &json!({ "authenticator_types": ["otp"] })).await;
    let begun = associate(&app, &token, &json!({ "authenticator_types": ["otp"] })).await;
    let paper = begun.text("/recovery_codes/0");
    assert_eq!(list(&app, &token).await.as_array().map(Vec::len), Some(2), "the earlier two went");
    let early = give(&app, &token, super::RECOVERY, &json!({ "recovery_code": paper })).await;
    assert_eq!(told(&early), tells(403, "invalid_grant", "MFA Authorization rejected."));
    let old = give_otp(&app, &token, &again.text("/secret")).await;
    assert_eq!(old.status, 403, "gave way");
    let _ = give_otp(&app, &token, &begun.text("/secret")).await.expect(200);
    let asked = sign_in(&app, &json!({})).await.expect(403);
    let types = &asked.json()["mfa_requirements"]["challenge"];
    assert_eq!(*types, json!([{ "type": "otp" }, { "type": "recovery-code" }]));
    let own = json!({ "recovery_code": paper });
    let _ = give(&app, &asked.text("/mfa_token"), super::RECOVERY, &own).await.expect(200);
}

async fn phones_and_mailboxes_are_enrolled(database: TestDatabase) {
    let app = allowed(TestApp::build(database).await.phones()).start().await;
    super::super::unverified(&app).await;
    demand(&app).await;
    let token = waiting(&app).await;
    for wrong in [json!(null), json!("030 123456"), json!("nonsense")] {
        let mut body = oob("sms");
        body["phone_number"] = wrong;
        assert_eq!(associate(&app, &token, &body).await.status, 400);
    }
    let mut body = oob("voice");
    body["phone_number"] = json!("+49 (30) 123456");
    let begun = associate(&app, &token, &body).await.expect(200).json();
    assert_eq!(
        (&begun["oob_channel"], &begun["binding_method"], &begun["authenticator_type"]),
        (&json!("voice"), &json!("prompt"), &json!("oob"))
    );
    let call = app.message().await;
    assert_eq!((call.channel.as_str(), call.to.as_str()), ("voice", "+4930123456"));
    // Another begins anew: what was begun before is forgotten.
    let begun = associate(&app, &token, &oob("email")).await.expect(200);
    let mail = app.message().await;
    assert_eq!(mail.to, EMAIL, "the profile's");
    assert!(mail.content.text.contains("to add this mail address"), "{}", mail.content.text);
    let code = mail.content.code.expect("a code");
    let own = json!({ "oob_code": begun.text("/oob_code"), "binding_code": code });
    let _ = give(&app, &token, OOB, &own).await.expect(200);
    app.messages().await;
    let listed = list(&app, &waiting(&app).await).await;
    let types: Vec<_> = listed.as_array().expect("a list").iter().map(|own| &own["type"]).collect();
    assert_eq!(types, ["email", "recovery-code"]);
}

async fn a_device_is_enrolled(database: TestDatabase) {
    let app = build(database).await.push().start().await;
    let token = without_any(&app).await;
    let begun = associate(&app, &token, &oob("auth0")).await.expect(200);
    assert!(begun.json().get("binding_method").is_none());
    let poll = json!({ "oob_code": begun.text("/oob_code") });
    assert_eq!(
        refusal(&give(&app, &token, OOB, &poll).await),
        (400, "authorization_pending".into())
    );
    Device::enroll(&app, &begun.text("/barcode_uri")).await;
    let _ = give(&app, &token, OOB, &poll).await.expect(200);
    let listed = list(&app, &waiting(&app).await).await;
    assert_eq!(
        (&listed[0]["type"], &listed[0]["active"]),
        (&json!("push-notification"), &json!(true))
    );
}

async fn whoever_has_one_gives_it_first(database: TestDatabase) {
    let app = build(database).await.start().await;
    demanded(&app).await;
    let token = waiting(&app).await;
    let reply = associate(&app, &token, &json!({ "authenticator_types": ["otp"] })).await;
    assert_eq!(told(&reply), tells(403, "access_denied", "User is already enrolled."));
}

/// A verified address is one, too: the password alone does not enrol another.
async fn a_mailbox_is_one(database: TestDatabase) {
    let app = allowed(TestApp::build(database).await).start().await;
    app.person(EMAIL).await;
    demand(&app).await;
    let token = waiting(&app).await;
    let reply = associate(&app, &token, &json!({ "authenticator_types": ["otp"] })).await;
    assert_eq!(told(&reply), tells(403, "access_denied", "User is already enrolled."));
}

/// Somebody who began to enrol, and has another one by now, gives that one.
async fn another_one_meanwhile_prevails(database: TestDatabase) {
    let app = build(database).await.start().await;
    let (first, second) = (without_any(&app).await, waiting(&app).await);
    let new = json!({ "authenticator_types": ["otp"] });
    let one = associate(&app, &first, &new).await.expect(200).text("/secret");
    let other = associate(&app, &second, &new).await.expect(200).text("/secret");
    let _ = give_otp(&app, &first, &one).await.expect(200);
    let reply = give_otp(&app, &second, &other).await;
    assert_eq!(told(&reply), tells(403, "access_denied", "User is already enrolled."));
}

async fn odd_bodies_are_refused(database: TestDatabase) {
    let app = build(database).await.start().await;
    let token = without_any(&app).await;
    for body in [
        json!({}),
        json!({ "authenticator_types": "otp" }),
        json!({ "authenticator_types": ["otp", "oob"] }),
        json!({ "authenticator_types": ["oob"] }),
        json!({ "authenticator_types": ["oob"], "oob_channels": ["pigeon"] }),
        oob("sms"),
        oob("auth0"),
        oob("email"),
        json!([]),
        json!("x"),
    ] {
        let reply = associate(&app, &token, &body).await;
        assert_eq!(refusal(&reply), (400, "invalid_request".to_owned()), "{body}");
    }
    let reply = app.post("/mfa/associate").json(&json!({})).send().await;
    assert_eq!(told(&reply), tells(401, "access_denied", "Invalid MFA token"));
}

on_both_engines! {
    an_app_is_enrolled,
    a_recovery_code_comes_with_the_first,
    phones_and_mailboxes_are_enrolled,
    a_device_is_enrolled,
    whoever_has_one_gives_it_first,
    a_mailbox_is_one,
    another_one_meanwhile_prevails,
    odd_bodies_are_refused,
}
