//! Client authentication (RFC 6749 §2.3, contract 03 §6.2).

use std::sync::Arc;

use super::Client;
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::{ClientId, TenantId};
use crate::seal::Place;
use crate::secret::constant_time_eq;

/// What a client presented, by header or in the body.
#[derive(Clone, Debug, Default)]
pub struct ClientCredentials {
    /// `client_id`.
    pub client_id: Option<String>,
    /// `client_secret`.
    pub client_secret: Option<String>,
}

/// Why a client was not let in.
#[derive(Debug)]
pub enum ClientAuthError {
    /// No `client_id` at all.
    Missing,
    /// Unknown client or wrong secret; which one is not told.
    Refused,
    /// Not the client's fault.
    Fault(Fault),
}

impl From<Fault> for ClientAuthError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Client {
    /// Where the secret is sealed for.
    #[must_use]
    pub fn place<'a>(tenant: &'a TenantId, id: &'a ClientId) -> Place<'a> {
        Place { tenant: tenant.as_str(), table: "clients", row: id.as_str() }
    }
}

/// Finds the client and checks its secret, however it was sent; a public client's is ignored.
///
/// # Errors
/// See [`ClientAuthError`].
pub fn authenticate(
    app: &App,
    call: &Call,
    credentials: &ClientCredentials,
) -> Result<Arc<Client>, ClientAuthError> {
    let id = credentials.client_id.as_deref().ok_or(ClientAuthError::Missing)?;
    let id = ClientId::from_raw(id);
    let client = call.tenant.client(&id).ok_or(ClientAuthError::Refused)?;
    if client.settings.is_public() {
        return Ok(client.clone());
    }
    let (Some(sealed), Some(presented)) = (&client.sealed_secret, &credentials.client_secret)
    else {
        return Err(ClientAuthError::Refused);
    };
    let secret = app.sealer().open(Client::place(&call.tenant.id, &client.id), sealed)?;
    if constant_time_eq(&secret, presented.as_bytes()) {
        Ok(client.clone())
    } else {
        Err(ClientAuthError::Refused)
    }
}
