//! Connects the parts: a database, a clock, dice and keys make an [`App`].

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use housekey_core::factor::password::PasswordHasher;
use housekey_core::id::TenantId;
use housekey_core::port::{Clock, SystemClock, SystemRandom};
use housekey_core::seal::{MasterKey, Sealer};
use housekey_core::tenant::LoadedTenant;
use housekey_core::{App, Call};
use housekey_store::Database;

use crate::config::{DatabaseSettings, PasswordSettings};

/// An [`App`] on an open database.
pub struct House {
    /// The services.
    pub app: App,
    /// The database beneath them.
    pub database: Arc<Database>,
    /// The clock they read.
    pub clock: Arc<SystemClock>,
}

impl House {
    /// Opens the database, brings its schema up to date, and puts the services on it.
    ///
    /// # Errors
    /// If the database cannot be opened, or its secrets not with this master key.
    pub async fn open(
        database: &DatabaseSettings,
        master_key: &MasterKey,
        passwords: PasswordSettings,
    ) -> Result<Self> {
        let database = open_database(database).await?;
        let clock = Arc::new(SystemClock::default());
        let random = Arc::new(SystemRandom);
        let hasher = PasswordHasher::new(passwords.cost, passwords.at_once, &*random)?;
        let sealer = Sealer::new(master_key)?;
        let app = App::new(database.clone(), clock.clone(), random, sealer, hasher);
        Ok(Self { app, database, clock })
    }

    /// Fails if what is in the database was sealed with another master key.
    ///
    /// # Errors
    /// That one, or if the database does not answer.
    pub async fn check_master_key(&self) -> Result<()> {
        let Some(any) = self.app.store().registry().tenants().await?.into_iter().next() else {
            return Ok(());
        };
        if let Err(fault) = self.app.directory().by_id(&any, self.clock.now()).await {
            bail!("the master key does not open this database: {}", fault.chain());
        }
        Ok(())
    }

    /// The tenant called `name`.
    ///
    /// # Errors
    /// If there is none, or the database does not answer.
    pub async fn tenant(&self, name: &str) -> Result<Arc<LoadedTenant>> {
        let id = TenantId::from_raw(name);
        let found = self.app.directory().by_id(&id, self.clock.now()).await?;
        found
            .with_context(|| format!("there is no tenant {name}: `housekey tenant list` shows all"))
    }
}

/// The facts of a command about `tenant`, as if it had come in on the tenant's own host.
pub fn local_call(house: &House, tenant: Arc<LoadedTenant>, is_secure: bool, name: &str) -> Call {
    let host = tenant.canonical_host().to_owned();
    let scheme = if is_secure { "https" } else { "http" };
    Call {
        issuer: format!("{scheme}://{host}/"),
        host,
        tenant,
        now: house.clock.now(),
        ip: Ipv4Addr::LOCALHOST.to_string(),
        user_agent: name.to_owned(),
        accept_language: String::new(),
        request_id: house.app.random().hex(8),
    }
}

/// Opens the database alone and brings its schema up to date.
///
/// # Errors
/// If it cannot be opened.
pub async fn open_database(settings: &DatabaseSettings) -> Result<Arc<Database>> {
    match Database::open(&settings.url, settings.options).await {
        Ok(database) => Ok(Arc::new(database)),
        // The driver's errors quote their causes: the chain would say everything twice.
        Err(error) => bail!("the database cannot be opened: {error}"),
    }
}
