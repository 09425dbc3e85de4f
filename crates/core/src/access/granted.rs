//! Which of the requested scopes an application gets (contract 03 §5). The one place that decides.

use crate::call::Call;
use crate::client::{Client, GrantType, SubjectType};
use crate::resource_server::{AccessPolicy, ResourceServer};
use crate::scope::{ScopeSet, is_oidc};

/// Why an application gets nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessError {
    /// The API's policy, or the lack of a client grant.
    NotAuthorized,
    /// The API demands what cannot be done here; the setting that says so.
    Unmet(&'static str),
}

/// The part of `requested` that `client` may have for a person at `api`; without an API, the
/// scopes of OpenID Connect alone. `permissions` is what the person may do there
/// ([`super::permissions`]); none if the API does not ask, or nobody knows yet who it is.
///
/// # Errors
/// See [`AccessError`].
pub fn granted(
    call: &Call,
    client: &Client,
    api: Option<&ResourceServer>,
    requested: &ScopeSet,
    permissions: Option<&ScopeSet>,
) -> Result<ScopeSet, AccessError> {
    let Some(api) = api else {
        return Ok(requested.filtered(|scope| {
            if scope == "offline_access" { may_refresh(client) } else { is_oidc(scope) }
        }));
    };
    if api.is_system() && !client.settings.is_first_party {
        return Err(AccessError::NotAuthorized);
    }
    if let Some(setting) = api.unmet_demand() {
        return Err(AccessError::Unmet(setting));
    }
    let grant = call.tenant.client_grant(&client.id, &api.id, SubjectType::User);
    let covers: Box<dyn Fn(&str) -> bool> = match (api.settings.user_policy, grant) {
        (AccessPolicy::AllowAll, _) => Box::new(|_| true),
        (AccessPolicy::RequireClientGrant, Some(grant)) => {
            Box::new(|scope| grant.scope.covers(scope))
        }
        (AccessPolicy::RequireClientGrant, None) | (AccessPolicy::DenyAll, _) => {
            return Err(AccessError::NotAuthorized);
        }
    };
    Ok(requested.filtered(|scope| match scope {
        "offline_access" => api.settings.allow_offline_access && may_refresh(client),
        scope if is_oidc(scope) => true,
        scope => {
            api.has_scope(scope)
                && covers(scope)
                && permissions.is_none_or(|permitted| permitted.contains(scope))
        }
    }))
}

/// What an application may do for itself at an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientAccess {
    /// These scopes.
    Granted(ScopeSet),
    /// Nothing: the API is none for applications.
    Denied,
    /// Nothing: nobody made a client grant.
    NoGrant,
    /// Not these: they were asked for beyond the client grant.
    Beyond(ScopeSet),
}

/// The scopes `client` may have for itself at `api`: all of its grant's unless it asks for some.
#[must_use]
pub fn granted_to_client(
    call: &Call,
    client: &Client,
    api: &ResourceServer,
    requested: Option<&ScopeSet>,
) -> ClientAccess {
    let is_closed = api.settings.client_policy == AccessPolicy::DenyAll
        || (api.is_system() && !client.settings.is_first_party)
        || api.settings.token_encryption.is_some();
    if is_closed {
        return ClientAccess::Denied;
    }
    let Some(grant) = call.tenant.client_grant(&client.id, &api.id, SubjectType::Client) else {
        return ClientAccess::NoGrant;
    };
    let all: ScopeSet = api.settings.scopes.iter().map(|scope| scope.value.as_str()).collect();
    let allowed = all.filtered(|scope| grant.scope.covers(scope));
    let Some(requested) = requested else { return ClientAccess::Granted(allowed) };
    let beyond = requested.filtered(|scope| !allowed.contains(scope));
    if beyond.is_empty() {
        ClientAccess::Granted(requested.clone())
    } else {
        ClientAccess::Beyond(beyond)
    }
}

fn may_refresh(client: &Client) -> bool {
    client.settings.grant_types.contains(&GrantType::RefreshToken)
}
