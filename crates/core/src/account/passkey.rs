//! Enrolling a passkey: options, then the new credential (contract 01 §4, 04 §10.5).

use serde_json::Map;

use super::enroll::{own_identity, present_methods, require_room, started};
use super::notify::{record_success, tell};
use super::verify::{complete, own_enrollment};
use super::{AccountError, Caller, Enrolled, Intent, Listed, MethodRef, Shown, Verified};
use crate::app::App;
use crate::call::Call;
use crate::factor::webauthn::{
    Callers, Challenge, CreationOptions, Credential, Purpose, RegistrationResponse, RelyingParty,
    default_name, register,
};
use crate::factor::{AuthenticationMethod, FactorType, MethodKind};
use crate::id::{MethodId, UserId};
use crate::log::{LogKind, LogSubject, record};
use crate::message::Happened;
use crate::port::{StoreError, Tx};
use crate::secret::Handle;
use crate::user::User;

/// Which passkey to enrol.
#[derive(Clone, Debug, Default)]
pub struct NewPasskey {
    /// Name of the connection.
    pub connection: Option<String>,
    /// The identity.
    pub identity_user_id: Option<String>,
    /// Name the passkeys there are, so that no authenticator makes a second one.
    pub exclude_existing: bool,
}

/// Hands out the options. Nothing is listed until the passkey is there.
pub(super) async fn begin(
    app: &App,
    call: &Call,
    caller: &Caller,
    new: NewPasskey,
    intent: Intent,
) -> Result<Enrolled, AccountError> {
    require_enabled(call, caller, &new)?;
    let party = relying_party(call, caller)?;
    let auth_session = Handle::generate(app.random());
    let mut tx = app.write(&call.tenant.id).await?;
    let stored = present_methods(call, caller, &mut *tx).await?;
    require_room(caller, stored.len())?;
    let enrollment = started(call, caller, &auth_session, FactorType::Passkey, None);
    let challenge = challenge(app, call, enrollment.handle.as_str());
    let challenge = challenge.issue(&party, enrollment.expires_at);
    let user = &caller.account.user;
    let (name, id) = (call.tenant.friendly_name(), user.id.as_str());
    let mut options = CreationOptions::new(&party, name, challenge, id, &user.profile);
    if new.exclude_existing {
        options = options.excluding(stored.iter().filter_map(|method| method.kind.credential()));
    }
    tx.insert_enrollment(&enrollment).await?;
    record(app, call, &mut *tx, LogKind::EnrollmentStarted, caller.subject(), Map::new()).await?;
    record_success(app, call, &mut *tx, caller, "enroll", FactorType::Passkey, None).await?;
    intent.finish(app, tx).await?;
    let id = format!("{}|{}", FactorType::Passkey, MethodRef::NEW);
    let shown = Shown::Passkey(Box::new(options));
    Ok(Enrolled { id, auth_session, shown, removed: Vec::new() })
}

/// Checks what the authenticator made, and stores it. Who only asks is told whether it verifies: it
/// cannot be guessed.
pub(super) async fn confirm(
    app: &App,
    call: &Call,
    caller: &Caller,
    target: &MethodRef,
    auth_session: &Handle,
    response: RegistrationResponse,
    intent: Intent,
) -> Result<Verified, AccountError> {
    require_enabled(call, caller, &NewPasskey::default())?;
    let party = relying_party(call, caller)?;
    let mut tx = app.write(&call.tenant.id).await?;
    let stored = present_methods(call, caller, &mut *tx).await?;
    let enrollment = own_enrollment(call, &mut *tx, caller, target, auth_session).await?;
    let challenge = challenge(app, call, enrollment.handle.as_str());
    let is_challenge = |presented: &str| challenge.check(&party, presented, call.now);
    let handle = CreationOptions::user_handle(caller.user_id().as_str());
    let credential = match register(&party, is_challenge, &handle, response) {
        Ok(credential) => credential,
        Err(refusal) if intent == Intent::Ask => return Err(AccountError::Attestation(refusal)),
        Err(refusal) => {
            tx.count_failed_enrollment(&enrollment.handle).await?;
            intent.finish(app, tx).await?;
            return Err(AccountError::Attestation(refusal));
        }
    };
    if tx.method_by_credential(&credential.id).await?.is_some() {
        return Err(AccountError::AlreadyEnrolled);
    }
    require_room(caller, stored.len())?;
    complete(call, &mut *tx, &enrollment).await?;
    let method = new_method(app, call, caller.user_id(), credential);
    let subject = caller.subject();
    store(app, call, &mut *tx, &caller.account.user, subject, &method).await?;
    record_success(app, call, &mut *tx, caller, "verify", FactorType::Passkey, Some(&method))
        .await?;
    intent.finish(app, tx).await?;
    Ok(Verified { method: Listed::Method(method), removed: Vec::new(), ends_other_sessions: false })
}

/// A method that keeps `credential`, named after what keeps the credential itself.
pub(crate) fn new_method(
    app: &App,
    call: &Call,
    user: &UserId,
    mut credential: Credential,
) -> AuthenticationMethod {
    credential.user_agent = crate::user_agent::describe(&call.user_agent);
    AuthenticationMethod {
        id: MethodId::generate(app.random()),
        user_id: user.clone(),
        name: default_name(&credential),
        kind: MethodKind::Passkey(Box::new(credential)),
        confirmed: true,
        created_at: call.now,
        last_auth_at: None,
    }
}

/// Stores a new passkey, writes it to the log and tells its owner.
pub(crate) async fn store(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    subject: LogSubject<'_>,
    method: &AuthenticationMethod,
) -> Result<(), AccountError> {
    match tx.insert_method(method).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(AccountError::AlreadyEnrolled),
        Err(error) => return Err(error.into()),
    }
    let details = serde_json::json!({ "authenticator": { "type": "passkey" } });
    let details = details.as_object().cloned().unwrap_or_default();
    record(app, call, tx, LogKind::EnrollmentComplete, subject, details).await?;
    let happened = Happened::MethodAdded(FactorType::Passkey);
    tell(app, call, tx, user, happened, Some(&method.id)).await?;
    Ok(())
}

fn require_enabled(call: &Call, caller: &Caller, new: &NewPasskey) -> Result<(), AccountError> {
    let (connection, identity) = (new.connection.as_deref(), new.identity_user_id.as_deref());
    let connection = own_identity(call, &caller.account.user, connection, identity)?;
    if connection.options.passkey.enabled {
        Ok(())
    } else {
        Err(AccountError::FactorUnavailable(FactorType::Passkey))
    }
}

fn relying_party<'a>(call: &'a Call, caller: &Caller) -> Result<RelyingParty<'a>, AccountError> {
    let client = call.tenant.client(&caller.client_id).ok_or(AccountError::InvalidToken)?;
    Ok(RelyingParty::of(call, Callers::Token(client)))
}

fn challenge<'a>(app: &'a App, call: &'a Call, session: &'a str) -> Challenge<'a> {
    Challenge {
        sealer: app.sealer(),
        tenant: &call.tenant.id,
        table: "enrollments",
        session,
        purpose: Purpose::Create,
    }
}
