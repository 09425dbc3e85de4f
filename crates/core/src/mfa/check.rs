//! Checking what somebody typed: under their lock, counted although the answer is an error, and
//! each code good once (contract 04 §11.2, §11.3).

use serde_json::{Map, json};

use super::person::Person;
use super::send::PendingCode;
use super::{Choice, Way};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::{AuthenticationMethod, MethodKind, code, totp};
use crate::guard::stored::{self, Counter};
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
use crate::port::Tx;
use crate::secret::HandleHash;
use crate::user::User;

/// What came of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    Right,
    Wrong,
    TooMany,
}

/// Whether somebody may try a code at all; what there is to try is looked at only then.
pub(crate) async fn may_try(
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
pub(crate) async fn count_wrong(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    way: Way,
) -> Result<(), Fault> {
    stored::take(app, tx, Counter::WrongCodes(&user.id), call.now).await?;
    log(app, call, tx, user, LogKind::ChallengeFailed, Some(way)).await
}

/// What a code is held against.
#[derive(Clone, Copy)]
pub(crate) enum Expected<'a> {
    /// The codes that one of these apps shows now.
    Shown(&'a [Choice]),
    /// The code that was sent, if one was.
    Sent {
        /// By which way.
        choice: &'a Choice,
        /// The code.
        code: Option<&'a PendingCode>,
        /// What it is good together with.
        handle: &'a HandleHash,
    },
}

impl Expected<'_> {
    fn way(&self) -> Way {
        match self {
            Self::Shown(_) => Way::Otp,
            Self::Sent { choice, .. } => choice.way,
        }
    }
}

/// Checks a code for a second factor somebody has. The caller holds their lock and commits,
/// whatever came of it.
pub(crate) async fn check_code(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    person: &Person,
    expected: Expected<'_>,
    typed: &str,
) -> Result<Checked, Fault> {
    let (user, way) = (&person.user, expected.way());
    if !may_try(app, call, tx, user).await? {
        return Ok(Checked::TooMany);
    }
    let right = match expected {
        Expected::Shown(choices) => {
            let methods = choices.iter().filter_map(|choice| person.method(choice));
            claim_step(app, call, tx, methods, typed).await?
        }
        Expected::Sent { choice, code: Some(code), handle }
            if is_sent(app, call, handle, code, typed) =>
        {
            if let Some(method) = person.method(choice) {
                let last_auth_at = Some(call.now);
                tx.update_method(&AuthenticationMethod { last_auth_at, ..method.clone() }).await?;
            }
            true
        }
        Expected::Sent { .. } => false,
    };
    if !right {
        count_wrong(app, call, tx, user, way).await?;
        return Ok(Checked::Wrong);
    }
    log(app, call, tx, user, LogKind::ChallengePassed, Some(way)).await?;
    Ok(Checked::Right)
}

/// Whether it is the code that was sent, in time.
pub(crate) fn is_sent(
    app: &App,
    call: &Call,
    transaction: &HandleHash,
    sent: &PendingCode,
    typed: &str,
) -> bool {
    call.now < sent.expires_at
        && code::matches(call.tenant.id.as_str(), transaction, app.sealer(), typed, &sent.mac)
}

/// Whether the code is one that one of the apps shows, and its time step was never used; it is from
/// now on.
async fn claim_step(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    methods: impl Iterator<Item = &AuthenticationMethod> + Send,
    typed: &str,
) -> Result<bool, Fault> {
    for method in methods {
        let mut used = method.clone();
        let (MethodKind::Totp { sealed_secret, seen }
        | MethodKind::PushNotification { sealed_secret, seen }) = &mut used.kind
        else {
            continue;
        };
        let checked = app_code(app, call, &method.id, (sealed_secret, *seen), typed)?;
        let Some((step, now)) = checked.and_then(|own| own.last_step.zip(Some(own))) else {
            continue;
        };
        if tx.claim_totp_step(&method.user_id, &method.id, step).await? {
            *seen = now;
            used.last_auth_at = Some(call.now);
            tx.update_method(&used).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is known after an app's code was presented, if it is one.
pub(crate) fn app_code(
    app: &App,
    call: &Call,
    id: &MethodId,
    known: (&[u8], totp::Seen),
    typed: &str,
) -> Result<Option<totp::Seen>, Fault> {
    totp::check(&call.tenant.id, id, known, typed, call.now, app.sealer())
}

/// Writes what came of a challenge.
pub(crate) async fn log(
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
