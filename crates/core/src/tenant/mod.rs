//! Tenants: who they are, on which hosts they answer, and their whole configuration as one value.

pub mod branding;
mod create;
mod directory;
mod domain;
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

pub(crate) use create::is_host;
pub use create::{CreateError, NewTenant, create};
pub use directory::Directory;
pub use domain::{Domain, DomainKind, DomainSettings};
pub use hosts::{HostError, add_host, remove_host};
pub use keys::{ensure_next_key, rotate_keys};
pub use loaded::LoadedTenant;
pub use reconfigure::change_settings;
pub use sessions::{CookieMode, SessionSettings};
pub use settings::{
    FactorSwitches, ManagementLimit, MfaPolicy, RateLimits, Remembering, TenantSettings,
};

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
