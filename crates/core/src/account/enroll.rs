//! `POST /authentication-methods`: begin an enrolment (contract 01 §4).

use serde_json::Map;

use super::admit::locked;
use super::factors::is_built;
use super::notify::record_success;
use super::{
    AccountError, Caller, Enrollment, Intent, MAX_METHODS, NewPasskey, SESSION_LIFETIME,
    UNCONFIRMED_LIFETIME, Violation, passkey,
};
use crate::app::App;
use crate::call::Call;
use crate::connection::Connection;
use crate::factor::password::PasswordPolicy;
use crate::factor::webauthn::CreationOptions;
use crate::factor::{
    AuthenticationMethod, FactorType, MethodKind, code, email, recovery_code, totp,
};
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::{Message, queue};
use crate::port::Tx;
use crate::secret::Handle;
use crate::user::User;

/// What to enrol.
#[derive(Clone, Debug)]
pub enum NewMethod {
    /// Codes by mail.
    Email {
        /// Where to.
        address: String,
    },
    /// Set or change the password.
    Password {
        /// Name of the connection.
        connection: Option<String>,
        /// The identity.
        identity_user_id: Option<String>,
    },
    /// A passkey.
    Passkey(NewPasskey),
    /// A recovery code.
    RecoveryCode,
    /// An authenticator app.
    Totp,
    /// A factor that cannot be enrolled here.
    Unavailable(FactorType),
}

impl NewMethod {
    fn factor(&self) -> FactorType {
        match self {
            Self::Email { .. } => FactorType::Email,
            Self::Password { .. } => FactorType::Password,
            Self::Passkey(_) => FactorType::Passkey,
            Self::RecoveryCode => FactorType::RecoveryCode,
            Self::Totp => FactorType::Totp,
            Self::Unavailable(factor) => *factor,
        }
    }
}

/// A begun enrolment.
#[derive(Debug)]
pub struct Enrolled {
    /// The id to verify: `{type}|{suffix}`.
    pub id: String,
    /// The session to verify with.
    pub auth_session: Handle,
    /// What the person must see.
    pub shown: Shown,
    /// Ids of unfinished methods that gave way.
    pub removed: Vec<String>,
}

/// What the person must see, per factor.
#[derive(Debug)]
pub enum Shown {
    /// Nothing: the code is on its way.
    Nothing,
    /// What the authenticator must be given.
    Passkey(Box<CreationOptions>),
    /// What a new password must satisfy.
    Policy(Box<PasswordPolicy>),
    /// The code, this once.
    RecoveryCode(String),
    /// The secret for the app.
    Totp {
        /// For the QR code.
        barcode_uri: String,
        /// For typing.
        manual_input_code: String,
    },
}

/// Begins an enrolment. The method, if it has a row, is listed unconfirmed from now on.
///
/// # Errors
/// See [`AccountError`].
pub async fn enroll(
    app: &App,
    call: &Call,
    caller: &Caller,
    new: NewMethod,
    intent: Intent,
) -> Result<Enrolled, AccountError> {
    let factor = new.factor();
    if !is_built(factor) || !call.tenant.settings.factors.allow(factor) {
        return Err(AccountError::FactorUnavailable(factor));
    }
    match new {
        NewMethod::Password { connection, identity_user_id } => {
            let (connection, identity) = (connection.as_deref(), identity_user_id.as_deref());
            begin_password(app, call, caller, connection, identity, intent).await
        }
        NewMethod::Email { address } => {
            let kind = email::begin(&address).ok_or_else(|| {
                AccountError::Invalid(vec![Violation::new(
                    "/email",
                    "data/email must match format \"email\"",
                )])
            })?;
            begin_stored(app, call, caller, factor, intent, |_| Ok((kind, Shown::Nothing))).await
        }
        NewMethod::Passkey(new) => passkey::begin(app, call, caller, new, intent).await,
        NewMethod::RecoveryCode => {
            begin_stored(app, call, caller, factor, intent, |id| {
                let begun = recovery_code::begin(&call.tenant.id, id, app.sealer(), app.random());
                Ok((begun.kind, Shown::RecoveryCode(begun.code)))
            })
            .await
        }
        NewMethod::Totp => {
            begin_stored(app, call, caller, factor, intent, |id| {
                let (issuer, account) = (call.tenant.friendly_name(), caller.account.user.label());
                let begun =
                    totp::begin(&call.tenant.id, id, issuer, account, app.sealer(), app.random())?;
                let shown = Shown::Totp {
                    barcode_uri: begun.barcode_uri,
                    manual_input_code: begun.manual_input_code,
                };
                Ok((begun.kind, shown))
            })
            .await
        }
        NewMethod::Unavailable(factor) => Err(AccountError::FactorUnavailable(factor)),
    }
}

async fn begin_password(
    app: &App,
    call: &Call,
    caller: &Caller,
    connection: Option<&str>,
    identity: Option<&str>,
    intent: Intent,
) -> Result<Enrolled, AccountError> {
    let user = &caller.account.user;
    let connection = own_identity(call, user, connection, identity)?;
    let policy = Box::new(connection.options.password.clone());
    let auth_session = Handle::generate(app.random());
    let mut tx = app.write(&call.tenant.id).await?;
    locked(call, &mut *tx, caller).await?;
    tx.void_enrollments(&user.id, FactorType::Password, None).await?;
    let enrollment = started(call, caller, &auth_session, FactorType::Password, None);
    tx.insert_enrollment(&enrollment).await?;
    record_success(app, call, &mut *tx, caller, "enroll", FactorType::Password, None).await?;
    intent.finish(app, tx).await?;
    let (id, shown) = ("password|new".to_owned(), Shown::Policy(policy));
    Ok(Enrolled { id, auth_session, shown, removed: Vec::new() })
}

/// The connection of the user's identity, if that is the one named.
pub(super) fn own_identity<'a>(
    call: &'a Call,
    user: &User,
    connection: Option<&str>,
    identity: Option<&str>,
) -> Result<&'a Connection, AccountError> {
    let own = call.tenant.connection(&user.connection_id).ok_or(AccountError::ForeignIdentity)?;
    let is_own = connection.is_none_or(|named| named == own.name)
        && identity.is_none_or(|named| named == user.identity_id() || named == user.id.as_str());
    if is_own { Ok(own) } else { Err(AccountError::ForeignIdentity) }
}

async fn begin_stored(
    app: &App,
    call: &Call,
    caller: &Caller,
    factor: FactorType,
    intent: Intent,
    make: impl FnOnce(&MethodId) -> Result<(MethodKind, Shown), AccountError>,
) -> Result<Enrolled, AccountError> {
    let auth_session = Handle::generate(app.random());
    let fresh = MethodId::generate(app.random());
    let (kind, shown) = make(&fresh)?;
    let mut tx = app.write(&call.tenant.id).await?;
    let stored = present_methods(call, caller, &mut *tx).await?;
    let (method, removed) = place_method(call, caller, &mut *tx, &stored, fresh, kind).await?;
    let mut enrollment = started(call, caller, &auth_session, factor, Some(method.id.clone()));
    if let MethodKind::Email { address } = &method.kind {
        send_code(app, call, &mut *tx, address, &mut enrollment).await?;
    }
    tx.insert_enrollment(&enrollment).await?;
    let subject = LogSubject {
        client: Some(&caller.client_id),
        user: Some(&caller.account.user),
        name: None,
    };
    record(app, call, &mut *tx, LogKind::EnrollmentStarted, subject, Map::new()).await?;
    record_success(app, call, &mut *tx, caller, "enroll", factor, Some(&method)).await?;
    intent.finish(app, tx).await?;
    Ok(Enrolled { id: method.full_id(), auth_session, shown, removed })
}

/// The person's methods as they are now, under the user's lock, long unconfirmed ones removed.
pub(super) async fn present_methods(
    call: &Call,
    caller: &Caller,
    tx: &mut dyn Tx,
) -> Result<Vec<AuthenticationMethod>, AccountError> {
    let account = locked(call, tx, caller).await?;
    let old = call.now.plus_seconds(-UNCONFIRMED_LIFETIME);
    tx.delete_unconfirmed_methods(caller.user_id(), old).await?;
    Ok(account.methods)
}

/// Stores the method unconfirmed. An earlier unconfirmed one for the same purpose gives way, and its
/// id is returned; one for the same mailbox is used again (contract 01 §4.6).
async fn place_method(
    call: &Call,
    caller: &Caller,
    tx: &mut dyn Tx,
    stored: &[AuthenticationMethod],
    id: MethodId,
    kind: MethodKind,
) -> Result<(AuthenticationMethod, Vec<String>), AccountError> {
    let factor = kind.factor();
    let same = stored.iter().filter(|method| same_target(&method.kind, &kind));
    let (confirmed, unfinished): (Vec<_>, Vec<_>) = same.partition(|method| method.confirmed);
    let is_email = matches!(kind, MethodKind::Email { .. });
    if is_email && !confirmed.is_empty() {
        return Err(AccountError::AlreadyEnrolled);
    }
    for method in &unfinished {
        tx.void_enrollments(caller.user_id(), factor, Some(&method.id)).await?;
    }
    if let (true, Some(again)) = (is_email, unfinished.first()) {
        return Ok(((*again).clone(), Vec::new()));
    }
    for method in &unfinished {
        tx.delete_method(caller.user_id(), &method.id).await?;
    }
    require_room(caller, stored.len() - unfinished.len())?;
    let method = AuthenticationMethod {
        id,
        user_id: caller.user_id().clone(),
        kind,
        name: None,
        confirmed: false,
        created_at: call.now,
        last_auth_at: None,
    };
    tx.insert_method(&method).await?;
    Ok((method, unfinished.into_iter().map(AuthenticationMethod::full_id).collect()))
}

/// Whether one more method may join `stored` others and the password.
pub(super) fn require_room(caller: &Caller, stored: usize) -> Result<(), AccountError> {
    let others = stored + usize::from(caller.account.password.is_some());
    if others < MAX_METHODS { Ok(()) } else { Err(AccountError::TooMany) }
}

fn same_target(stored: &MethodKind, new: &MethodKind) -> bool {
    match (stored, new) {
        (MethodKind::Email { address: stored }, MethodKind::Email { address: new }) => {
            email::same_mailbox(stored, new)
        }
        _ => stored.factor() == new.factor(),
    }
}

pub(super) fn started(
    call: &Call,
    caller: &Caller,
    auth_session: &Handle,
    factor: FactorType,
    method_id: Option<MethodId>,
) -> Enrollment {
    Enrollment {
        handle: auth_session.hash(),
        user_id: caller.user_id().clone(),
        client_id: caller.client_id.clone(),
        factor,
        method_id,
        code_mac: None,
        created_at: call.now,
        expires_at: call.now.plus_seconds(SESSION_LIFETIME),
        attempts: 0,
        completed_at: None,
    }
}

async fn send_code(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    address: &str,
    enrollment: &mut Enrollment,
) -> Result<(), AccountError> {
    let sent =
        code::generate(call.tenant.id.as_str(), &enrollment.handle, app.sealer(), app.random());
    enrollment.code_mac = Some(sent.mac);
    enrollment.expires_at = call.now.plus_seconds(code::LIFETIME);
    let message =
        Message::EnrollmentCode { code: sent.code, tenant: call.tenant.friendly_name().to_owned() };
    queue(app, call, tx, address, &message, enrollment.expires_at).await?;
    Ok(())
}
