//! Logout tokens to applications (OpenID Connect Back-Channel Logout 1.0 §2.5).

use std::time::Duration;

use housekey_core::port::{DeliveryError, OutgoingMessage};
use housekey_core::secret::SecretText;

use crate::http::{self, Http};

/// How long an application may take (contract 03 §11.7).
const TIMEOUT: Duration = Duration::from_secs(5);

/// Posts the token to where the message goes.
pub(crate) async fn deliver(
    http: &Http,
    message: &OutgoingMessage,
    token: &SecretText,
) -> Result<(), DeliveryError> {
    // The three parts of a token need no escaping in a form.
    let request = http
        .post(&message.to)?
        .timeout(TIMEOUT)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("logout_token={}", token.expose()));
    let answer = http::send(request).await?;
    let text = format!("the application answered {}", answer.status);
    match answer.status {
        200 | 204 => Ok(()),
        // It says that the request is wrong, which the next would be, too.
        400 => Err(DeliveryError::Permanent(text)),
        _ => Err(DeliveryError::Transient(text)),
    }
}
