//! Text messages and calls: Twilio's form and signed requests.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use housekey_core::id::TenantId;
use housekey_core::message::{Channel, Content};
use housekey_core::port::{DeliveryError, Messenger, OutgoingMessage, PhoneRoute, Route};
use housekey_core::secret::SecretText;
use housekey_core::tenant::phone::TwilioConfiguration;
use housekey_outbound::{Deliveries, HttpSettings};
use housekey_testkit::gateway::{Gateway, Received};
use housekey_testkit::{seed, twilio};
use serde_json::json;

use super::{NOW, deliveries, message};

fn content() -> Content {
    Content {
        text: "123456 is your code".to_owned(),
        spoken: Some("Your code at Acme & Sons is 1. 2. 3. 4. 5. 6".to_owned()),
        code: Some("123456".to_owned()),
        template: Some("otp_enroll"),
        ..Content::default()
    }
}

fn to_twilio(gateway: &Gateway, channel: Channel, number: &str) -> OutgoingMessage {
    let tenant = TenantId::from_raw("acme");
    let provider = twilio::provider(&tenant, gateway);
    let route = provider.route(&tenant, &seed::sealer()).expect("opens");
    message(channel, number, content(), Route::Phone(route))
}

#[tokio::test]
async fn twilio_gets_a_form_with_basic_authentication() {
    let gateway = twilio::start().await;
    let sent = to_twilio(&gateway, Channel::Sms, twilio::REACHABLE);
    deliveries().deliver(&sent).await.expect("taken");
    let received = gateway.received();
    assert_eq!(received.len(), 1);
    let request = &received[0];
    assert_eq!(request.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(request.field("To").as_deref(), Some(twilio::REACHABLE));
    assert_eq!(request.field("Body").as_deref(), Some("123456 is your code"));
    assert_eq!(request.field("Twiml"), None);
}

#[tokio::test]
async fn a_call_is_spoken_text_in_well_formed_markup() {
    let gateway = twilio::start().await;
    let sent = to_twilio(&gateway, Channel::Voice, twilio::REACHABLE);
    deliveries().deliver(&sent).await.expect("taken");
    let twiml = gateway.received()[0].field("Twiml").expect("markup");
    let said = "Your code at Acme &amp; Sons is 1. 2. 3. 4. 5. 6";
    assert_eq!(twiml, format!("<Response><Say>{said}</Say></Response>"));
}

#[tokio::test]
async fn twilios_refusals_are_told_apart() {
    let gateway = twilio::start().await;
    let deliver = async |number| {
        let sent = to_twilio(&gateway, Channel::Sms, number);
        deliveries().deliver(&sent).await.expect_err("refused")
    };
    let error = deliver(twilio::INVALID).await;
    assert!(matches!(error, DeliveryError::Recipient(_)), "{error}");
    let error = deliver(twilio::FORBIDDEN).await;
    assert!(matches!(error, DeliveryError::Permanent(_)), "{error}");
    let error = deliver(twilio::OUTAGE).await;
    assert!(matches!(error, DeliveryError::Transient(_)), "{error}");
}

#[tokio::test]
async fn a_messaging_service_takes_the_senders_place_and_a_call_needs_a_number() {
    let gateway = Gateway::start(|_| (201, "{}".to_owned())).await;
    let route = || PhoneRoute::Twilio {
        configuration: TwilioConfiguration {
            sid: "AC1".to_owned(),
            default_from: None,
            mssid: Some("MG1".to_owned()),
            base_url: Some(gateway.url()),
        },
        auth_token: SecretText::new("t"),
    };
    let text = message(Channel::Sms, twilio::REACHABLE, content(), Route::Phone(route()));
    deliveries().deliver(&text).await.expect("taken");
    let received = gateway.received();
    assert_eq!(received[0].field("MessagingServiceSid").as_deref(), Some("MG1"));
    assert_eq!(received[0].field("From"), None);
    let call = message(Channel::Voice, twilio::REACHABLE, content(), Route::Phone(route()));
    let error = deliveries().deliver(&call).await.expect_err("no number to call from");
    assert!(matches!(error, DeliveryError::Permanent(_)), "{error}");
    assert!(gateway.received().is_empty());
}

const SECRET: &str = "whsec_aG91c2VrZXktdGVzdC1zZWNyZXQ=";

fn to_webhook(url: String, channel: Channel) -> OutgoingMessage {
    let route = PhoneRoute::Webhook { url, secret: SecretText::new(SECRET) };
    message(channel, "+4930123456", content(), Route::Phone(route))
}

/// As docs/delivery.md tells receivers to do it.
fn is_signed(request: &Received) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"housekey-test-secret");
    let (id, at) = (request.header("webhook-id"), request.header("webhook-timestamp"));
    let signed = format!("{id}.{at}.{}", request.body);
    let signature = request.header("webhook-signature").strip_prefix("v1,").unwrap_or_default();
    let signature = STANDARD.decode(signature).unwrap_or_default();
    hmac::verify(&key, signed.as_bytes(), &signature).is_ok()
}

#[tokio::test]
async fn a_webhook_gets_what_it_needs_signed() {
    let gateway = Gateway::start(|_| (204, String::new())).await;
    let sent = to_webhook(format!("{}/send?key=1", gateway.url()), Channel::Sms);
    deliveries().deliver(&sent).await.expect("taken");
    let received = gateway.received();
    let request = &received[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/send?key=1"));
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("webhook-id"), "msg_1");
    assert_eq!(request.header("webhook-timestamp"), NOW.as_seconds().to_string());
    assert!(is_signed(request));
    let altered = Received { body: request.body.replace("123456", "654321"), ..request.clone() };
    assert!(!is_signed(&altered));
    let expected = json!({
        "message_type": "otp_enroll",
        "tenant": "acme",
        "recipient": "+4930123456",
            "from": null,
        "delivery_method": "text",
        "as_text": "123456 is your code",
        "as_voice": "Your code at Acme & Sons is 1. 2. 3. 4. 5. 6",
        "code": "123456",
    });
    assert_eq!(request.json(), expected);
}

#[tokio::test]
async fn a_webhooks_answers_are_told_apart() {
    for (status, body, verdict) in [
        (200, "", "Ok"),
        (422, r#"{"error":"invalid_recipient"}"#, "Recipient"),
        (422, "{}", "Permanent"),
        (400, "no", "Permanent"),
        (401, "no", "Permanent"),
        (302, "", "Permanent"),
        (429, "", "Transient"),
        (500, "", "Transient"),
    ] {
        let gateway = Gateway::start(move |_| (status, body.to_owned())).await;
        let outcome = deliveries().deliver(&to_webhook(gateway.url(), Channel::Voice)).await;
        assert!(format!("{outcome:?}").contains(verdict), "{status} {body}: {outcome:?}");
        assert_eq!(gateway.received().len(), 1, "asked once");
    }
}

#[tokio::test]
async fn a_long_answer_is_cut_off() {
    let gateway = Gateway::start(|_| (200, "x".repeat(10 << 20))).await;
    deliveries().deliver(&to_webhook(gateway.url(), Channel::Sms)).await.expect("taken");
}

#[tokio::test]
async fn nobody_there_is_tried_again() {
    let url = Gateway::start(|_| (200, String::new())).await.url();
    let error = deliveries().deliver(&to_webhook(url, Channel::Sms)).await.expect_err("gone");
    assert!(matches!(error, DeliveryError::Transient(_)), "{error}");
    assert!(!error.to_string().contains("127.0.0.1"), "{error}");
}

#[tokio::test]
async fn a_private_address_is_not_spoken_to_unless_allowed() {
    let gateway = Gateway::start(|_| (200, String::new())).await;
    let guarded = Deliveries::new(None, &HttpSettings::default()).expect("HTTP works");
    let error = guarded.deliver(&to_webhook(gateway.url(), Channel::Sms)).await;
    assert!(matches!(error, Err(DeliveryError::Permanent(_))), "{error:?}");
    assert!(gateway.received().is_empty());
}

#[tokio::test]
async fn without_a_way_out_messages_wait() {
    let mail = message(Channel::Email, "ada@example.com", content(), Route::Mail);
    let text = message(Channel::Sms, "+4930123456", content(), Route::None);
    for sent in [mail, text] {
        let error = deliveries().deliver(&sent).await;
        assert!(matches!(error, Err(DeliveryError::Unconfigured(_))), "{error:?}");
    }
}
