//! Push messages to a device that speaks the Guardian protocol (contract 04 §14). The same QR code
//! gives any authenticator app a secret, so that the device can also show codes.

use url::form_urlencoded;

use super::{MethodKind, totp};
use crate::error::Fault;
use crate::id::{MethodId, TenantId};
use crate::port::Random;
use crate::seal::Sealer;
use crate::secret::Handle;

/// Seconds a QR code can be used.
pub const TICKET_LIFETIME: i64 = 300;

/// A new enrolment.
#[derive(Debug)]
pub struct Begun {
    /// What the method keeps.
    pub kind: MethodKind,
    /// What lets one device enrol.
    pub ticket: Handle,
    /// `otpauth://…` for the QR code.
    pub barcode_uri: String,
}

/// A new ticket and secret for the method `id`; the app shows it as `issuer` and `account`, and
/// speaks to the server at `base`.
///
/// # Errors
/// If the secret cannot be sealed.
pub fn begin(
    tenant: &TenantId,
    id: &MethodId,
    (issuer, account): (&str, &str),
    base: &str,
    sealer: &Sealer,
    random: &dyn Random,
) -> Result<Begun, Fault> {
    let app = totp::begin(tenant, id, issuer, account, sealer, random)?;
    let MethodKind::Totp { sealed_secret, seen } = app.kind else {
        return Err(Fault::new("an authenticator app has a secret"));
    };
    let ticket = Handle::generate(random);
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("secret", app.manual_input_code.as_str()),
            ("enrollment_tx_id", ticket.expose()),
            ("issuer", issuer),
            ("id", id.as_str()),
            ("base_url", base),
            ("algorithm", "sha1"),
            ("digits", "6"),
            ("counter", "0"),
            ("period", "30"),
        ])
        .finish()
        // Apps read `+` as a plus sign.
        .replace('+', "%20");
    let (issuer, account) = (totp::percent_encode(issuer), totp::percent_encode(account));
    let barcode_uri = format!("otpauth://totp/{issuer}:{account}?{query}");
    let kind = MethodKind::PushNotification { sealed_secret, seen };
    Ok(Begun { kind, ticket, barcode_uri })
}
