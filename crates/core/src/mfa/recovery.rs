//! Getting in with the code on paper: it works once, and another takes its place at once
//! (contract 04 §9.6).

use serde_json::Map;

use crate::account::notify::tell;
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::{AuthenticationMethod, FactorType, MethodKind, recovery_code};
use crate::guard::stored::{self, Counter};
use crate::id::UserId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::Happened;
use crate::port::{StoreError, Tx};
use crate::session::{MethodEvent, Usage};
use crate::user::User;

/// A code that was right.
#[derive(Debug)]
pub struct UsedRecoveryCode {
    /// The record of it.
    pub event: MethodEvent,
    /// The code that works from now on; shown once.
    pub replacement: String,
}

/// Why a code did not work.
#[derive(Debug)]
pub enum RecoveryError {
    /// It is wrong, used, or there is none.
    Wrong,
    /// Too many were wrong; seconds until one more may be tried.
    TooMany {
        /// Seconds.
        again_in: i64,
    },
    /// Not the client's fault.
    Fault(Fault),
}

impl From<Fault> for RecoveryError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for RecoveryError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Uses a person's recovery code up and replaces it. `typed` is read as people write such codes.
///
/// # Errors
/// See [`RecoveryError`]. A wrong code is counted before it is told.
pub async fn use_recovery_code(
    app: &App,
    call: &Call,
    user: &UserId,
    typed: &str,
) -> Result<UsedRecoveryCode, RecoveryError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let outcome = use_code(app, call, &mut *tx, user, typed).await;
    if !matches!(outcome, Err(RecoveryError::Fault(_))) {
        tx.commit().await?;
        app.nudge_outbox();
    }
    outcome
}

/// The same within a transaction that does more; it is to be committed whatever comes of the code.
pub(crate) async fn use_code(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &UserId,
    typed: &str,
) -> Result<UsedRecoveryCode, RecoveryError> {
    tx.lock_user(user).await?;
    let user = tx.user(user).await?.filter(|user| !user.blocked).ok_or(RecoveryError::Wrong)?;
    let counter = Counter::WrongRecoveryCodes(&user.id);
    let decision = stored::look(app, tx, counter, call.now).await?;
    if !decision.allowed {
        log(app, call, tx, &user, LogKind::TooManyWrongRecoveryCodes).await?;
        return Err(RecoveryError::TooMany { again_in: decision.retry_after });
    }
    let methods = tx.methods(&user.id).await?;
    let Some(replacement) = replace(app, call, tx, &user, &methods, typed).await? else {
        stored::take(app, tx, counter, call.now).await?;
        log(app, call, tx, &user, LogKind::RecoveryFailed).await?;
        return Err(RecoveryError::Wrong);
    };
    log(app, call, tx, &user, LogKind::RecoveryPassed).await?;
    let (usage, factor) = (Usage::Secondary, FactorType::RecoveryCode);
    Ok(UsedRecoveryCode { event: MethodEvent { usage, factor, at: call.now }, replacement })
}

/// The code that takes the place of the one typed, if that is right.
async fn replace(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    methods: &[AuthenticationMethod],
    typed: &str,
) -> Result<Option<String>, RecoveryError> {
    let tenant = &call.tenant.id;
    for method in methods.iter().filter(|method| method.confirmed) {
        let MethodKind::RecoveryCode { mac } = &method.kind else { continue };
        if !recovery_code::matches(tenant, &method.id, app.sealer(), typed, mac) {
            continue;
        }
        let new = recovery_code::begin(tenant, &method.id, app.sealer(), app.random());
        let MethodKind::RecoveryCode { mac: new_mac } = &new.kind else { continue };
        let (id, now) = (&method.id, call.now);
        if tx.replace_recovery_code(&user.id, id, mac, new_mac, now).await? {
            tell(app, call, tx, user, Happened::RecoveryCodeUsed, Some(id)).await?;
            return Ok(Some(new.code));
        }
    }
    Ok(None)
}

async fn log(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    kind: LogKind,
) -> Result<(), Fault> {
    let subject = LogSubject { user: Some(user), ..LogSubject::default() };
    record(app, call, tx, kind, subject, Map::new()).await
}
