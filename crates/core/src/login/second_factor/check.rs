//! Checking what somebody typed: under their lock, counted although the answer is an error, and
//! each code good once (contract 04 §11.2, §11.3).

use serde_json::{Map, json};

use super::{PendingCode, start::Person};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::{AuthenticationMethod, MethodKind, code, totp};
use crate::guard::stored::{self, Counter};
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
use crate::mfa::{Choice, Way};
use crate::port::Tx;
use crate::secret::HandleHash;
use crate::user::User;

/// What came of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    Right,
    Wrong,
    TooMany,
}

/// Whether somebody may try a code at all; what there is to try is looked at only then.
pub(super) async fn may_try(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
) -> Result<bool, Fault> {
    let decision = stored::look(app, tx, Counter::WrongCodes(&user.id), call.now).await?;
    if !decision.allowed {
        log(app, call, tx, user, LogKind::TooManyWrongCodes, None).await?;
    }
    Ok(decision.allowed)
}

/// Counts a wrong code.
pub(super) async fn count_wrong(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    way: Way,
) -> Result<(), Fault> {
    stored::take(app, tx, Counter::WrongCodes(&user.id), call.now).await?;
    log(app, call, tx, user, LogKind::ChallengeFailed, Some(way)).await
}

/// Checks a code for a second factor somebody has. The caller holds their lock and commits,
/// whatever came of it.
pub(super) async fn check_code(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    person: &Person,
    (choice, pending): (&Choice, Option<&PendingCode>),
    (transaction, typed): (&HandleHash, &str),
) -> Result<Checked, Fault> {
    let user = &person.user;
    if !may_try(app, call, tx, user).await? {
        return Ok(Checked::TooMany);
    }
    let mut used = person.method(choice).cloned();
    let right = match (choice.way, &mut used) {
        (Way::Otp, Some(method)) => claim_step(app, call, tx, method, typed).await?,
        (Way::Otp, None) => false,
        _ => pending.is_some_and(|sent| is_sent(app, call, transaction, sent, typed)),
    };
    if !right {
        count_wrong(app, call, tx, user, choice.way).await?;
        return Ok(Checked::Wrong);
    }
    if let Some(mut method) = used {
        method.last_auth_at = Some(call.now);
        tx.update_method(&method).await?;
    }
    log(app, call, tx, user, LogKind::ChallengePassed, Some(choice.way)).await?;
    Ok(Checked::Right)
}

/// Whether it is the code that was sent, in time.
pub(super) fn is_sent(
    app: &App,
    call: &Call,
    transaction: &HandleHash,
    sent: &PendingCode,
    typed: &str,
) -> bool {
    call.now < sent.expires_at
        && code::matches(call.tenant.id.as_str(), transaction, app.sealer(), typed, &sent.mac)
}

/// Whether the code is one of the app's, and its time step was never used; it is from now on.
async fn claim_step(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    method: &mut AuthenticationMethod,
    typed: &str,
) -> Result<bool, Fault> {
    let (user, id) = (&method.user_id, &method.id);
    let (MethodKind::Totp { sealed_secret, last_step }
    | MethodKind::PushNotification { sealed_secret, last_step }) = &mut method.kind
    else {
        return Ok(false);
    };
    let step = app_step(app, call, id, (sealed_secret, *last_step), typed)?;
    *last_step = step.or(*last_step);
    match step {
        Some(step) => Ok(tx.claim_totp_step(user, id, step).await?),
        None => Ok(false),
    }
}

/// The time step of an app's code.
pub(super) fn app_step(
    app: &App,
    call: &Call,
    id: &MethodId,
    (sealed_secret, last_step): (&[u8], Option<i64>),
    typed: &str,
) -> Result<Option<i64>, Fault> {
    totp::check(&call.tenant.id, id, sealed_secret, last_step, typed, call.now, app.sealer())
}

/// Writes what came of a challenge.
pub(super) async fn log(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    kind: LogKind,
    way: Option<Way>,
) -> Result<(), Fault> {
    let subject = LogSubject { user: Some(user), ..LogSubject::default() };
    let mut details = Map::new();
    if let Some(way) = way {
        details.insert("authenticator".into(), json!({ "type": way.as_str() }));
    }
    record(app, call, tx, kind, subject, details).await
}
