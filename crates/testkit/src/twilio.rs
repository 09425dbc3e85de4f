//! Twilio as its documentation describes it: the form it wants, the answers it gives, and the
//! numbers it reserves for each refusal.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use housekey_core::id::TenantId;
use housekey_core::port::SystemRandom;
use housekey_core::secret::SecretText;
use housekey_core::tenant::phone::{
    DeliveryMethods, PhoneProvider, PhoneProviderConfiguration, TwilioConfiguration,
};
use serde_json::json;

use crate::gateway::{Gateway, Received};
use crate::seed::sealer;

/// A number everything can be sent to.
pub const REACHABLE: &str = "+15005550006";
/// Not a number.
pub const INVALID: &str = "+15005550001";
/// In a country the account may not send to.
pub const FORBIDDEN: &str = "+15005550003";
/// Leads to an outage.
pub const OUTAGE: &str = "+15005550999";

const SID: &str = "AC00000000000000000000000000000000";
const TOKEN: &str = "auth-token";
const FROM: &str = "+15005550000";

/// A Twilio on loopback.
pub async fn start() -> Gateway {
    Gateway::start(answer).await
}

/// The settings of a tenant that has an account there.
#[must_use]
pub fn provider(tenant: &TenantId, gateway: &Gateway) -> PhoneProvider {
    provider_with_token(tenant, gateway, TOKEN)
}

/// The same with another auth token.
#[must_use]
pub fn provider_with_token(tenant: &TenantId, gateway: &Gateway, token: &str) -> PhoneProvider {
    let configuration = PhoneProviderConfiguration::Twilio(TwilioConfiguration {
        sid: SID.to_owned(),
        default_from: Some(FROM.to_owned()),
        mssid: None,
        base_url: Some(gateway.url()),
    });
    let token = SecretText::new(token);
    PhoneProvider::new(
        tenant,
        configuration,
        DeliveryMethods::ALL,
        &token,
        &sealer(),
        &SystemRandom,
    )
    .expect("seals")
}

fn answer(request: &Received) -> (u16, String) {
    let refused = |status: u16, code: u32, message: &str| {
        let body = json!({ "code": code, "message": message, "status": status,
            "more_info": format!("https://www.twilio.com/docs/errors/{code}") });
        (status, body.to_string())
    };
    let basic = format!("Basic {}", STANDARD.encode(format!("{SID}:{TOKEN}")));
    if request.header("authorization") != basic {
        return refused(401, 20003, "Authenticate");
    }
    let root = format!("/2010-04-01/Accounts/{SID}/");
    let wanted = match request.path.strip_prefix(&root) {
        Some("Messages.json") => ["To", "From", "Body"],
        Some("Calls.json") => ["To", "From", "Twiml"],
        _ => return refused(404, 20404, "The requested resource was not found"),
    };
    if request.method != "POST" || wanted.iter().any(|name| request.field(name).is_none()) {
        return refused(400, 21604, "A required parameter is missing");
    }
    match request.field("To").as_deref() {
        Some(INVALID) => refused(400, 21211, "Invalid 'To' Phone Number"),
        Some(FORBIDDEN) => refused(400, 21408, "Permission to send has not been enabled"),
        Some(OUTAGE) => (503, "busy".to_owned()),
        _ => (201, json!({ "sid": "SM0", "status": "queued" }).to_string()),
    }
}
