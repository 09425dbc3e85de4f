//! Which tenant answers on a host, without asking the database on every request.
//!
//! A tenant's configuration is small and changes rarely. It is kept in memory and its version is
//! compared with the database's at most once a second: this process sees its own changes at once
//! ([`Directory::forget`]), others after that second.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::LoadedTenant;
use crate::error::Fault;
use crate::id::TenantId;
use crate::port::Store;
use crate::seal::Sealer;
use crate::time::Timestamp;

/// How long a configuration is used before its version is compared again, in milliseconds.
const FRESH_FOR_MS: i64 = 1000;

/// Tenants by host and by name.
pub struct Directory {
    store: Arc<dyn Store>,
    sealer: Arc<Sealer>,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    hosts: HashMap<String, TenantId>,
    tenants: HashMap<TenantId, Entry>,
}

#[derive(Clone)]
struct Entry {
    tenant: Arc<LoadedTenant>,
    checked_at: Timestamp,
}

impl Entry {
    fn is_fresh(&self, now: Timestamp) -> bool {
        (now.0 - self.checked_at.0).abs() < FRESH_FOR_MS
    }
}

impl Directory {
    pub(crate) fn new(store: Arc<dyn Store>, sealer: Arc<Sealer>) -> Self {
        Self { store, sealer, known: RwLock::default() }
    }

    /// The tenant that answers on `host`.
    ///
    /// # Errors
    /// If the database is not available or a signing key does not open.
    pub async fn by_host(
        &self,
        host: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<LoadedTenant>>, Fault> {
        if let Some(entry) = self.entry_of_host(host)
            && entry.is_fresh(now)
            && entry.tenant.answers_on(host)
        {
            return Ok(Some(entry.tenant));
        }
        let Some(id) = self.store.registry().tenant_of_host(host).await? else {
            return Ok(None);
        };
        let tenant = self.by_id(&id, now).await?;
        if tenant.is_some() {
            self.write(|known| known.hosts.insert(host.to_owned(), id));
        }
        Ok(tenant)
    }

    /// The tenant of that name.
    ///
    /// # Errors
    /// If the database is not available or a signing key does not open.
    pub async fn by_id(
        &self,
        id: &TenantId,
        now: Timestamp,
    ) -> Result<Option<Arc<LoadedTenant>>, Fault> {
        match self.read(|known| known.tenants.get(id).cloned()) {
            Some(entry) if entry.is_fresh(now) => Ok(Some(entry.tenant)),
            _ => self.newest(id, now).await,
        }
    }

    /// The tenant of that name, as it is in the database at this moment.
    ///
    /// # Errors
    /// If the database is not available or a signing key does not open.
    pub async fn newest(
        &self,
        id: &TenantId,
        now: Timestamp,
    ) -> Result<Option<Arc<LoadedTenant>>, Fault> {
        if let Some(entry) = self.read(|known| known.tenants.get(id).cloned())
            && self.store.registry().version(id).await? == Some(entry.tenant.version)
        {
            self.remember(entry.tenant.clone(), now);
            return Ok(Some(entry.tenant));
        }
        let Some(configuration) = self.store.registry().configuration(id).await? else {
            self.forget(id);
            return Ok(None);
        };
        let tenant = Arc::new(LoadedTenant::load(configuration, &self.sealer)?);
        self.remember(tenant.clone(), now);
        Ok(Some(tenant))
    }

    /// Drops what is known of a tenant; called after its configuration was changed.
    pub fn forget(&self, id: &TenantId) {
        self.write(|known| known.tenants.remove(id));
    }

    fn entry_of_host(&self, host: &str) -> Option<Entry> {
        self.read(|known| known.hosts.get(host).and_then(|id| known.tenants.get(id)).cloned())
    }

    fn remember(&self, tenant: Arc<LoadedTenant>, now: Timestamp) {
        let id = tenant.id.clone();
        self.write(|known| known.tenants.insert(id, Entry { tenant, checked_at: now }));
    }

    fn read<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner))
    }
}
