//! A device reads what it is to approve (contract 04 §14.6).

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Map;

use super::proof::{is_recent, signed};
use super::transaction::{Answer, PushTransaction, RichConsent};
use super::{DeviceKey, GuardianError};
use crate::app::App;
use crate::call::Call;
use crate::log::{LogKind, LogSubject, record};
use crate::secret::{Handle, constant_time_eq};

#[derive(Clone, Deserialize)]
struct Proof {
    htm: String,
    htu: String,
    ath: String,
    jti: String,
    iat: i64,
}

/// The details called `id`, for the device that was asked; `url` is the one it called.
///
/// # Errors
/// See [`GuardianError`].
pub async fn rich_consent(
    app: &App,
    call: &Call,
    id: &str,
    url: &str,
    token: Option<&str>,
    proof: Option<&str>,
) -> Result<(RichConsent, PushTransaction), GuardianError> {
    let (Some(token), Some(proof)) = (token, proof) else {
        return Err(GuardianError::InvalidToken);
    };
    let mut tx = app.read(&call.tenant.id).await?;
    let found = tx.push_transaction_by_token(&Handle::presented(token).hash()).await?;
    let transaction = found.ok_or(GuardianError::NoTransaction)?;
    let device = tx.push_device(&transaction.device_id).await?.and_then(|found| found.device);
    let device = device.ok_or(GuardianError::NoTransaction)?;
    drop(tx);
    if check(call, url, token, proof, &device.key).is_err() {
        log_refusal(app, call, &transaction).await?;
        return Err(GuardianError::InvalidToken);
    }
    let consent = transaction.consent.clone().filter(|consent| consent.id.as_str() == id);
    match (transaction.answer(call.now), consent) {
        (Answer::Pending | Answer::Accepted, Some(consent)) => Ok((consent, transaction)),
        _ => Err(GuardianError::NoConsent),
    }
}

/// The proof is signed with the key the device enrolled, whatever key its header shows.
fn check(
    call: &Call,
    url: &str,
    token: &str,
    proof: &str,
    key: &DeviceKey,
) -> Result<(), GuardianError> {
    let claims: Proof = signed(proof, key, Some("dpop+jwt"))?;
    let hash = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, token.as_bytes()));
    let good = claims.htm == "GET"
        && claims.htu.split(['?', '#']).next() == Some(url)
        && constant_time_eq(claims.ath.as_bytes(), hash.as_bytes())
        && !claims.jti.is_empty()
        && is_recent(claims.iat, call.now);
    if good { Ok(()) } else { Err(GuardianError::InvalidToken) }
}

async fn log_refusal(
    app: &App,
    call: &Call,
    transaction: &PushTransaction,
) -> Result<(), GuardianError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let user = tx.user(&transaction.user_id).await?;
    let subject = LogSubject { user: user.as_ref(), ..LogSubject::default() };
    record(app, call, &mut *tx, LogKind::RichConsentRefused, subject, Map::new()).await?;
    Ok(tx.commit().await?)
}
