//! The hosts a tenant answers on beside its own: custom domains (contract 03 §1).

use super::create::is_host;
use super::{Domain, configuration};
use crate::app::App;
use crate::error::Fault;
use crate::id::TenantId;
use crate::port::StoreError;

/// Why a tenant's hosts were not changed.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The host is not well-formed.
    #[error("{0} is not a host name")]
    BadHost(String),
    /// The relying party id is neither the host nor a parent of it.
    #[error("{0} is neither the host nor a domain it is part of")]
    BadRelyingParty(String),
    /// A tenant answers there already.
    #[error("a tenant answers on {0} already")]
    Taken(String),
    /// The tenant does not answer there.
    #[error("the tenant does not answer on {0}")]
    Unknown(String),
    /// A tenant keeps its own domain.
    #[error("{0} is the tenant's own domain and stays")]
    Canonical(String),
    /// Something else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Lets a tenant answer on a further host; passkeys made there are good for `relying_party`, or
/// else for that host alone.
///
/// # Errors
/// See [`HostError`].
pub async fn add_host(
    app: &App,
    tenant: &TenantId,
    host: &str,
    relying_party: Option<&str>,
) -> Result<(), HostError> {
    if !is_host(host) {
        return Err(HostError::BadHost(host.to_owned()));
    }
    let mut domains = configuration(app, tenant).await?.domains;
    // What waits for its record is the operator's word now.
    domains.retain(|domain| domain.verified || domain.host != host);
    if domains.iter().any(|domain| domain.host == host) {
        return Err(HostError::Taken(host.to_owned()));
    }
    let domain = Domain {
        relying_party_identifier: relying_party.map(ToOwned::to_owned),
        ..Domain::verified(host, false)
    };
    if let Some(id) = relying_party.filter(|id| !domain.may_have_relying_party(id)) {
        return Err(HostError::BadRelyingParty(id.to_owned()));
    }
    domains.push(domain);
    store(app, tenant, host, &domains).await
}

/// Lets a tenant no longer answer on a host. Tokens of that host are refused from then on.
///
/// # Errors
/// See [`HostError`].
pub async fn remove_host(app: &App, tenant: &TenantId, host: &str) -> Result<(), HostError> {
    let mut domains = configuration(app, tenant).await?.domains;
    match domains.iter().position(|domain| domain.host == host) {
        None => return Err(HostError::Unknown(host.to_owned())),
        Some(at) if domains[at].canonical => return Err(HostError::Canonical(host.to_owned())),
        Some(at) => domains.remove(at),
    };
    store(app, tenant, host, &domains).await
}

async fn store(
    app: &App,
    tenant: &TenantId,
    host: &str,
    domains: &[Domain],
) -> Result<(), HostError> {
    match app.store().registry().set_domains(tenant, domains).await {
        Ok(()) => app.directory().forget(tenant),
        Err(StoreError::Conflict) => return Err(HostError::Taken(host.to_owned())),
        Err(error) => return Err(Fault::from(error).into()),
    }
    Ok(())
}
