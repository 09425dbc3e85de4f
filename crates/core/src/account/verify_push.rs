//! Finishing the enrolment of a device for push messages: the device did what counts, and the
//! person's screen asks again and again whether it has (contract 01 §4.3).

use super::admit::locked;
use super::first_factor::count_first;
use super::notify::record_success;
use super::verify::{Verified, complete, own_enrollment};
use super::{AccountError, Caller, Intent, Listed, MethodRef};
use crate::app::App;
use crate::call::Call;
use crate::secret::Handle;

/// Finishes the enrolment if the device has enrolled. That it has not is no wrong proof.
pub(super) async fn confirm(
    app: &App,
    call: &Call,
    caller: &Caller,
    target: &MethodRef,
    auth_session: &Handle,
    intent: Intent,
) -> Result<Verified, AccountError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let account = locked(call, &mut *tx, caller).await?;
    let enrollment = own_enrollment(call, &mut *tx, caller, target, auth_session).await?;
    let method = account
        .methods
        .iter()
        .find(|method| Some(&method.id) == enrollment.method_id.as_ref())
        .cloned()
        .ok_or(AccountError::NotFound)?;
    let found = tx.push_device(&method.id).await?.ok_or(AccountError::NotFound)?;
    if found.device.is_none() {
        let is_late = call.now >= found.ticket.expires_at;
        return Err(if is_late { AccountError::Expired } else { AccountError::Pending });
    }
    complete(call, &mut *tx, &enrollment).await?;
    count_first(call, &mut *tx, caller, &account, &method).await?;
    record_success(app, call, &mut *tx, caller, "verify", target.factor, Some(&method)).await?;
    intent.finish(app, tx).await?;
    let removed = Vec::new();
    Ok(Verified { method: Listed::Method(method), removed, ends_other_sessions: false })
}
