//! `/userinfo` (OpenID Connect Core §5.3, contract 03 §11.1).

use std::sync::Arc;

use serde_json::{Map, Value};

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
    /// Not the client's fault.
    Fault(Fault),
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
pub async fn userinfo(app: &App, call: &Call, token: &str) -> Result<Userinfo, UserinfoError> {
    let token = verify_for_userinfo(app, call, token).map_err(|_| UserinfoError::InvalidToken)?;
    let client = call.tenant.client(&token.client_id).ok_or(UserinfoError::InvalidToken)?;
    let mut tx = app.read(&call.tenant.id).await?;
    let account = tx.account(&token.user_id, &token.family_id).await.map_err(Fault::from)?;
    match account {
        Some((account, GrantState::Live)) if !account.user.blocked => {
            Ok(Userinfo { client: client.clone(), claims: person(&account.user, &token.scope) })
        }
        _ => Err(UserinfoError::InvalidToken),
    }
}
