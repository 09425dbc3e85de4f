//! The services an operation may use, in one value.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::error::Fault;
use crate::factor::password::PasswordHasher;
use crate::guard::RateLimiter;
use crate::id::TenantId;
use crate::log::LogOrder;
use crate::port::{Clock, Messenger, Mode, Random, Resolver, Store, Tx};
use crate::seal::Sealer;
use crate::tenant::Directory;

/// The services of a running Housekey.
pub struct App {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    sealer: Arc<Sealer>,
    hasher: PasswordHasher,
    directory: Directory,
    limiter: RateLimiter,
    log_order: LogOrder,
    outbox: Notify,
    jobs: Notify,
    messenger: Option<Arc<dyn Messenger>>,
    resolver: Option<Arc<dyn Resolver>>,
}

impl App {
    /// Puts the services together.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        sealer: Sealer,
        hasher: PasswordHasher,
    ) -> Self {
        let sealer = Arc::new(sealer);
        let directory = Directory::new(store.clone(), sealer.clone());
        Self {
            store,
            clock,
            random,
            sealer,
            hasher,
            directory,
            limiter: RateLimiter::default(),
            log_order: LogOrder::default(),
            outbox: Notify::new(),
            jobs: Notify::new(),
            messenger: None,
            resolver: None,
        }
    }

    /// The same without rate limits: for measuring what a server can do.
    #[must_use]
    pub fn without_rate_limits(mut self) -> Self {
        self.limiter = RateLimiter::off();
        self
    }

    /// The same with a way out for messages whose sender waits for the provider's answer. Without
    /// one they wait in the queue like all others.
    #[must_use]
    pub fn with_messenger(mut self, messenger: Arc<dyn Messenger>) -> Self {
        self.messenger = Some(messenger);
        self
    }

    /// The way out, if this process has one.
    #[must_use]
    pub fn messenger(&self) -> Option<&dyn Messenger> {
        self.messenger.as_deref()
    }

    /// The same with somebody to ask what domain names hold.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// Whom to ask what domain names hold, if this process knows somebody.
    #[must_use]
    pub fn resolver(&self) -> Option<&dyn Resolver> {
        self.resolver.as_deref()
    }

    /// Where things are kept.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The dice.
    #[must_use]
    pub fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// What seals and opens.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// What hashes passwords.
    #[must_use]
    pub fn hasher(&self) -> &PasswordHasher {
        &self.hasher
    }

    /// Tenants and their configuration.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Counters of requests.
    #[must_use]
    pub fn limiter(&self) -> &RateLimiter {
        &self.limiter
    }

    /// The order of this process's log events.
    #[must_use]
    pub fn log_order(&self) -> &LogOrder {
        &self.log_order
    }

    /// Opens a transaction that writes.
    ///
    /// # Errors
    /// If the database is not available.
    pub async fn write(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, Fault> {
        Ok(self.store.begin(tenant, Mode::Write).await?)
    }

    /// Opens a transaction that writes what is of passing worth ([`Mode::Passing`]).
    ///
    /// # Errors
    /// If the database is not available.
    pub async fn write_passing(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, Fault> {
        Ok(self.store.begin(tenant, Mode::Passing).await?)
    }

    /// Opens a transaction that only reads.
    ///
    /// # Errors
    /// If the database is not available.
    pub async fn read(&self, tenant: &TenantId) -> Result<Box<dyn Tx>, Fault> {
        Ok(self.store.begin(tenant, Mode::Read).await?)
    }

    /// Wakes the worker that delivers messages; called after the commit that queued some.
    pub fn nudge_outbox(&self) {
        self.outbox.notify_one();
    }

    /// Wakes the worker that does jobs; called after the commit that added one.
    pub fn nudge_jobs(&self) {
        self.jobs.notify_one();
    }

    /// Waits until a job was added.
    pub async fn jobs_nudged(&self) {
        self.jobs.notified().await;
    }

    /// Waits until messages were queued.
    pub async fn outbox_nudged(&self) {
        self.outbox.notified().await;
    }
}
