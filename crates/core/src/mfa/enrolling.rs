//! Finishing the enrolment of a second factor at the token endpoint (contract 04 §4.2, §5).

use super::check::{app_code, count_wrong, is_sent, may_try};
use super::enrolled::announce;
use super::waiting::Waiting;
use super::{Enrolling, Has, Origin, PendingCode, SecondFactors, Way};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::phone::PhoneChannel;
use crate::factor::{AuthenticationMethod, FactorType, MethodKind};
use crate::guardian::Answer;
use crate::id::MethodId;
use crate::secret::HandleHash;

/// The code that is to prove a new factor.
#[derive(Clone, Copy)]
pub(crate) enum Code<'a> {
    /// One that the new app shows.
    Shown(&'a str),
    /// The one that was sent to the new mailbox or phone.
    Sent {
        /// What was sent.
        code: Option<&'a PendingCode>,
        /// What it is good together with.
        handle: &'a HandleHash,
        /// As typed.
        typed: &'a str,
    },
}

/// What came of it.
#[derive(Clone, Copy)]
pub(crate) enum Confirmed {
    /// The factor counts from now on, and so does this use of it.
    Done(FactorType),
    /// Another one was enrolled meanwhile; it is that one which is to be given.
    Elsewhere,
    /// The new factor is gone.
    Gone,
    /// Too many wrong codes.
    TooMany,
    /// The code is wrong.
    Wrong,
}

/// Whether the person may still enrol with what waits: whoever has a second factor gives that one,
/// or shows by a token that they gave it.
fn may_enroll(call: &Call, waiting: &Waiting, new: &Enrolling) -> bool {
    let Waiting { transaction, person, .. } = waiting;
    let others: Vec<_> =
        person.methods.iter().filter(|own| own.id != new.method).cloned().collect();
    matches!(transaction.state.origin, Origin::Enrollment { .. })
        || matches!(SecondFactors::of(call, &person.user, &others).class(call), Has::Nothing { .. })
}

/// Takes the code that proves a new factor.
pub(crate) async fn confirm(
    app: &App,
    call: &Call,
    waiting: &mut Waiting,
    new: &Enrolling,
    code: Code<'_>,
) -> Result<Confirmed, Fault> {
    if !may_enroll(call, waiting, new) {
        return Ok(Confirmed::Elsewhere);
    }
    let Some(method) = unconfirmed(waiting, &new.method) else { return Ok(Confirmed::Gone) };
    if !may_try(app, call, &mut *waiting.tx, &waiting.person.user).await? {
        return Ok(Confirmed::TooMany);
    }
    let Some(kind) = proved(app, call, &method, code)? else {
        let (tx, user) = (&mut *waiting.tx, &waiting.person.user);
        count_wrong(app, call, tx, user, way(&method.kind)).await?;
        return Ok(Confirmed::Wrong);
    };
    let factor = kind.factor();
    count(app, call, waiting, AuthenticationMethod { kind, ..method }).await?;
    count_recovery_code(app, call, waiting, new).await?;
    Ok(Confirmed::Done(factor))
}

/// Looks whether the new device has enrolled; none if it is gone. From then on the recovery code
/// that came with it counts, too.
pub(crate) async fn device_enrolled(
    app: &App,
    call: &Call,
    waiting: &mut Waiting,
    new: &Enrolling,
) -> Result<Option<Answer>, Fault> {
    let Some(found) = waiting.tx.push_device(&new.method).await? else { return Ok(None) };
    if found.device.is_none() {
        let is_late = call.now >= found.ticket.expires_at;
        return Ok(Some(if is_late { Answer::Gone } else { Answer::Pending }));
    }
    if !may_enroll(call, waiting, new) {
        return Ok(None);
    }
    count_recovery_code(app, call, waiting, new).await?;
    Ok(Some(Answer::Accepted))
}

fn unconfirmed(waiting: &Waiting, id: &MethodId) -> Option<AuthenticationMethod> {
    waiting.person.methods.iter().find(|own| own.id == *id && !own.confirmed).cloned()
}

fn way(kind: &MethodKind) -> Way {
    match kind {
        MethodKind::Email { .. } => Way::Email,
        MethodKind::Phone { channel: PhoneChannel::Voice, .. } => Way::Voice,
        MethodKind::Phone { .. } => Way::Sms,
        _ => Way::Otp,
    }
}

/// The method after the code that proves it, if it does.
fn proved(
    app: &App,
    call: &Call,
    method: &AuthenticationMethod,
    code: Code<'_>,
) -> Result<Option<MethodKind>, Fault> {
    Ok(match (&method.kind, code) {
        (MethodKind::Totp { sealed_secret, seen }, Code::Shown(typed)) => {
            // The code that confirms counts as used (contract 04 §11.2).
            let seen = app_code(app, call, &method.id, (sealed_secret, *seen), typed)?;
            let sealed_secret = sealed_secret.clone();
            seen.map(|seen| MethodKind::Totp { sealed_secret, seen })
        }
        (
            MethodKind::Email { .. } | MethodKind::Phone { .. },
            Code::Sent { code, handle, typed },
        ) => code
            .is_some_and(|sent| is_sent(app, call, handle, sent, typed))
            .then(|| method.kind.clone()),
        _ => None,
    })
}

async fn count_recovery_code(
    app: &App,
    call: &Call,
    waiting: &mut Waiting,
    new: &Enrolling,
) -> Result<(), Fault> {
    let code = new.recovery_code.as_ref().and_then(|id| unconfirmed(waiting, id));
    match code {
        Some(code) => count(app, call, waiting, code).await,
        None => Ok(()),
    }
}

/// From now on the method counts.
async fn count(
    app: &App,
    call: &Call,
    waiting: &mut Waiting,
    method: AuthenticationMethod,
) -> Result<(), Fault> {
    let is_paper = method.kind.factor() == FactorType::RecoveryCode;
    let last_auth_at = (!is_paper).then_some(call.now);
    let method = AuthenticationMethod { confirmed: true, last_auth_at, ..method };
    waiting.tx.update_method(&method).await?;
    announce(app, call, &mut *waiting.tx, &waiting.person, &method).await
}
