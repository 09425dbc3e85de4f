//! Client authentication (RFC 6749 §2.3, contract 03 §6.2).

use std::sync::Arc;

use super::{Client, assertion};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::{ClientId, TenantId};
use crate::port::StoreError;
use crate::seal::Place;
use crate::secret::constant_time_eq;

/// What a client presented, by header or in the body.
#[derive(Clone, Debug, Default)]
pub struct ClientCredentials {
    /// `client_id`.
    pub client_id: Option<String>,
    /// `client_secret`.
    pub client_secret: Option<String>,
    /// `client_assertion_type`.
    pub assertion_type: Option<String>,
    /// `client_assertion`, which names the client itself.
    pub assertion: Option<String>,
}

/// Why a client was not let in.
#[derive(Debug)]
pub enum ClientAuthError {
    /// No `client_id` at all.
    Missing,
    /// What was presented cannot be read; why.
    Malformed(&'static str),
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

impl From<StoreError> for ClientAuthError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl Client {
    /// Where the secret is sealed for.
    #[must_use]
    pub fn place<'a>(tenant: &'a TenantId, id: &'a ClientId) -> Place<'a> {
        Place { tenant: tenant.as_str(), table: "clients", row: id.as_str() }
    }
}

/// Finds the client and checks its secret, however it was sent, or its assertion; whatever a public
/// client sends is ignored.
///
/// # Errors
/// See [`ClientAuthError`].
pub async fn authenticate(
    app: &App,
    call: &Call,
    credentials: &ClientCredentials,
) -> Result<Arc<Client>, ClientAuthError> {
    let named = credentials.client_id.as_deref().map(ClientId::from_raw);
    let known = named.as_ref().and_then(|id| call.tenant.client(id));
    if let Some(public) = known.filter(|client| client.settings.is_public()) {
        return Ok(public.clone());
    }
    let assertion = presented_assertion(credentials)?;
    let asserted = assertion.as_ref().map(|own| own.client_id.clone());
    let id = match (named, asserted) {
        (Some(named), Some(asserted)) if named != asserted => return Err(ClientAuthError::Refused),
        (named, asserted) => named.or(asserted).ok_or(ClientAuthError::Missing)?,
    };
    let client = call.tenant.client(&id).ok_or(ClientAuthError::Refused)?;
    // Whoever authenticates with a key has no secret that would do.
    if client.settings.client_authentication_methods.is_some() {
        let assertion = assertion.ok_or(ClientAuthError::Refused)?;
        assertion::verify(app, call, client, &assertion).await?;
    } else {
        check_secret(app, call, client, credentials)?;
    }
    Ok(client.clone())
}

fn presented_assertion(
    credentials: &ClientCredentials,
) -> Result<Option<assertion::Unverified<'_>>, ClientAuthError> {
    match (credentials.assertion_type.as_deref(), credentials.assertion.as_deref()) {
        (None, None) => Ok(None),
        (Some(assertion::ASSERTION_TYPE), Some(text)) => assertion::parse(text).map(Some),
        (Some(assertion::ASSERTION_TYPE), None) => {
            Err(ClientAuthError::Malformed("Missing required parameter: client_assertion"))
        }
        (None, Some(_)) => {
            Err(ClientAuthError::Malformed("Missing required parameter: client_assertion_type"))
        }
        (Some(_), _) => Err(ClientAuthError::Malformed("Unknown client_assertion_type")),
    }
}

fn check_secret(
    app: &App,
    call: &Call,
    client: &Client,
    credentials: &ClientCredentials,
) -> Result<(), ClientAuthError> {
    let (Some(sealed), Some(presented)) = (&client.sealed_secret, &credentials.client_secret)
    else {
        return Err(ClientAuthError::Refused);
    };
    let secret = app.sealer().open(Client::place(&call.tenant.id, &client.id), sealed)?;
    if constant_time_eq(&secret, presented.as_bytes()) {
        Ok(())
    } else {
        Err(ClientAuthError::Refused)
    }
}
