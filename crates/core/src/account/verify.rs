//! `POST …/{id}/verify`: finish an enrolment with a proof (contract 01 §4.3).

use serde_json::Map;

use super::notify::{record_success, tell};
use super::{AccountError, Caller, Enrollment, Listed, MAX_ATTEMPTS, MethodRef};
use crate::app::App;
use crate::call::Call;
use crate::factor::{AuthenticationMethod, FactorType, MethodKind, code, totp};
use crate::guard::stored::{self, Counter};
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::Happened;
use crate::port::Tx;
use crate::secret::Handle;
use crate::user::password::{NewPassword, store_password};

/// What was posted.
#[derive(Debug)]
pub struct Verification {
    /// The session the enrolment began with.
    pub auth_session: Handle,
    /// What is proved.
    pub proof: Proof,
}

/// The proof of a factor.
#[derive(Debug)]
pub enum Proof {
    /// A code: from an app, or sent.
    Code(String),
    /// The new password.
    NewPassword(String),
    /// The person says so.
    Word,
}

/// Finishes an enrolment; exactly one call with the right proof succeeds.
///
/// # Errors
/// See [`AccountError`]. A wrong proof is counted before it is told.
pub async fn verify(
    app: &App,
    call: &Call,
    caller: &Caller,
    segment: &str,
    verification: Verification,
) -> Result<Listed, AccountError> {
    let target = MethodRef::parse(segment).ok_or(AccountError::NotFound)?;
    let auth_session = &verification.auth_session;
    if target.factor == FactorType::Password && target.suffix == MethodRef::NEW {
        let Proof::NewPassword(password) = verification.proof else {
            return Err(AccountError::NotFound);
        };
        return confirm_password(app, call, caller, &target, auth_session, &password).await;
    }
    target.find_method(&caller.account).ok_or(AccountError::NotFound)?;
    if target.factor == FactorType::PushNotification {
        return super::verify_push::confirm(app, call, caller, &target, auth_session).await;
    }
    confirm_method(app, call, caller, &target, auth_session, &verification.proof).await
}

/// The enrolment behind the `auth_session`, if it is this caller's for this method and still open.
pub(super) async fn own_enrollment(
    call: &Call,
    tx: &mut dyn Tx,
    caller: &Caller,
    target: &MethodRef,
    auth_session: &Handle,
) -> Result<Enrollment, AccountError> {
    let enrollment = tx.enrollment(&auth_session.hash()).await?.ok_or(AccountError::Expired)?;
    let suffix = enrollment.method_id.as_ref().map_or(MethodRef::NEW, |id| id.as_str());
    let is_own = enrollment.user_id == *caller.user_id()
        && enrollment.client_id == caller.client_id
        && enrollment.factor == target.factor
        && suffix == target.suffix;
    if !is_own {
        return Err(AccountError::Expired);
    }
    if enrollment.completed_at.is_some() {
        return Err(AccountError::AlreadyVerified);
    }
    if enrollment.attempts >= MAX_ATTEMPTS {
        return Err(AccountError::TooManyAttempts);
    }
    if call.now >= enrollment.expires_at {
        return Err(AccountError::Expired);
    }
    Ok(enrollment)
}

/// Checks and confirms under the user's lock, so that guesses sent at once are counted one by one.
async fn confirm_method(
    app: &App,
    call: &Call,
    caller: &Caller,
    target: &MethodRef,
    auth_session: &Handle,
    proof: &Proof,
) -> Result<Listed, AccountError> {
    let mut tx = app.write(&call.tenant.id).await?;
    tx.lock_user(caller.user_id()).await?;
    let enrollment = own_enrollment(call, &mut *tx, caller, target, auth_session).await?;
    let methods = tx.methods(caller.user_id()).await?;
    let mut method = methods
        .into_iter()
        .find(|method| Some(&method.id) == enrollment.method_id.as_ref())
        .ok_or(AccountError::NotFound)?;
    // Whoever enrols an app knows its secret; a code that was sent has to be guessed.
    let was_sent = matches!(method.kind, MethodKind::Email { .. } | MethodKind::Phone { .. });
    let guess = was_sent.then(|| Counter::WrongCodes(caller.user_id()));
    if let Some(guess) = guess
        && !stored::look(app, &mut *tx, guess, call.now).await?.allowed
    {
        let (kind, subject) = (LogKind::TooManyWrongCodes, subject(caller));
        record(app, call, &mut *tx, kind, subject, Map::new()).await?;
        tx.commit().await?;
        return Err(AccountError::TooManyAttempts);
    }
    if !is_proved(app, call, &enrollment, &mut method.kind, &method.id, proof)? {
        tx.count_failed_enrollment(&enrollment.handle).await?;
        if let Some(guess) = guess {
            stored::take(app, &mut *tx, guess, call.now).await?;
        }
        tx.commit().await?;
        return Err(AccountError::WrongCode);
    }
    complete(call, &mut *tx, &enrollment).await?;
    method.confirmed = true;
    let factor = method.kind.factor();
    if factor == FactorType::RecoveryCode {
        remove_older_recovery_codes(&mut *tx, &method).await?;
    }
    if !tx.update_method(&method).await? {
        return Err(AccountError::NotFound);
    }
    record(app, call, &mut *tx, LogKind::EnrollmentComplete, subject(caller), Map::new()).await?;
    record_success(app, call, &mut *tx, caller, "verify", factor, Some(&method)).await?;
    tell(app, call, &mut *tx, &caller.account.user, Happened::MethodAdded(factor)).await?;
    tx.commit().await?;
    app.nudge_outbox();
    Ok(Listed::Method(method))
}

fn subject(caller: &Caller) -> LogSubject<'_> {
    LogSubject { client: Some(&caller.client_id), user: Some(&caller.account.user), name: None }
}

fn is_proved(
    app: &App,
    call: &Call,
    enrollment: &Enrollment,
    kind: &mut MethodKind,
    id: &MethodId,
    proof: &Proof,
) -> Result<bool, AccountError> {
    let tenant = &call.tenant.id;
    Ok(match (kind, proof) {
        (MethodKind::Totp { sealed_secret, last_step }, Proof::Code(code)) => {
            let step =
                totp::check(tenant, id, sealed_secret, *last_step, code, call.now, app.sealer())?;
            // The code that confirms counts as used (contract 04 §11.2).
            *last_step = step.or(*last_step);
            step.is_some()
        }
        (MethodKind::Email { .. } | MethodKind::Phone { .. }, Proof::Code(code)) => {
            enrollment.code_mac.as_deref().is_some_and(|mac| {
                code::matches(tenant.as_str(), &enrollment.handle, app.sealer(), code, mac)
            })
        }
        (MethodKind::RecoveryCode { .. }, Proof::Word) => true,
        _ => false,
    })
}

pub(super) async fn complete(
    call: &Call,
    tx: &mut dyn Tx,
    enrollment: &Enrollment,
) -> Result<(), AccountError> {
    // Somebody may have finished, failed or voided it since it was read.
    if tx.complete_enrollment(&enrollment.handle, MAX_ATTEMPTS, call.now).await? {
        return Ok(());
    }
    Err(match tx.enrollment(&enrollment.handle).await? {
        Some(now) if now.completed_at.is_some() => AccountError::AlreadyVerified,
        Some(now) if now.attempts >= MAX_ATTEMPTS => AccountError::TooManyAttempts,
        _ => AccountError::Expired,
    })
}

/// One recovery code per person: the older one worked until now.
async fn remove_older_recovery_codes(
    tx: &mut dyn Tx,
    new: &AuthenticationMethod,
) -> Result<(), AccountError> {
    for method in tx.methods(&new.user_id).await? {
        if method.kind.factor() == FactorType::RecoveryCode && method.id != new.id {
            tx.delete_method(&new.user_id, &method.id).await?;
        }
    }
    Ok(())
}

async fn confirm_password(
    app: &App,
    call: &Call,
    caller: &Caller,
    target: &MethodRef,
    auth_session: &Handle,
    password: &str,
) -> Result<Listed, AccountError> {
    let user = &caller.account.user;
    // Only an open enrolment is worth hashing for; whether it still is, is decided below.
    let mut tx = app.read(&call.tenant.id).await?;
    let enrollment = own_enrollment(call, &mut *tx, caller, target, auth_session).await?;
    drop(tx);
    let new =
        NewPassword::check(app, call, user, password).await?.map_err(AccountError::WeakPassword)?;
    let mut tx = app.write(&call.tenant.id).await?;
    tx.lock_user(&user.id).await?;
    complete(call, &mut *tx, &enrollment).await?;
    store_password(app, call, &mut *tx, user, &new, Some(&caller.family_id)).await?;
    record_success(app, call, &mut *tx, caller, "verify", FactorType::Password, None).await?;
    let account = tx.account(&user.id, &caller.family_id).await?;
    tx.commit().await?;
    app.nudge_outbox();
    account.and_then(|(account, _)| Listed::password(&account)).ok_or(AccountError::NotFound)
}
