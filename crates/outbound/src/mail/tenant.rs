//! Mail through a tenant's own server. Its address comes from the tenant's settings, so it is
//! guarded like every other: resolved here, checked, and the connection is made to what was checked.

use housekey_core::port::{DeliveryError, OutgoingMessage, SmtpRoute};
use lettre::AsyncTransport;
use secrecy::SecretString;

use super::{Security, SmtpSettings, compose, outcome, transport};
use crate::http;

/// The port of mail under TLS from the first byte (RFC 8314 §7.3).
const IMPLICIT_TLS: u16 = 465;

/// Sends one mail. `allow_private` lets the server be on the operator's own network.
pub(crate) async fn deliver(
    message: &OutgoingMessage,
    route: &SmtpRoute,
    allow_private: bool,
) -> Result<(), DeliveryError> {
    let from = route.from.as_deref().and_then(|from| from.parse().ok()).ok_or_else(|| {
        DeliveryError::Unconfigured("the tenant's mail provider has no sender".to_owned())
    })?;
    let address = http::resolve(&route.host, route.port, allow_private).await?;
    let security = if route.port == IMPLICIT_TLS { Security::Implicit } else { Security::Starttls };
    let credentials = route
        .credentials
        .as_ref()
        .map(|(user, password)| (user.clone(), SecretString::from(password.expose().to_owned())));
    let settings = SmtpSettings {
        host: route.host.clone(),
        port: route.port,
        security,
        ca_certificate: None,
        credentials,
        from: route.from.clone().unwrap_or_default(),
    };
    let transport = transport::build_at(&settings, &address.ip().to_string())
        .map_err(|error| DeliveryError::Unconfigured(error.to_string()))?;
    let mail = compose::mail(message, &from, compose::Sender::Own)?;
    transport.send(mail).await.map(drop).map_err(|error| outcome::of(&error))
}
