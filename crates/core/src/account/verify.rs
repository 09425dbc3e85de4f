//! `POST …/{id}/verify`: finish an enrolment with a proof (contract 01 §4.3).

use serde_json::Map;

use super::admit::locked;
use super::first_factor::count_first;
use super::notify::{record_success, tell};
use super::verify_push;
use super::ways_in::{Change, Credential, CredentialKey, WaysIn, decide};
use super::{AccountError, Caller, Enrollment, Intent, Listed, MAX_ATTEMPTS, MethodRef, passkey};
use crate::app::App;
use crate::call::Call;
use crate::factor::webauthn::RegistrationResponse;
use crate::factor::{AuthenticationMethod, FactorType, MethodKind, code, totp};
use crate::guard::stored::{self, Counter};
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::Happened;
use crate::port::{Account, Tx};
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
    /// The new passkey.
    Passkey(Box<RegistrationResponse>),
    /// The person says so.
    Word,
}

/// A finished enrolment.
#[derive(Debug)]
pub struct Verified {
    /// The method as it is listed from now on.
    pub method: Listed,
    /// Ids of methods whose place it took.
    pub removed: Vec<String>,
    /// Whoever was signed in elsewhere is so no more.
    pub ends_other_sessions: bool,
}

/// Finishes an enrolment; exactly one call with the right proof succeeds.
///
/// Asking about it leaves a code unchecked, be it right or wrong: one that can be tried without being
/// counted could be guessed. A new password is held against its policy, a passkey's answer checked.
///
/// # Errors
/// See [`AccountError`]. A wrong proof is counted before it is told.
pub async fn verify(
    app: &App,
    call: &Call,
    caller: &Caller,
    segment: &str,
    verification: Verification,
    intent: Intent,
) -> Result<Verified, AccountError> {
    let target = MethodRef::parse(segment).ok_or(AccountError::NotFound)?;
    let auth_session = &verification.auth_session;
    if target.factor == FactorType::Password && target.suffix == MethodRef::NEW {
        let Proof::NewPassword(password) = verification.proof else {
            return Err(AccountError::NotFound);
        };
        return confirm_password(app, call, caller, &target, auth_session, &password, intent).await;
    }
    if target.factor == FactorType::Passkey && target.suffix == MethodRef::NEW {
        let Proof::Passkey(response) = verification.proof else {
            return Err(AccountError::NotFound);
        };
        return passkey::confirm(app, call, caller, &target, auth_session, *response, intent).await;
    }
    let method = target.find_method(&caller.account).ok_or(AccountError::NotFound)?;
    if method.kind.credential().is_some() {
        // Nothing to verify: credentials are stored once they are proved.
        return Err(AccountError::NotFound);
    }
    if target.factor == FactorType::PushNotification {
        return verify_push::confirm(app, call, caller, &target, auth_session, intent).await;
    }
    confirm_method(app, call, caller, &target, auth_session, &verification.proof, intent).await
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
    intent: Intent,
) -> Result<Verified, AccountError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let account = locked(call, &mut *tx, caller).await?;
    let enrollment = own_enrollment(call, &mut *tx, caller, target, auth_session).await?;
    let mut method = account
        .methods
        .iter()
        .find(|method| Some(&method.id) == enrollment.method_id.as_ref())
        .cloned()
        .ok_or(AccountError::NotFound)?;
    // Whoever enrols an app knows its secret; a code that was sent has to be guessed.
    let was_sent = matches!(method.kind, MethodKind::Email { .. } | MethodKind::Phone { .. });
    let guess = was_sent.then(|| Counter::WrongCodes(caller.user_id()));
    if let Some(guess) = guess
        && intent == Intent::Do
        && !stored::look(app, &mut *tx, guess, call.now).await?.allowed
    {
        let (kind, subject) = (LogKind::TooManyWrongCodes, subject(caller));
        record(app, call, &mut *tx, kind, subject, Map::new()).await?;
        tx.commit().await?;
        return Err(AccountError::TooManyAttempts);
    }
    if intent == Intent::Do
        && !is_proved(app, call, &enrollment, &mut method.kind, &method.id, proof)?
    {
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
    let removed = take_place(call, &mut *tx, &account, &method).await?;
    if !tx.update_method(&method).await? {
        return Err(AccountError::NotFound);
    }
    count_first(call, &mut *tx, caller, &account, &method).await?;
    record(app, call, &mut *tx, LogKind::EnrollmentComplete, subject(caller), Map::new()).await?;
    record_success(app, call, &mut *tx, caller, "verify", factor, Some(&method)).await?;
    let happened = match factor {
        FactorType::RecoveryCode if !removed.is_empty() => Happened::RecoveryCodeReplaced,
        factor => Happened::MethodAdded(factor),
    };
    tell(app, call, &mut *tx, &caller.account.user, happened, Some(&method.id)).await?;
    intent.finish(app, tx).await?;
    Ok(Verified { method: Listed::Method(method), removed, ends_other_sessions: false })
}

/// Removes what the confirmed method replaces: there is one recovery code per person, and the older
/// one worked until now (contract 01 §4.6). Returns the ids of what goes.
async fn take_place(
    call: &Call,
    tx: &mut dyn Tx,
    account: &Account,
    method: &AuthenticationMethod,
) -> Result<Vec<String>, AccountError> {
    let replaced = |own: &&AuthenticationMethod| {
        method.kind.factor() == FactorType::RecoveryCode
            && own.kind.factor() == FactorType::RecoveryCode
            && own.id != method.id
    };
    let older = account.methods.iter().filter(replaced);
    let change = Change::replacement(
        older.map(|own| CredentialKey::Method(own.id.clone())).collect(),
        Credential::of(&call.tenant, method),
    );
    let gone = decide(&WaysIn::of(call, account), &change)?;
    let goes = |own: &&AuthenticationMethod| gone.contains(&CredentialKey::Method(own.id.clone()));
    let mut removed = Vec::new();
    for own in account.methods.iter().filter(goes) {
        tx.delete_method(&own.user_id, &own.id).await?;
        removed.push(own.full_id());
    }
    Ok(removed)
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
        (MethodKind::Totp { sealed_secret, seen }, Proof::Code(code)) => {
            let known = (sealed_secret.as_slice(), *seen);
            let checked = totp::check(tenant, id, known, code, call.now, app.sealer())?;
            // The code that confirms counts as used (contract 04 §11.2).
            *seen = checked.unwrap_or(*seen);
            checked.is_some()
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

async fn confirm_password(
    app: &App,
    call: &Call,
    caller: &Caller,
    target: &MethodRef,
    auth_session: &Handle,
    password: &str,
    intent: Intent,
) -> Result<Verified, AccountError> {
    let user = &caller.account.user;
    // Only an open enrolment is worth hashing for; whether it still is, is decided below.
    let mut tx = app.read(&call.tenant.id).await?;
    let enrollment = own_enrollment(call, &mut *tx, caller, target, auth_session).await?;
    drop(tx);
    let new =
        NewPassword::check(app, call, user, password).await?.map_err(AccountError::WeakPassword)?;
    let mut tx = app.write(&call.tenant.id).await?;
    let before = locked(call, &mut *tx, caller).await?;
    complete(call, &mut *tx, &enrollment).await?;
    let ways = WaysIn::of(call, &before);
    decide(&ways, &Change::replacement(vec![CredentialKey::Password], Credential::password()))?;
    store_password(app, call, &mut *tx, user, &new, Some(&caller.family_id)).await?;
    record_success(app, call, &mut *tx, caller, "verify", FactorType::Password, None).await?;
    let account = tx.account(&user.id, &caller.family_id).await?;
    intent.finish(app, tx).await?;
    let listed = account.and_then(|(account, _)| Listed::password(&account));
    let method = listed.ok_or(AccountError::NotFound)?;
    Ok(Verified { method, removed: Vec::new(), ends_other_sessions: true })
}
