//! `/userinfo` (OpenID Connect Core §5.3, contract 03 §11.1).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::dpop::{
    PossessionError, PresentedToken, ProofError, check_possession, spend_at_resource,
};
use super::id_token::person;
use super::verify_for_userinfo;
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::error::Fault;
use crate::port::GrantState;

/// Why there are no claims.
#[derive(Debug)]
pub enum UserinfoError {
    /// No token, or one that is not good here.
    InvalidToken,
    /// A good token, but not shown to be the caller's.
    Possession(PossessionError),
    /// Not the client's fault.
    Fault(Fault),
}

impl From<PossessionError> for UserinfoError {
    fn from(error: PossessionError) -> Self {
        match error {
            PossessionError::Proof(ProofError::Fault(fault)) => Self::Fault(fault),
            other => Self::Possession(other),
        }
    }
}

impl From<Fault> for UserinfoError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The claims, and the client whose token it was.
pub struct Userinfo {
    /// Whose scripts may read them.
    pub client: Arc<Client>,
    /// `sub` and what the token's scopes open.
    pub claims: Map<String, Value>,
}

/// The claims that a token opens.
///
/// # Errors
/// See [`UserinfoError`].
pub async fn userinfo(
    app: &App,
    call: &Call,
    presented: &PresentedToken<'_>,
) -> Result<Userinfo, UserinfoError> {
    let token =
        verify_for_userinfo(app, call, presented.token).map_err(|_| UserinfoError::InvalidToken)?;
    let proof = check_possession(app, call, presented, token.binding.as_ref())?;
    let client = call.tenant.client(&token.client_id).ok_or(UserinfoError::InvalidToken)?;
    let mut tx = app.read(&call.tenant.id).await?;
    let account = tx.account(&token.user_id, &token.family_id).await.map_err(Fault::from)?;
    let account = match account {
        Some((account, GrantState::Live)) if !account.user.blocked => account,
        _ => return Err(UserinfoError::InvalidToken),
    };
    if let Some(proof) = proof {
        spend_at_resource(app, call, &proof).await?;
    }
    Ok(Userinfo {
        client: client.clone(),
        claims: person(&account.user, &token.scope, &call.issuer),
    })
}
