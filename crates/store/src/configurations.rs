//! Changing parts of a tenant's configuration.

use async_trait::async_trait;
use housekey_core::client::{Client, ClientGrant};
use housekey_core::connection::Connection;
use housekey_core::id::{ClientGrantId, ClientId, ConnectionId, ResourceServerId};
use housekey_core::port::{Configurations, StoreError};
use housekey_core::resource_server::ResourceServer;
use housekey_core::tenant::{Domain, TenantSettings};

use crate::error::json;
use crate::registry::{configuration, parts};
use crate::row::read_one;
use crate::tx::TenantTx;

const BUMP: &str = "UPDATE tenants SET version = version + 1 WHERE id = $1";

const SELECT_SETTINGS: &str = "SELECT id, settings FROM tenants WHERE id = $1";

const UPDATE_SETTINGS: &str = "UPDATE tenants SET settings = $2 WHERE id = $1";

const UPDATE_RESOURCE_SERVER: &str =
    "UPDATE resource_servers SET settings = $3 WHERE tenant = $1 AND id = $2";

const DELETE_RESOURCE_SERVER: &str = "DELETE FROM resource_servers WHERE tenant = $1 AND id = $2";

const UPDATE_CLIENT_GRANT: &str =
    "UPDATE client_grants SET scope = $3 WHERE tenant = $1 AND id = $2";

const DELETE_CLIENT_GRANT: &str = "DELETE FROM client_grants WHERE tenant = $1 AND id = $2";

const DELETE_CLIENT: &str = "DELETE FROM clients WHERE tenant = $1 AND id = $2";

const UPDATE_CONNECTION: &str = "UPDATE connections SET options = $3 WHERE tenant = $1 AND id = $2";

const DELETE_CONNECTION: &str = "DELETE FROM connections WHERE tenant = $1 AND id = $2";

#[async_trait]
impl Configurations for TenantTx {
    async fn reconfigure(&mut self) -> Result<(), StoreError> {
        self.change(self.statement(BUMP)).await?;
        Ok(())
    }

    async fn settings(&mut self) -> Result<TenantSettings, StoreError> {
        let row = self.one(self.statement(SELECT_SETTINGS)).await?;
        let settings = read_one("tenants", row, |columns| {
            let _id: &str = columns.get("id")?;
            columns.json("settings")
        })?;
        Ok(settings.unwrap_or_default())
    }

    async fn put_settings(&mut self, settings: &TenantSettings) -> Result<(), StoreError> {
        self.change(self.statement(UPDATE_SETTINGS).bind(json(settings)?)).await?;
        Ok(())
    }

    async fn domains(&mut self) -> Result<Vec<Domain>, StoreError> {
        configuration::domains(self).await
    }

    async fn put_domains(&mut self, domains: &[Domain]) -> Result<(), StoreError> {
        configuration::replace_domains(self, domains).await
    }

    async fn resource_server(
        &mut self,
        id: &ResourceServerId,
    ) -> Result<Option<ResourceServer>, StoreError> {
        parts::resource_server(self, id).await
    }

    async fn insert_resource_server(&mut self, api: &ResourceServer) -> Result<(), StoreError> {
        parts::insert_resource_server(self, api).await
    }

    async fn update_resource_server(&mut self, api: &ResourceServer) -> Result<(), StoreError> {
        let statement =
            self.statement(UPDATE_RESOURCE_SERVER).bind(api.id.as_str()).bind(json(&api.settings)?);
        self.change(statement).await?;
        Ok(())
    }

    async fn delete_resource_server(&mut self, id: &ResourceServerId) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE_RESOURCE_SERVER).bind(id.as_str())).await
    }

    async fn client_grant(
        &mut self,
        id: &ClientGrantId,
    ) -> Result<Option<ClientGrant>, StoreError> {
        parts::client_grant(self, id).await
    }

    async fn insert_client_grant(&mut self, grant: &ClientGrant) -> Result<(), StoreError> {
        parts::insert_client_grant(self, grant).await
    }

    async fn update_client_grant(&mut self, grant: &ClientGrant) -> Result<(), StoreError> {
        let statement =
            self.statement(UPDATE_CLIENT_GRANT).bind(grant.id.as_str()).bind(json(&grant.scope)?);
        self.change(statement).await?;
        Ok(())
    }

    async fn delete_client_grant(&mut self, id: &ClientGrantId) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE_CLIENT_GRANT).bind(id.as_str())).await
    }

    async fn client(&mut self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        parts::client(self, id).await
    }

    async fn put_client(&mut self, client: &Client) -> Result<(), StoreError> {
        parts::put_client(self, client).await
    }

    async fn delete_client(&mut self, id: &ClientId) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE_CLIENT).bind(id.as_str())).await
    }

    async fn connection(&mut self, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
        parts::connection(self, id).await
    }

    async fn insert_connection(&mut self, connection: &Connection) -> Result<(), StoreError> {
        parts::insert_connection(self, connection).await
    }

    async fn update_connection(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let statement = self
            .statement(UPDATE_CONNECTION)
            .bind(connection.id.as_str())
            .bind(json(&connection.options)?);
        self.change(statement).await?;
        Ok(())
    }

    async fn delete_connection(&mut self, id: &ConnectionId) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE_CONNECTION).bind(id.as_str())).await
    }
}
