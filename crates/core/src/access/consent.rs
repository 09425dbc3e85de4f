//! A person's word to an application (contract 03 §4).

use crate::client::Client;
use crate::id::{ClientId, ConsentId, ResourceServerId, UserId};
use crate::resource_server::ResourceServer;
use crate::scope::{ScopeSet, is_oidc};
use crate::time::Timestamp;

/// What a user allowed an application to do at an API.
#[derive(Clone, Debug)]
pub struct Consent {
    /// 24 hexadecimal digits.
    pub id: ConsentId,
    /// Who allowed it.
    pub user_id: UserId,
    /// To whom.
    pub client_id: ClientId,
    /// Where.
    pub resource_server_id: ResourceServerId,
    /// What.
    pub scope: ScopeSet,
    /// Last change.
    pub updated_at: Timestamp,
}

/// Whether the API's owner wants people asked before `client` gets `scope`, and they were not yet.
///
/// Scopes of OpenID Connect alone are never asked about.
#[must_use]
pub fn missing_consent(
    client: &Client,
    api: &ResourceServer,
    scope: &ScopeSet,
    given: Option<&Consent>,
) -> bool {
    let skip = client.settings.is_first_party
        && api.settings.skip_consent_for_verifiable_first_party_clients;
    let asked_for = scope.filtered(|scope| !is_oidc(scope));
    !skip
        && !asked_for.is_empty()
        && !given.is_some_and(|consent| consent.scope.is_superset(&asked_for))
}
