//! What a refresh token is exchanged for: the API it was issued for, or another that the
//! application's policies name (multi-resource refresh tokens, contract 03 §9.3).

use super::{GrantError, TokenRequest};
use crate::call::Call;
use crate::client::{Client, RefreshTokenPolicy};
use crate::resource_server::{ResourceServer, ResourceServerKind};
use crate::scope::{ScopeSet, is_oidc};
use crate::token::{Audience, Family};

/// The API, and the scopes that may be had there at most.
#[derive(Debug)]
pub(super) struct Target {
    pub audience: Option<Audience>,
    pub scope: ScopeSet,
}

/// What the request asks for, as far as the token is good for it. What it names beyond that is left
/// out of the scopes.
pub(super) fn target(
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    family: &Family,
) -> Result<Target, GrantError> {
    let original = family.audience.as_ref();
    let named = request.audience.as_deref();
    let Some(value) = named.or(original.map(|own| own.value.as_str())) else {
        return Ok(Target { audience: None, scope: down_to(request, family.scope.clone()) });
    };
    if let Some(original) = original.filter(|own| own.value == value) {
        let policy = original.api(call).and_then(|api| policy(call, client, api));
        let scope = policy.map_or_else(ScopeSet::default, scope_of);
        let scope = family.scope.union(&scope);
        return Ok(Target { audience: Some(original.clone()), scope: down_to(request, scope) });
    }
    let not_authorized = || GrantError::NotAuthorized { audience: value.to_owned() };
    let (api, audience) = call.api_named(value).ok_or_else(not_authorized)?;
    let policy = policy(call, client, api).ok_or_else(not_authorized)?;
    let scope = family.scope.filtered(is_oidc).union(&scope_of(policy));
    Ok(Target { audience: Some(audience), scope: down_to(request, scope) })
}

/// The policy of the application for an API, if the API is one that such tokens may be for: one that
/// nobody is asked about, and where people may stay signed in.
fn policy<'a>(
    call: &Call,
    client: &'a Client,
    api: &ResourceServer,
) -> Option<&'a RefreshTokenPolicy> {
    let takes_them = client.settings.is_first_party
        && !matches!(api.kind, ResourceServerKind::Management | ResourceServerKind::Mfa)
        && api.settings.skip_consent_for_verifiable_first_party_clients
        && api.settings.allow_offline_access;
    let mut policies = client.settings.refresh_token.policies.iter().filter(|_| takes_them);
    // On whichever of the tenant's hosts the policy was written and the token is asked for.
    policies.find(|policy| {
        let own = call.api_named(&policy.audience);
        own.is_some_and(|(own, _)| own.id == api.id)
    })
}

fn scope_of(policy: &RefreshTokenPolicy) -> ScopeSet {
    policy.scope.iter().map(String::as_str).collect()
}

fn down_to(request: &TokenRequest, scope: ScopeSet) -> ScopeSet {
    match request.scope.as_deref() {
        Some(named) => ScopeSet::parse(named).filtered(|one| scope.contains(one)),
        None => scope,
    }
}
