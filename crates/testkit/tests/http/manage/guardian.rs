//! `/api/v2/guardian` (contract 05 §11).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, refusal};

async fn put(machine: &Machine<'_>, path: &str, body: &Value) -> Value {
    let reply = machine.request("PUT", &format!("guardian/{path}")).json(body).send().await;
    reply.expect(200).json()
}

async fn read(machine: &Machine<'_>, path: &str) -> Value {
    machine.get(&format!("guardian/{path}")).await.expect(200).json()
}

async fn refused(machine: &Machine<'_>, path: &str, body: &Value) -> String {
    let reply = machine.request("PUT", &format!("guardian/{path}")).json(body).send().await;
    let (status, code, _) = refusal(&reply.expect(400));
    assert_eq!(status, 400);
    code
}

async fn factors_are_listed_in_their_order_and_switched(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let list = read(&machine, "factors").await;
    let names: Vec<_> =
        list.as_array().expect("a list").iter().map(|own| own["name"].clone()).collect();
    assert_eq!(
        json!(names),
        json!([
            "sms",
            "push-notification",
            "otp",
            "email",
            "duo",
            "webauthn-roaming",
            "webauthn-platform",
            "recovery-code"
        ])
    );
    assert_eq!(list[2], json!({ "name": "otp", "enabled": true, "trial_expired": false }));
    for name in [
        "sms",
        "push-notification",
        "otp",
        "email",
        "webauthn-roaming",
        "webauthn-platform",
        "recovery-code",
    ] {
        for enabled in [true, false] {
            let body = json!({ "enabled": enabled });
            assert_eq!(put(&machine, &format!("factors/{name}"), &body).await, body);
            let list = read(&machine, "factors").await;
            let own = list.as_array().expect("a list").iter().find(|own| own["name"] == name);
            assert_eq!(own.expect("listed")["enabled"], enabled, "{name}");
        }
    }
    assert_eq!(
        refused(&machine, "factors/duo", &json!({ "enabled": true })).await,
        "operation_not_supported"
    );
    assert_eq!(
        refused(&machine, "factors/otp", &json!({ "enabled": "yes" })).await,
        "invalid_body"
    );
}

/// What is switched here is what people can enrol.
async fn people_can_enrol_what_is_on(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let user = app.sign_in().await;
    let has_totp = async || {
        let factors = user.get("/factors").await.expect(200).json();
        let factors = factors["factors"].as_array().expect("a list").clone();
        factors.iter().any(|factor| factor["type"] == "totp")
    };
    assert!(has_totp().await);
    let _ = put(&machine, "factors/otp", &json!({ "enabled": false })).await;
    app.clock().advance(2);
    assert!(!has_totp().await);
}

async fn phones_take_what_is_said(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let types = "factors/phone/message-types";
    assert_eq!(read(&machine, types).await, json!({ "message_types": ["sms"] }));
    let both = json!({ "message_types": ["sms", "voice"] });
    assert_eq!(put(&machine, types, &both).await, both);
    assert_eq!(read(&machine, "factors").await[0]["enabled"], false, "still off");
    let _ = put(&machine, "factors/sms", &json!({ "enabled": true })).await;
    let switches = app.tenant_on("acme.example").await.settings.factors;
    assert!(switches.sms && switches.voice);
    let voice = json!({ "message_types": ["voice"] });
    assert_eq!(put(&machine, types, &voice).await, voice);
    let _ = put(&machine, "factors/sms", &json!({ "enabled": false })).await;
    assert_eq!(read(&machine, types).await, voice, "remembered");
    assert_eq!(refused(&machine, types, &json!({ "message_types": [] })).await, "invalid_body");
    let templates = read(&machine, "factors/sms/templates").await;
    assert!(templates["enrollment_message"].as_str().is_some_and(|text| text.contains("{{code}}")));
    let own = json!({ "enrollment_message": "{{code}}!", "verification_message": "{{code}}?" });
    assert_eq!(put(&machine, "factors/phone/templates", &own).await, own);
    assert_eq!(read(&machine, "factors/sms/templates").await, own);
}

async fn twilio_is_set_up_and_its_token_is_not_shown(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let (twilio, selected) = ("factors/phone/providers/twilio", "factors/phone/selected-provider");
    assert_eq!(read(&machine, twilio).await, json!({}));
    assert_eq!(read(&machine, selected).await, json!({ "provider": "auth0" }));
    assert_eq!(
        refused(&machine, selected, &json!({ "provider": "twilio" })).await,
        "operation_not_supported"
    );
    let body = json!({ "sid": "AC1", "auth_token": "t0ken", "from": "+15550001", "messaging_service_sid": null });
    let shown = json!({ "sid": "AC1", "from": "+15550001" });
    assert_eq!(put(&machine, twilio, &body).await, shown);
    assert_eq!(read(&machine, "factors/sms/providers/twilio").await, shown);
    assert_eq!(
        read(&machine, "factors/sms/selected-provider").await,
        json!({ "provider": "twilio" })
    );
    let logs = machine.get("logs?per_page=3").await.expect(200);
    assert!(logs.body.contains("AC1") && !logs.body.contains("t0ken"));
    // Not used for a while, and again.
    for provider in ["auth0", "twilio"] {
        let body = json!({ "provider": provider });
        assert_eq!(put(&machine, selected, &body).await, body);
        assert_eq!(read(&machine, twilio).await, shown);
    }
    let tenant = app.tenant_on("acme.example").await;
    let provider = tenant.settings.phone.provider.clone().expect("a provider");
    let _ = provider.route(&app.tenant_id(), app.core().sealer()).expect("its token opens");
    for wrong in [json!({ "sid": "AC1" }), json!({ "sid": "AC1", "auth_token": "t" })] {
        assert_eq!(refused(&machine, twilio, &wrong).await, "invalid_body", "{wrong}");
    }
    let nothing =
        json!({ "sid": null, "auth_token": null, "from": null, "messaging_service_sid": null });
    assert_eq!(put(&machine, twilio, &nothing).await, json!({}));
    assert_eq!(read(&machine, selected).await, json!({ "provider": "auth0" }));
}

async fn push_is_set_up_and_its_secrets_are_not_shown(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let base = "factors/push-notification";
    let selected = format!("{base}/selected-provider");
    assert_eq!(read(&machine, &selected).await, json!({ "provider": "guardian" }));
    for provider in ["direct", "sns"] {
        let body = json!({ "provider": provider });
        assert_eq!(refused(&machine, &selected, &body).await, "operation_not_supported");
    }
    let account = json!({ "private_key": "pr1vate" }).to_string();
    let body = json!({ "server_credentials": account });
    assert_eq!(put(&machine, &format!("{base}/providers/fcmv1"), &body).await, json!({}));
    let direct = json!({ "provider": "direct" });
    assert_eq!(put(&machine, &selected, &direct).await, direct);
    assert!(app.tenant_on("acme.example").await.settings.push.is_configured());
    let sns =
        json!({ "aws_access_key_id": "id", "aws_secret_access_key": "s3cret", "aws_region": "eu" });
    let shown = json!({ "aws_access_key_id": "id", "aws_region": "eu" });
    let path = format!("{base}/providers/sns");
    assert_eq!(put(&machine, &path, &sns).await, shown);
    assert_eq!(read(&machine, &path).await, shown);
    let gone = machine.patch(&format!("guardian/{path}"), &json!({ "aws_region": null })).await;
    assert_eq!(gone.expect(200).json(), json!({ "aws_access_key_id": "id" }));
    let duo = json!({ "ikey": "i", "skey": "k3y", "host": "h" });
    assert_eq!(
        put(&machine, "factors/duo/settings", &duo).await,
        json!({ "ikey": "i", "host": "h" })
    );
    let stored = machine.get("logs?per_page=20").await.expect(200).body;
    for secret in ["pr1vate", "s3cret", "k3y"] {
        assert!(!stored.contains(secret), "{secret}");
    }
    assert_eq!(read(&machine, &format!("{base}/providers/apns")).await, json!({}));
    for (path, body, code) in [
        ("providers/apns", json!({ "p12": "x" }), "operation_not_supported"),
        ("providers/apns", json!({ "bundle_id": "x" }), "operation_not_supported"),
        ("providers/fcm", json!({ "server_key": "x" }), "operation_not_supported"),
        ("providers/fcmv1", json!({ "server_credentials": "x" }), "invalid_body"),
    ] {
        assert_eq!(refused(&machine, &format!("{base}/{path}"), &body).await, code, "{path}");
    }
}

async fn a_policy_protects_or_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    assert_eq!(read(&machine, "policies").await, json!([]));
    assert_eq!(put(&machine, "policies", &json!([])).await, json!([]));
    let risky = json!(["confidence-score"]);
    assert_eq!(put(&machine, "policies", &risky).await, risky);
    assert_eq!(read(&machine, "policies").await, risky);
    assert!(app.browser().authorize_as(&app.authorize("openid"), EMAIL).await.left, "as with none");
    let both = json!(["all-applications", "confidence-score"]);
    assert_eq!(refused(&machine, "policies", &both).await, "invalid_body");
    assert_eq!(put(&machine, "policies", &json!([])).await, json!([]));
    assert_eq!(refused(&machine, "policies", &json!(["x"])).await, "invalid_body");
    assert_eq!(read(&machine, "policies").await, json!([]));
    let always = json!(["all-applications"]);
    assert_eq!(put(&machine, "policies", &always).await, always);
    let request = app.authorize("openid");
    let page = app.browser().authorize_as(&request, EMAIL).await;
    assert!(!page.left, "a password is not enough: a code goes to the verified mail address");
    app.ignore_messages().await;
    assert_eq!(put(&machine, "policies", &json!([])).await, json!([]));
    assert!(app.browser().authorize_as(&request, EMAIL).await.left);
    let settings = read(&machine, "settings").await;
    assert_eq!(settings["mfa_session_overall_timeout"], 2_592_000);
    let body = json!({ "mfa_session_overall_timeout": 3600 });
    assert_eq!(put(&machine, "settings", &body).await["mfa_session_overall_timeout"], 3600);
    let codes = json!({ "otp_length": 6, "otp_expiration_time": 300 });
    assert_eq!(read(&machine, "factors/phone/settings").await, codes);
    assert_eq!(put(&machine, "factors/email/settings", &codes).await, codes);
    let longer = json!({ "otp_length": 8 });
    assert_eq!(
        refused(&machine, "factors/phone/settings", &longer).await,
        "operation_not_supported"
    );
}

async fn an_enrolment_is_seen_and_removed(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let user = app.sign_in().await;
    let id = crate::me::add_totp(&app, &user).await;
    let id = id.split_once('|').expect("type and id").1.to_owned();
    let path = format!("guardian/enrollments/{id}");
    let seen = machine.get(&path).await.expect(200).json();
    assert_eq!(
        (&seen["id"], &seen["type"], &seen["status"]),
        (&json!(id), &json!("totp"), &json!("confirmed"))
    );
    let _ = machine.delete(&path).await.expect(204);
    assert_eq!(refusal(&machine.get(&path).await).0, 404);
    assert_eq!(refusal(&machine.delete(&path).await).0, 404);
    let told = app.message().await;
    assert_eq!(told.to, EMAIL);
    assert!(told.content.subject.contains("was removed"), "{}", told.content.subject);
}

on_both_engines! {
    factors_are_listed_in_their_order_and_switched,
    people_can_enrol_what_is_on,
    phones_take_what_is_said,
    twilio_is_set_up_and_its_token_is_not_shown,
    push_is_set_up_and_its_secrets_are_not_shown,
    a_policy_protects_or_is_refused,
    an_enrolment_is_seen_and_removed,
}
