//! Tenants: who they are, on which hosts they answer, and their whole configuration as one value.

pub mod branding;
mod create;
mod directory;
pub mod email;
mod hosts;
mod keys;
pub mod languages;
mod loaded;
pub mod looks;
pub mod phone;
pub mod protection;
pub mod push;
mod reconfigure;
mod sessions;
mod settings;

pub use create::{CreateError, NewTenant, create};
pub use directory::Directory;
pub use hosts::{HostError, add_host, remove_host};
pub use keys::{ensure_next_key, rotate_keys};
pub use loaded::LoadedTenant;
pub use reconfigure::change_settings;
pub use sessions::{CookieMode, SessionSettings};
pub use settings::{FactorSwitches, ManagementLimit, MfaPolicy, RateLimits, TenantSettings};

use crate::app::App;
use crate::client::{Client, ClientGrant};
use crate::connection::Connection;
use crate::error::Fault;
use crate::id::TenantId;
use crate::resource_server::ResourceServer;
use crate::time::Timestamp;
use crate::token::StoredKey;

/// A tenant without what belongs to it.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Short name, unique on this server.
    pub id: TenantId,
    /// What its administrators set.
    pub settings: TenantSettings,
    /// When it was created.
    pub created_at: Timestamp,
    /// Grows with every change of the tenant's configuration.
    pub version: i64,
}

/// A host name on which a tenant answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Host, with a port when it is not the scheme's default; lower-case.
    pub host: String,
    /// The tenant's own domain, in contrast to custom ones. Each tenant has exactly one.
    pub canonical: bool,
    /// Only verified domains answer.
    pub verified: bool,
    /// The WebAuthn relying party id, if it is not the host: a parent of it.
    pub relying_party_identifier: Option<String>,
}

impl Domain {
    /// A verified host without settings of its own.
    pub fn verified(host: impl Into<String>, canonical: bool) -> Self {
        Self { host: host.into(), canonical, verified: true, relying_party_identifier: None }
    }

    /// The host's WebAuthn relying party id (contract 04 §10.6).
    #[must_use]
    pub fn relying_party_id(&self) -> &str {
        self.relying_party_identifier.as_deref().unwrap_or_else(|| without_port(&self.host))
    }

    /// Whether `id` may be the host's relying party id: the host, or what it is beneath. Which
    /// parents are too public to be one, browsers know.
    #[must_use]
    pub fn may_have_relying_party(&self, id: &str) -> bool {
        let beneath = without_port(&self.host).strip_suffix(id);
        beneath.is_some_and(|rest| {
            rest.is_empty() || (rest.ends_with('.') && id.contains('.') && !id.starts_with('.'))
        })
    }
}

fn without_port(host: &str) -> &str {
    let port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    port.map_or(host, |(host, _)| host)
}

/// Everything about a tenant that its administrators decide; small, and read on every request.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The tenant.
    pub tenant: Tenant,
    /// Its hosts.
    pub domains: Vec<Domain>,
    /// Its signing keys, revoked ones left out.
    pub keys: Vec<StoredKey>,
    /// Its connections.
    pub connections: Vec<Connection>,
    /// The APIs it issues tokens for.
    pub resource_servers: Vec<ResourceServer>,
    /// Its applications.
    pub clients: Vec<Client>,
    /// Which application may ask which API for what.
    pub client_grants: Vec<ClientGrant>,
    /// What was written for pages.
    pub documents: Vec<looks::Document>,
}

/// The stored configuration of a tenant that must exist.
async fn configuration(app: &App, tenant: &TenantId) -> Result<Configuration, Fault> {
    let found = app.store().registry().configuration(tenant).await?;
    found.ok_or_else(|| Fault::new(format!("there is no tenant {tenant}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relying_parties_are_the_host_or_above_it() {
        let domain = Domain::verified("login.acme.example:8443", false);
        assert_eq!(domain.relying_party_id(), "login.acme.example");
        for id in ["login.acme.example", "acme.example"] {
            assert!(domain.may_have_relying_party(id), "{id}");
        }
        for id in ["", "example", ".acme.example", "me.example", "a.login.acme.example"] {
            assert!(!domain.may_have_relying_party(id), "{id}");
        }
        let localhost = Domain::verified("localhost:4000", true);
        assert_eq!(localhost.relying_party_id(), "localhost");
        assert!(localhost.may_have_relying_party("localhost"));
    }
}
