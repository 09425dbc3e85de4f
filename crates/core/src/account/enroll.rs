//! `POST /authentication-methods`: begin an enrolment (contract 01 §4).

use serde_json::Map;

use super::admit::locked;
use super::factors::is_available;
use super::notify::record_success;
use super::send::{invalid_number, send_code, settle};
use super::{
    AccountError, Caller, Enrollment, Intent, MAX_METHODS, NewPasskey, SESSION_LIFETIME,
    UNCONFIRMED_LIFETIME, Violation, passkey,
};
use crate::app::App;
use crate::call::Call;
use crate::connection::Connection;
use crate::factor::password::PasswordPolicy;
use crate::factor::phone::{PhoneChannel, PhoneNumber};
use crate::factor::webauthn::CreationOptions;
use crate::factor::{
    AuthenticationMethod, FactorType, MethodKind, email, phone, push, recovery_code, totp,
};
use crate::guardian::PushTicket;
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
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
    /// Codes by text message or call.
    Phone {
        /// Where to, as typed.
        number: String,
        /// By which of the two, if the person says.
        channel: Option<PhoneChannel>,
    },
    /// A device for push messages.
    PushNotification,
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
            Self::Phone { .. } => FactorType::Phone,
            Self::PushNotification => FactorType::PushNotification,
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
    /// What a device enrols with.
    Push {
        /// For the QR code.
        barcode_uri: String,
        /// The secret in it that lets one device enrol.
        ticket: Handle,
    },
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
    if !is_available(call, factor) {
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
        NewMethod::Phone { number, channel } => {
            let kind = phone_kind(call, &number, channel)?;
            begin_stored(app, call, caller, factor, intent, |_| Ok((kind, Shown::Nothing))).await
        }
        NewMethod::PushNotification => {
            begin_stored(app, call, caller, factor, intent, |id| {
                let (issuer, account) = (call.tenant.friendly_name(), caller.account.user.label());
                let (base, tenant) = (call.guardian_base(), &call.tenant.id);
                let names = (issuer, account);
                let begun = push::begin(tenant, id, names, &base, app.sealer(), app.random())?;
                let (barcode_uri, ticket) = (begun.barcode_uri, begun.ticket);
                Ok((begun.kind, Shown::Push { barcode_uri, ticket }))
            })
            .await
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

/// Screens that ask for a number do not ask for a channel, so there is a default.
fn phone_kind(
    call: &Call,
    number: &str,
    channel: Option<PhoneChannel>,
) -> Result<MethodKind, AccountError> {
    let settings = &call.tenant.settings;
    let number = PhoneNumber::parse(number, settings.phone.default_calling_code.as_deref())
        .ok_or_else(|| invalid_number("must be a phone number with its country code"))?;
    let on = |channel: &PhoneChannel| settings.phone.allows(settings.factors, *channel);
    let channel = match channel {
        Some(channel) if !on(&channel) => return Err(channel_is_off()),
        Some(channel) => channel,
        None => [PhoneChannel::Sms, PhoneChannel::Voice]
            .into_iter()
            .find(on)
            .ok_or(AccountError::FactorUnavailable(FactorType::Phone))?,
    };
    Ok(phone::begin(number, channel))
}

/// The answer to a channel that the tenant does not use.
pub(super) fn channel_is_off() -> AccountError {
    AccountError::Invalid(vec![Violation::new(
        "/preferred_authentication_method",
        "data/preferred_authentication_method must be equal to one of the allowed values",
    )])
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
    if let Shown::Push { ticket, .. } = &shown {
        let ticket = PushTicket {
            id: method.id.clone(),
            user_id: method.user_id.clone(),
            ticket: ticket.hash(),
            expires_at: call.now.plus_seconds(push::TICKET_LIFETIME),
        };
        tx.insert_push_ticket(&ticket).await?;
    }
    let held = send_code(app, call, &mut *tx, caller, &method, &mut enrollment).await?;
    tx.insert_enrollment(&enrollment).await?;
    let subject = LogSubject {
        client: Some(&caller.client_id),
        user: Some(&caller.account.user),
        name: None,
    };
    record(app, call, &mut *tx, LogKind::EnrollmentStarted, subject, Map::new()).await?;
    record_success(app, call, &mut *tx, caller, "enroll", factor, Some(&method)).await?;
    intent.finish(app, tx).await?;
    // What was only asked about was undone with the rest.
    if let Some(held) = held.filter(|_| intent == Intent::Do) {
        settle(app, call, caller, &held).await?;
    }
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
/// id is returned; one for the same mailbox or number is used again (contract 01 §4.6).
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
    let has_address = matches!(kind, MethodKind::Email { .. } | MethodKind::Phone { .. });
    if has_address && !confirmed.is_empty() {
        return Err(AccountError::AlreadyEnrolled);
    }
    for method in &unfinished {
        tx.void_enrollments(caller.user_id(), factor, Some(&method.id)).await?;
    }
    if let (true, Some(again)) = (has_address, unfinished.first()) {
        let again = AuthenticationMethod { kind, ..(*again).clone() };
        tx.update_method(&again).await?;
        return Ok((again, Vec::new()));
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
        (MethodKind::Phone { number: stored, .. }, MethodKind::Phone { number: new, .. }) => {
            stored == new
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
