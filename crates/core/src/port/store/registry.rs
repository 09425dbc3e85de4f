//! What does not belong to one tenant, and what belongs to all of a tenant's configuration.

use async_trait::async_trait;

use super::StoreError;
use crate::client::{Client, ClientGrant};
use crate::id::{KeyId, LogStreamId, MessageId, TenantId};
use crate::job::Job;
use crate::log::stream::LogStream;
use crate::message::QueuedMessage;
use crate::tenant::{Configuration, Domain, TenantSettings};
use crate::time::Timestamp;
use crate::token::{RevokedKey, StoredKey};

/// A message claimed for delivery.
#[derive(Clone, Debug)]
pub struct ClaimedMessage {
    /// Whose.
    pub tenant: TenantId,
    /// What.
    pub message: QueuedMessage,
}

/// A log stream claimed for carrying.
#[derive(Clone, Debug)]
pub struct ClaimedStream {
    /// Whose.
    pub tenant: TenantId,
    /// What.
    pub stream: LogStream,
}

/// Tenants, their hosts and configuration, and the queues that span tenants.
///
/// Every write to a tenant's configuration increases the tenant's version.
#[async_trait]
pub trait Registry: Send + Sync {
    /// All tenants' names, in order.
    async fn tenants(&self) -> Result<Vec<TenantId>, StoreError>;

    /// Adds a tenant with its whole configuration, all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if its name or a host is taken.
    async fn create_tenant(&self, configuration: &Configuration) -> Result<(), StoreError>;

    /// The tenant that answers on `host`, verified domains only.
    async fn tenant_of_host(&self, host: &str) -> Result<Option<TenantId>, StoreError>;

    /// A tenant's whole configuration.
    async fn configuration(&self, tenant: &TenantId) -> Result<Option<Configuration>, StoreError>;

    /// A tenant's version alone.
    async fn version(&self, tenant: &TenantId) -> Result<Option<i64>, StoreError>;

    /// Replaces a tenant's settings, unless its version is no longer `version`. False means that
    /// somebody else changed the configuration meanwhile.
    async fn put_settings(
        &self,
        tenant: &TenantId,
        settings: &TenantSettings,
        version: i64,
    ) -> Result<bool, StoreError>;

    /// Replaces all hosts of a tenant.
    async fn set_domains(&self, tenant: &TenantId, domains: &[Domain]) -> Result<(), StoreError>;

    /// Adds an application or replaces its settings and secret.
    async fn put_client(&self, tenant: &TenantId, client: &Client) -> Result<(), StoreError>;

    /// Adds a client grant.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the application has one for the same API and subject.
    async fn add_client_grant(
        &self,
        tenant: &TenantId,
        grant: &ClientGrant,
    ) -> Result<(), StoreError>;

    /// Adds keys and gives existing ones the state named here, all in one transaction.
    async fn put_keys(&self, tenant: &TenantId, keys: &[StoredKey]) -> Result<(), StoreError>;

    /// Revokes a key: tokens signed with it stop being accepted, and only its certificate is left.
    /// False if there is none of that id.
    async fn revoke_key(
        &self,
        tenant: &TenantId,
        key: &KeyId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// The keys that were revoked, the newest first.
    async fn revoked_keys(&self, tenant: &TenantId) -> Result<Vec<RevokedKey>, StoreError>;

    /// Claims up to `limit` messages due at `now` until `lease_until`, each for one caller.
    async fn claim_messages(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedMessage>, StoreError>;

    /// Marks a message as delivered.
    async fn message_delivered(
        &self,
        tenant: &TenantId,
        id: &MessageId,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Puts a message back until `retry_at`, or gives it up without one.
    async fn message_failed(
        &self,
        tenant: &TenantId,
        id: &MessageId,
        retry_at: Option<Timestamp>,
    ) -> Result<(), StoreError>;

    /// Takes up a pending job nobody is at, until `lease_until`, for one caller.
    async fn claim_job(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<(TenantId, Job)>, StoreError>;

    /// Claims up to `limit` active log streams due at `now` until `lease_until`, each for one caller.
    async fn claim_log_streams(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedStream>, StoreError>;

    /// Notes how far a log stream came, how often it failed since, and when it is due again.
    async fn log_stream_carried(
        &self,
        tenant: &TenantId,
        id: &LogStreamId,
        position: &str,
        attempts: i64,
        due_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Removes what expired before `before`: transactions, codes, enrolments, objections, tickets,
    /// sessions, families, dead messages, unconfirmed methods, and jobs
    /// nothing happened to since. Nothing relies on it. Returns rows removed.
    async fn purge(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Makes up to `limit` of a tenant's users findable whom a version wrote that could not search;
    /// of how many.
    async fn index_users(&self, tenant: &TenantId, limit: u32) -> Result<u64, StoreError>;

    /// A cheap statement that fails if the database does not answer.
    async fn ping(&self) -> Result<(), StoreError>;
}
