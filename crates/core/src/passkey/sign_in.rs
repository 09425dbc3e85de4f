//! From an authenticator's answer to the person it belongs to.

use crate::call::Call;
use crate::connection::Connection;
use crate::error::Fault;
use crate::factor::webauthn::{AuthenticationResponse, Refusal, RelyingParty, authenticate};
use crate::factor::{AuthenticationMethod, FactorType, MethodKind};
use crate::port::{StoreError, Tx};
use crate::session::{MethodEvent, Usage};
use crate::user::User;

/// Somebody who signed in with a passkey.
pub(crate) struct SignedIn {
    /// Who.
    pub user: User,
    /// The record of it. A passkey is a first factor and no second one (contract 04 §10.9).
    pub event: MethodEvent,
    /// The passkey as it is stored now.
    pub method: AuthenticationMethod,
}

/// Why nobody signed in.
#[derive(Debug)]
pub(crate) enum SignInError {
    /// Nobody here has this passkey.
    Unknown,
    /// The answer does not verify; whose passkey it was not.
    Refused(Refusal, Box<User>),
    /// The user is blocked.
    Blocked,
    /// Not the person's fault.
    Fault(Fault),
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Checks an answer and records the use of the passkey, all in the caller's transaction: under the
/// user's lock, so that of two answers with one counter only one is accepted.
pub(crate) async fn sign_in(
    call: &Call,
    tx: &mut dyn Tx,
    connection: &Connection,
    party: &RelyingParty<'_>,
    is_challenge: impl FnOnce(&str) -> Result<(), Refusal> + Send,
    response: &AuthenticationResponse,
) -> Result<SignedIn, SignInError> {
    let found = tx.method_by_credential(&response.id).await?.ok_or(SignInError::Unknown)?;
    tx.lock_user(&found.user_id).await?;
    // Read again under the lock: another answer may have moved the counter meanwhile.
    let method = tx.method_by_credential(&response.id).await?.ok_or(SignInError::Unknown)?;
    let MethodKind::Passkey(credential) = &method.kind else { return Err(SignInError::Unknown) };
    let user = tx.user(&method.user_id).await?;
    let user = user.filter(|user| user.connection_id == connection.id);
    let user = user.ok_or(SignInError::Unknown)?;
    let authenticated = match authenticate(party, is_challenge, credential, response) {
        Ok(authenticated) => authenticated,
        Err(refusal) => return Err(SignInError::Refused(refusal, Box::new(user))),
    };
    if user.blocked {
        return Err(SignInError::Blocked);
    }
    let method = AuthenticationMethod {
        kind: MethodKind::Passkey(Box::new(authenticated.credential)),
        last_auth_at: Some(call.now),
        ..method
    };
    tx.update_method(&method).await?;
    let event = MethodEvent { usage: Usage::Primary, factor: FactorType::Passkey, at: call.now };
    Ok(SignedIn { user, event, method })
}
