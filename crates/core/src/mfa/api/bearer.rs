//! Who calls: somebody with an `mfa_token`, or with an access token for their authenticators
//! (contract 04 §4.5).

use super::MfaError;
use crate::account::Caller;
use crate::app::App;
use crate::call::Call;
use crate::mfa::transaction::is_token;
use crate::mfa::waiting::Waiting;
use crate::port::GrantState;
use crate::token::verify_access_token;

/// Who calls.
pub(super) enum Bearer {
    /// Somebody whose grant waits for a second factor.
    Waiting(Box<Waiting>),
    /// Somebody who was let in to manage their authenticators.
    Caller(Box<Caller>),
}

/// Looks who calls with `token`; an access token must have `scope`.
pub(super) async fn admit(
    app: &App,
    call: &Call,
    token: Option<&str>,
    scope: &'static str,
) -> Result<Bearer, MfaError> {
    let token = token.ok_or(MfaError::BadBearer)?;
    if is_token(token) {
        return Ok(Bearer::Waiting(Box::new(Waiting::behind(app, call, token).await?)));
    }
    Ok(Bearer::Caller(Box::new(caller(app, call, token, scope).await?)))
}

/// The person behind an access token.
pub(super) async fn caller(
    app: &App,
    call: &Call,
    token: &str,
    scope: &'static str,
) -> Result<Caller, MfaError> {
    let claims =
        verify_access_token(call, token, &call.mfa_audience()).map_err(|_| MfaError::BadBearer)?;
    // The application may be gone since the token was issued, and so may what the person allowed.
    call.tenant.client(&claims.client_id).ok_or(MfaError::BadBearer)?;
    let mut tx = app.read(&call.tenant.id).await?;
    let found = tx.account(&claims.user_id, &claims.family_id).await?;
    let (account, _) = found
        .filter(|(account, state)| *state == GrantState::Live && !account.user.blocked)
        .ok_or(MfaError::BadBearer)?;
    if !claims.scope.contains(scope) {
        return Err(MfaError::InsufficientScope(scope));
    }
    Ok(Caller { client_id: claims.client_id, family_id: claims.family_id, account })
}
