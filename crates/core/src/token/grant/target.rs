//! What a grant at which somebody signs in is for: the API and the scopes (contract 03 §6.4).

use super::{GrantError, TokenRequest};
use crate::access::granted;
use crate::call::Call;
use crate::client::Client;
use crate::resource_server::ResourceServer;
use crate::scope::ScopeSet;
use crate::token::Audience;

/// What somebody gets who asks for a person's password and names no scope.
const ALL_OIDC: &str = "openid profile email address phone";

/// The scopes of a request that names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unnamed {
    /// None.
    None,
    /// All there are: those of the API, or without one those of OpenID Connect.
    All,
}

/// The API and what of the requested scopes the client gets there.
pub(super) fn requested(
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    unnamed: Unnamed,
) -> Result<(Option<Audience>, ScopeSet), GrantError> {
    let named = request.audience.as_deref().or(call.tenant.settings.default_audience.as_deref());
    let found = named
        .map(|audience| {
            let found = call.api_named(audience);
            found.ok_or_else(|| GrantError::UnknownAudience { audience: audience.to_owned() })
        })
        .transpose()?;
    let (api, audience) = found.unzip();
    let scope = match (request.scope.as_deref(), unnamed) {
        (Some(scope), _) => ScopeSet::parse(scope),
        (None, Unnamed::None) => ScopeSet::default(),
        (None, Unnamed::All) => all_of(api),
    };
    let scope = granted(call, client, api, &scope, None).map_err(|_| {
        GrantError::NotAuthorized { audience: named.unwrap_or_default().to_owned() }
    })?;
    Ok((audience, scope))
}

fn all_of(api: Option<&ResourceServer>) -> ScopeSet {
    match api {
        Some(api) => api.settings.scopes.iter().map(|scope| scope.value.as_str()).collect(),
        None => ScopeSet::parse(ALL_OIDC),
    }
}

/// Organizations are not served yet, and whoever names one must not get tokens without it.
pub(super) fn refuse_organization(request: &TokenRequest) -> Result<(), GrantError> {
    match &request.organization {
        Some(organization) => {
            let text = format!("parameter organization is invalid: {organization}");
            Err(GrantError::InvalidParameter(text))
        }
        None => Ok(()),
    }
}
