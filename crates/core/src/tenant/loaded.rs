//! A tenant's configuration ready for use: keys opened, things findable.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::looks::Looks;
use super::{Configuration, Domain, TenantSettings};
use crate::client::{Client, ClientGrant, SubjectType};
use crate::connection::Connection;
use crate::error::Fault;
use crate::id::{ClientId, ConnectionId, KeyId, ResourceServerId, TenantId};
use crate::resource_server::{ResourceServer, ResourceServerKind};
use crate::seal::Sealer;
use crate::time::Timestamp;
use crate::token::{KeyState, SigningKey};

/// A tenant's configuration ready for use. Immutable; a change makes a new one.
pub struct LoadedTenant {
    /// The tenant's name.
    pub id: TenantId,
    /// Its settings.
    pub settings: TenantSettings,
    /// When it was created.
    pub created_at: Timestamp,
    /// The version this was loaded from.
    pub version: i64,
    domains: Vec<Domain>,
    keys: Vec<SigningKey>,
    connections: Vec<Connection>,
    resource_servers: Vec<ResourceServer>,
    /// Not among the others: nobody administers it.
    mfa: ResourceServer,
    clients: HashMap<ClientId, Arc<Client>>,
    client_grants: Vec<ClientGrant>,
    /// What was written for pages.
    pub looks: Looks,
}

impl LoadedTenant {
    /// Opens the keys and indexes the rest.
    ///
    /// # Errors
    /// If a key does not open: another master key, or damage.
    pub fn load(configuration: Configuration, sealer: &Sealer) -> Result<Self, Fault> {
        let tenant = configuration.tenant;
        let keys = configuration
            .keys
            .iter()
            .map(|key| SigningKey::open(&tenant.id, key, sealer))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            id: tenant.id,
            settings: tenant.settings,
            created_at: tenant.created_at,
            version: tenant.version,
            domains: configuration.domains,
            keys,
            connections: configuration.connections,
            resource_servers: configuration
                .resource_servers
                .into_iter()
                .map(ResourceServer::with_own_scopes)
                .collect(),
            mfa: ResourceServer::mfa(),
            clients: configuration
                .clients
                .into_iter()
                .map(|client| (client.id.clone(), Arc::new(client)))
                .collect(),
            client_grants: configuration.client_grants,
            looks: Looks::of(configuration.documents),
        })
    }

    /// The name people see.
    #[must_use]
    pub fn friendly_name(&self) -> &str {
        let name = self.settings.friendly_name.as_str();
        if name.is_empty() { self.id.as_str() } else { name }
    }

    /// Whether the tenant answers on `host`.
    #[must_use]
    pub fn answers_on(&self, host: &str) -> bool {
        self.domains.iter().any(|domain| domain.verified && domain.host == host)
    }

    /// Every host on which the tenant answers.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.domains.iter().filter(|domain| domain.verified).map(|domain| domain.host.as_str())
    }

    /// Every domain, the tenant's own first; not all of them are verified.
    pub fn domains(&self) -> impl Iterator<Item = &Domain> {
        self.domains.iter()
    }

    /// The host of the tenant's own domain.
    #[must_use]
    pub fn canonical_host(&self) -> &str {
        self.domains.iter().find(|domain| domain.canonical).map_or("", |domain| &domain.host)
    }

    /// The WebAuthn relying party id on `host`.
    #[must_use]
    pub fn relying_party_id(&self, host: &str) -> String {
        let domain = self.domains.iter().find(|domain| domain.verified && domain.host == host);
        domain.map_or(host, Domain::relying_party_id).to_owned()
    }

    /// The key that signs.
    ///
    /// # Errors
    /// If the tenant has none, which only damage explains.
    pub fn signing_key(&self) -> Result<&SigningKey, Fault> {
        self.keys
            .iter()
            .find(|key| key.state == KeyState::Current)
            .ok_or_else(|| Fault::new(format!("tenant {} has no current signing key", self.id)))
    }

    /// The published key of that id.
    #[must_use]
    pub fn key(&self, id: &str) -> Option<&SigningKey> {
        self.keys.iter().find(|key| key.id.as_str() == id)
    }

    /// The published keys, the signing one first.
    #[must_use]
    pub fn published_keys(&self) -> Vec<(&KeyId, &SigningKey)> {
        let mut keys: Vec<_> = self.keys.iter().map(|key| (&key.id, key)).collect();
        keys.sort_by_key(|(_, key)| match key.state {
            KeyState::Current => 0,
            KeyState::Next => 1,
            KeyState::Previous => 2,
        });
        keys
    }

    /// The application of that id.
    #[must_use]
    pub fn client(&self, id: &ClientId) -> Option<&Arc<Client>> {
        self.clients.get(id)
    }

    /// All applications, in no order.
    pub fn clients(&self) -> impl Iterator<Item = &Arc<Client>> {
        self.clients.values()
    }

    /// The connection of that id.
    #[must_use]
    pub fn connection(&self, id: &ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.id == *id)
    }

    /// All connections, by name.
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.connections.iter()
    }

    /// The connection of that name.
    #[must_use]
    pub fn connection_named(&self, name: &str) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.name == name)
    }

    /// The connection that `password-realm` requests call `realm`: its own name, unless other names
    /// were set.
    #[must_use]
    pub fn connection_of_realm(&self, realm: &str) -> Option<&Connection> {
        self.connections.iter().find(|connection| {
            let realms = &connection.options.realms;
            if realms.is_empty() {
                connection.name == realm
            } else {
                realms.iter().any(|own| own == realm)
            }
        })
    }

    /// The connection a client's people come from when nobody names one.
    #[must_use]
    pub fn default_connection(&self, client: &ClientId) -> Option<&Connection> {
        self.settings
            .default_directory
            .as_deref()
            .and_then(|name| self.connection_named(name))
            .filter(|connection| connection.serves(client))
            .or_else(|| self.connections.iter().find(|connection| connection.serves(client)))
    }

    /// The API of that id.
    #[must_use]
    pub fn resource_server(&self, id: &ResourceServerId) -> Option<&ResourceServer> {
        self.resource_servers.iter().chain([&self.mfa]).find(|api| api.id == *id)
    }

    /// All APIs that are administered.
    pub fn resource_servers(&self) -> impl Iterator<Item = &ResourceServer> {
        self.resource_servers.iter()
    }

    /// All client grants.
    pub fn client_grants(&self) -> impl Iterator<Item = &ClientGrant> {
        self.client_grants.iter()
    }

    /// The API whose audience on `issuer` is `audience`. That of the authenticators is written with
    /// or without its slash, and on whichever of the two hosts (contract 04 §4.5).
    #[must_use]
    pub fn api_for(
        &self,
        audience: &str,
        issuer: &str,
        canonical: &str,
    ) -> Option<&ResourceServer> {
        let is_mfa = |base: &str| {
            audience.strip_prefix(base).is_some_and(|rest| matches!(rest, "mfa" | "mfa/"))
        };
        if is_mfa(issuer) || is_mfa(canonical) {
            return Some(&self.mfa);
        }
        self.resource_servers.iter().find(|api| api.audience(issuer, canonical) == audience)
    }

    /// The My Account API, if it is activated.
    #[must_use]
    pub fn my_account(&self) -> Option<&ResourceServer> {
        self.resource_servers.iter().find(|api| api.kind == ResourceServerKind::MyAccount)
    }

    /// A client's grant for an API.
    #[must_use]
    pub fn client_grant(
        &self,
        client: &ClientId,
        api: &ResourceServerId,
        subject: SubjectType,
    ) -> Option<&ClientGrant> {
        self.client_grants.iter().find(|grant| {
            grant.client_id == *client
                && grant.resource_server_id == *api
                && grant.subject_type == subject
        })
    }
}

impl fmt::Debug for LoadedTenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadedTenant").field("id", &self.id).finish_non_exhaustive()
    }
}
