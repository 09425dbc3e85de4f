//! Twilio's API: a form per message or call, Basic authentication with account and auth token.

use housekey_core::port::{DeliveryError, OutgoingMessage};
use housekey_core::secret::SecretText;
use housekey_core::tenant::phone::TwilioConfiguration;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::is_call;
use crate::http::{self, Http};

const BASE: &str = "https://api.twilio.com";

/// Codes that say the number is to blame: not a number, no mobile, not reachable, unsubscribed.
const UNREACHABLE: [u64; 9] = [13223, 13224, 13225, 21211, 21214, 21217, 21610, 21612, 21614];

pub(super) async fn deliver(
    http: &Http,
    message: &OutgoingMessage,
    configuration: &TwilioConfiguration,
    auth_token: &SecretText,
) -> Result<(), DeliveryError> {
    let form = if is_call(message) {
        call(message, configuration)?
    } else {
        text(message, configuration)?
    };
    let collection = if is_call(message) { "Calls.json" } else { "Messages.json" };
    let request = http
        .post(&address(configuration, collection)?)?
        .basic_auth(&configuration.sid, Some(auth_token.expose()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish());
    let answer = http::send(request).await?;
    outcome(answer.status, &answer.body)
}

type Form<'a> = Vec<(&'static str, String)>;

fn text<'a>(
    message: &OutgoingMessage,
    configuration: &TwilioConfiguration,
) -> Result<Form<'a>, DeliveryError> {
    let from = message.content.from.as_ref().or(configuration.default_from.as_ref());
    let sender = match (&configuration.mssid, from) {
        // The service chooses who sends.
        (Some(service), _) => ("MessagingServiceSid", service.clone()),
        (None, Some(from)) => ("From", from.clone()),
        (None, None) => return Err(no_sender()),
    };
    Ok(vec![("To", message.to.clone()), sender, ("Body", message.content.text.clone())])
}

fn call<'a>(
    message: &OutgoingMessage,
    configuration: &TwilioConfiguration,
) -> Result<Form<'a>, DeliveryError> {
    let from = message.content.from.clone().or_else(|| configuration.default_from.clone());
    let from = from.ok_or_else(no_sender)?;
    let spoken = message.content.spoken.as_deref().unwrap_or(&message.content.text);
    let twiml = format!("<Response><Say>{}</Say></Response>", escaped(spoken));
    Ok(vec![("To", message.to.clone()), ("From", from), ("Twiml", twiml)])
}

fn no_sender() -> DeliveryError {
    DeliveryError::Permanent("the provider's settings name no sender".to_owned())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn address(configuration: &TwilioConfiguration, collection: &str) -> Result<String, DeliveryError> {
    let base = configuration.base_url.as_deref().unwrap_or(BASE);
    let broken = || DeliveryError::Permanent("the provider's address is not a URL".to_owned());
    let mut url = Url::parse(base).map_err(|_| broken())?;
    url.path_segments_mut().map_err(|()| broken())?.pop_if_empty().extend([
        "2010-04-01",
        "Accounts",
        &configuration.sid,
        collection,
    ]);
    Ok(url.into())
}

fn outcome(status: u16, body: &[u8]) -> Result<(), DeliveryError> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(code) = body["code"].as_u64().filter(|_| (400..500).contains(&status)) else {
        return http::by_status("Twilio", status);
    };
    let text = format!("Twilio answered {status}, code {code}");
    match status {
        _ if UNREACHABLE.contains(&code) => Err(DeliveryError::Recipient(text)),
        429 => Err(DeliveryError::Transient(text)),
        _ => Err(DeliveryError::Permanent(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration(base_url: Option<&str>) -> TwilioConfiguration {
        TwilioConfiguration {
            sid: "AC/1".to_owned(),
            default_from: None,
            mssid: None,
            base_url: base_url.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn the_account_cannot_lead_elsewhere() {
        let at = |base| address(&configuration(base), "Calls.json").expect("a URL");
        let path = "/2010-04-01/Accounts/AC%2F1/Calls.json";
        assert_eq!(at(None), format!("https://api.twilio.com{path}"));
        assert_eq!(at(Some("http://127.0.0.1:9/x/")), format!("http://127.0.0.1:9/x{path}"));
        assert!(address(&configuration(Some("nonsense")), "Calls.json").is_err());
    }

    #[test]
    fn answers_are_told_apart() {
        assert!(outcome(201, b"{}").is_ok());
        for (status, body) in [(503, ""), (429, r#"{"code":20429}"#), (502, r#"{"code":21211}"#)] {
            let verdict = outcome(status, body.as_bytes());
            assert!(matches!(verdict, Err(DeliveryError::Transient(_))), "{status} {body}");
        }
        let verdict = outcome(400, br#"{"code":21211}"#);
        assert!(matches!(verdict, Err(DeliveryError::Recipient(_))), "{verdict:?}");
        for (status, body) in [(401, r#"{"code":20003}"#), (400, r#"{"code":21606}"#), (404, "x")] {
            let verdict = outcome(status, body.as_bytes());
            assert!(matches!(verdict, Err(DeliveryError::Permanent(_))), "{status} {body}");
        }
    }

    #[test]
    fn what_is_spoken_is_text_and_no_markup() {
        assert_eq!(escaped("Smith & <Sons>"), "Smith &amp; &lt;Sons&gt;");
    }
}
