//! What does not belong to one tenant, and what belongs to all of a tenant's configuration.

pub(crate) mod configuration;
mod keys;
pub(crate) mod parts;
mod purge;
mod queue;

use async_trait::async_trait;
use housekey_core::client::{Client, ClientGrant};
use housekey_core::id::{KeyId, LogStreamId, MessageId, TenantId};
use housekey_core::job::Job;
use housekey_core::port::{ClaimedMessage, ClaimedStream, Configurations, Registry, StoreError};
use housekey_core::tenant::{Configuration, Domain, TenantSettings};
use housekey_core::time::Timestamp;
use housekey_core::token::{RevokedKey, StoredKey};

use crate::db::{Database, Durability};
use crate::jobs;
use crate::log_streams;
use crate::row::{read_all, read_one};
use crate::statement::Statement;
use crate::terms;
use crate::tx::TenantTx;

const TENANTS: &str = "SELECT id FROM tenants ORDER BY id";

const TENANT_OF_HOST: &str = "SELECT host, tenant FROM domains WHERE host = $1 AND verified = 1";

const VERSION: &str = "SELECT id, version FROM tenants WHERE id = $1";

#[async_trait]
impl Registry for Database {
    async fn tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        let rows = self.reading().await?.all(Statement::new(TENANTS)).await?;
        read_all("tenants", &rows, |columns| Ok(TenantId::from_raw(columns.get::<String>("id")?)))
    }

    async fn create_tenant(&self, configuration: &Configuration) -> Result<(), StoreError> {
        let mut tx = TenantTx::new(&configuration.tenant.id, self.writing(Durability::Full).await?);
        configuration::insert(&mut tx, configuration).await?;
        tx.commit().await
    }

    async fn tenant_of_host(&self, host: &str) -> Result<Option<TenantId>, StoreError> {
        let row = self.reading().await?.one(Statement::new(TENANT_OF_HOST).bind(host)).await?;
        read_one("domains", row, |columns| {
            let _host: &str = columns.get("host")?;
            Ok(TenantId::from_raw(columns.get::<String>("tenant")?))
        })
    }

    async fn configuration(&self, tenant: &TenantId) -> Result<Option<Configuration>, StoreError> {
        configuration::read(&mut TenantTx::new(tenant, self.reading().await?)).await
    }

    async fn version(&self, tenant: &TenantId) -> Result<Option<i64>, StoreError> {
        let row = self.reading().await?.one(Statement::new(VERSION).bind(tenant.as_str())).await?;
        read_one("tenants", row, |columns| {
            let _id: &str = columns.get("id")?;
            columns.get("version")
        })
    }

    async fn put_settings(
        &self,
        tenant: &TenantId,
        settings: &TenantSettings,
        version: i64,
    ) -> Result<bool, StoreError> {
        let mut tx = TenantTx::new(tenant, self.writing(Durability::Full).await?);
        let replaced = configuration::replace_settings(&mut tx, settings, version).await?;
        tx.commit().await?;
        Ok(replaced)
    }

    async fn set_domains(&self, tenant: &TenantId, domains: &[Domain]) -> Result<(), StoreError> {
        let mut tx = self.reconfiguring(tenant).await?;
        configuration::replace_domains(&mut tx, domains).await?;
        tx.commit().await
    }

    async fn put_client(&self, tenant: &TenantId, client: &Client) -> Result<(), StoreError> {
        let mut tx = self.reconfiguring(tenant).await?;
        parts::put_client(&mut tx, client).await?;
        tx.commit().await
    }

    async fn add_client_grant(
        &self,
        tenant: &TenantId,
        grant: &ClientGrant,
    ) -> Result<(), StoreError> {
        let mut tx = self.reconfiguring(tenant).await?;
        parts::insert_client_grant(&mut tx, grant).await?;
        tx.commit().await
    }

    async fn put_keys(&self, tenant: &TenantId, keys: &[StoredKey]) -> Result<(), StoreError> {
        let mut tx = self.reconfiguring(tenant).await?;
        keys::put(&mut tx, keys).await?;
        tx.commit().await
    }

    async fn revoke_key(
        &self,
        tenant: &TenantId,
        key: &KeyId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.reconfiguring(tenant).await?;
        let revoked = keys::revoke(&mut tx, key, now).await?;
        if revoked {
            tx.commit().await?;
        }
        Ok(revoked)
    }

    async fn revoked_keys(&self, tenant: &TenantId) -> Result<Vec<RevokedKey>, StoreError> {
        keys::revoked(&mut TenantTx::new(tenant, self.reading().await?)).await
    }

    async fn claim_messages(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedMessage>, StoreError> {
        queue::claim(self.writing(Durability::Full).await?, now, lease_until, limit).await
    }

    async fn message_delivered(
        &self,
        tenant: &TenantId,
        id: &MessageId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = TenantTx::new(tenant, self.writing(Durability::Full).await?);
        queue::delivered(&mut tx, id, now).await?;
        tx.commit().await
    }

    async fn message_failed(
        &self,
        tenant: &TenantId,
        id: &MessageId,
        retry_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let mut tx = TenantTx::new(tenant, self.writing(Durability::Full).await?);
        queue::failed(&mut tx, id, retry_at).await?;
        tx.commit().await
    }

    async fn claim_job(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<(TenantId, Job)>, StoreError> {
        jobs::claim(self.writing(Durability::Full).await?, now, lease_until).await
    }

    async fn claim_log_streams(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedStream>, StoreError> {
        // Most of the time there is nothing, and then nothing is written.
        if !log_streams::is_due(self.reading().await?, now).await? {
            return Ok(Vec::new());
        }
        log_streams::claim(self.writing(Durability::Full).await?, now, lease_until, limit).await
    }

    async fn log_stream_carried(
        &self,
        tenant: &TenantId,
        id: &LogStreamId,
        position: &str,
        attempts: i64,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = TenantTx::new(tenant, self.writing(Durability::Full).await?);
        log_streams::carried(&mut tx, id, position, attempts, due_at).await?;
        tx.commit().await
    }

    async fn purge(&self, before: Timestamp) -> Result<u64, StoreError> {
        purge::run(self, before).await
    }

    async fn index_users(&self, tenant: &TenantId, limit: u32) -> Result<u64, StoreError> {
        let mut tx = TenantTx::new(tenant, self.writing(Durability::Full).await?);
        let done = terms::catch_up(&mut tx, i64::from(limit)).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.reading().await?.one(Statement::new("SELECT 1")).await?;
        Ok(())
    }
}

impl Database {
    /// A transaction that changes a tenant's configuration.
    async fn reconfiguring(&self, tenant: &TenantId) -> Result<TenantTx, StoreError> {
        let mut tx = TenantTx::new(tenant, self.writing(Durability::Full).await?);
        tx.reconfigure().await?;
        Ok(tx)
    }
}
