//! A device answers.

use serde_json::Map;

use super::GuardianError;
use super::proof::verify;
use super::transaction::{Answer, PushTransaction};
use crate::app::App;
use crate::call::Call;
use crate::log::{LogKind, LogSubject, record};
use crate::secret::{Handle, HandleHash};

/// Below the base: the audience of what devices sign.
const ENDPOINT: &str = "/api/resolve-transaction";
/// The longest reason that is kept, in characters.
const MAX_REASON: usize = 256;

/// Takes a device's answer, once.
///
/// # Errors
/// See [`GuardianError`].
pub async fn resolve(
    app: &App,
    call: &Call,
    bearer: Option<&str>,
    challenge_response: &str,
) -> Result<(), GuardianError> {
    let token = Handle::presented(bearer.ok_or(GuardianError::InvalidToken)?).hash();
    let mut tx = app.write(&call.tenant.id).await?;
    let open = |transaction: &PushTransaction| transaction.answer(call.now) == Answer::Pending;
    let transaction = tx.push_transaction_by_token(&token).await?.filter(open);
    let transaction = transaction.ok_or(GuardianError::NoTransaction)?;
    let device = tx.push_device(&transaction.device_id).await?.and_then(|found| found.device);
    let device = device.ok_or(GuardianError::NoTransaction)?;
    let user = tx.user(&transaction.user_id).await?.ok_or(GuardianError::NoTransaction)?;
    let subject = LogSubject { user: Some(&user), ..LogSubject::default() };
    let claims = verify(call, challenge_response, &device.key, ENDPOINT).ok().filter(|claims| {
        claims.iss == device.identifier
            && HandleHash::of(claims.sub.as_bytes()).matches(&transaction.challenge)
            && claims.method.as_deref() == Some("push")
    });
    let Some((claims, accepted)) = claims.and_then(|own| own.accepted.map(|yes| (own, yes))) else {
        record(app, call, &mut *tx, LogKind::ChallengeFailed, subject, Map::new()).await?;
        tx.commit().await?;
        return Err(GuardianError::InvalidToken);
    };
    let reason = claims.reason.filter(|_| !accepted);
    let reason = reason.map(|text| text.chars().take(MAX_REASON).collect::<String>());
    if !tx.resolve_push_transaction(&token, accepted, reason.as_deref(), call.now).await? {
        return Err(GuardianError::NoTransaction);
    }
    let kind = if accepted { LogKind::ChallengePassed } else { LogKind::ChallengeRejected };
    record(app, call, &mut *tx, kind, subject, Map::new()).await?;
    Ok(tx.commit().await?)
}
