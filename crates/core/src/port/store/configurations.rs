//! Parts of a tenant's configuration.

use async_trait::async_trait;

use super::StoreError;
use crate::client::{Client, ClientGrant};
use crate::connection::Connection;
use crate::id::{ClientGrantId, ClientId, ConnectionId, ResourceServerId};
use crate::resource_server::ResourceServer;
use crate::tenant::{Domain, TenantSettings};

/// Parts of a tenant's configuration.
#[async_trait]
pub trait Configurations: Send {
    /// Begins a change: increases the version, by which servers notice, and makes whoever else
    /// changes this tenant's configuration wait. Comes first.
    async fn reconfigure(&mut self) -> Result<(), StoreError>;

    /// The tenant's settings.
    async fn settings(&mut self) -> Result<TenantSettings, StoreError>;

    /// Replaces the tenant's settings.
    async fn put_settings(&mut self, settings: &TenantSettings) -> Result<(), StoreError>;

    /// The tenant's hosts, its own first.
    async fn domains(&mut self) -> Result<Vec<Domain>, StoreError>;

    /// Replaces all hosts of the tenant.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if a verified one is another tenant's.
    async fn put_domains(&mut self, domains: &[Domain]) -> Result<(), StoreError>;

    /// An API.
    async fn resource_server(
        &mut self,
        id: &ResourceServerId,
    ) -> Result<Option<ResourceServer>, StoreError>;

    /// Adds an API.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if its identifier is taken.
    async fn insert_resource_server(&mut self, api: &ResourceServer) -> Result<(), StoreError>;

    /// Replaces an API's settings.
    async fn update_resource_server(&mut self, api: &ResourceServer) -> Result<(), StoreError>;

    /// Removes an API and its client grants.
    async fn delete_resource_server(&mut self, id: &ResourceServerId) -> Result<bool, StoreError>;

    /// A client grant.
    async fn client_grant(&mut self, id: &ClientGrantId)
    -> Result<Option<ClientGrant>, StoreError>;

    /// Adds a client grant.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the application has one for the same API and subject.
    async fn insert_client_grant(&mut self, grant: &ClientGrant) -> Result<(), StoreError>;

    /// Replaces what a client grant is for.
    async fn update_client_grant(&mut self, grant: &ClientGrant) -> Result<(), StoreError>;

    /// Removes a client grant.
    async fn delete_client_grant(&mut self, id: &ClientGrantId) -> Result<bool, StoreError>;

    /// An application.
    async fn client(&mut self, id: &ClientId) -> Result<Option<Client>, StoreError>;

    /// Adds an application or replaces its settings and secret.
    async fn put_client(&mut self, client: &Client) -> Result<(), StoreError>;

    /// Removes an application with its grants and what people allowed it.
    async fn delete_client(&mut self, id: &ClientId) -> Result<bool, StoreError>;

    /// A connection.
    async fn connection(&mut self, id: &ConnectionId) -> Result<Option<Connection>, StoreError>;

    /// Adds a connection.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if its name is taken.
    async fn insert_connection(&mut self, connection: &Connection) -> Result<(), StoreError>;

    /// Replaces what is set about a connection.
    async fn update_connection(&mut self, connection: &Connection) -> Result<(), StoreError>;

    /// Removes a connection and its people.
    async fn delete_connection(&mut self, id: &ConnectionId) -> Result<bool, StoreError>;
}
