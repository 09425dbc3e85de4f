//! A database with two tenants that have the same content, and rivals for races.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use housekey_core::id::TenantId;
use housekey_core::port::{Mode, Registry, Store, StoreError, Tx};
use housekey_core::user::User;
use housekey_store::Database;
use housekey_testkit::databases::{TestDatabase, open};
use tokio::task::JoinSet;

use crate::samples;

/// How many try at once what only one may succeed in.
const RIVALS: usize = 16;

/// A database with two tenants. Tests act on `home`; nothing they do may show in `abroad`.
pub struct World {
    /// Everything that happens, happens here.
    pub home: TenantId,
    /// Has the same applications, connections and, by [`World::user`], users.
    pub abroad: TenantId,
    /// The database.
    pub database: TestDatabase,
}

impl World {
    /// On SQLite.
    pub async fn sqlite() -> Self {
        Self::new(TestDatabase::sqlite().await).await
    }

    /// On PostgreSQL, if there is one.
    pub async fn postgres() -> Option<Self> {
        Some(Self::new(TestDatabase::postgres().await?).await)
    }

    async fn new(database: TestDatabase) -> Self {
        let [home, abroad] = ["home", "abroad"].map(TenantId::from_raw);
        for tenant in [&home, &abroad] {
            let configuration = samples::configuration(tenant);
            database.store().registry().create_tenant(&configuration).await.unwrap();
        }
        Self { home, abroad, database }
    }

    /// A transaction that only reads.
    pub async fn read(&self, tenant: &TenantId) -> Box<dyn Tx> {
        self.database.store().begin(tenant, Mode::Read).await.unwrap()
    }

    /// A transaction that writes.
    pub async fn write(&self, tenant: &TenantId) -> Box<dyn Tx> {
        self.database.store().begin(tenant, Mode::Write).await.unwrap()
    }

    /// What spans tenants.
    pub fn registry(&self) -> &dyn Registry {
        self.database.store().registry()
    }

    /// A user who exists in both tenants under the same id and names.
    pub async fn user(&self) -> User {
        let user = samples::user(1);
        for tenant in [&self.home, &self.abroad] {
            let mut tx = self.write(tenant).await;
            tx.insert_user(&user).await.unwrap();
            tx.commit().await.unwrap();
        }
        user
    }

    /// How many of many succeed in `attempt` at the same time, half of them in another process'
    /// place.
    pub async fn winners<F>(&self, attempt: impl Fn(Rival) -> F) -> usize
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let stores = [Arc::clone(self.database.store()), Arc::new(open(self.database.url()).await)];
        let mut tasks = JoinSet::new();
        for store in stores.iter().cycle().take(RIVALS) {
            tasks.spawn(attempt(Rival { store: Arc::clone(store), tenant: self.home.clone() }));
        }
        let outcomes = tasks.join_all().await;
        stores[1].close().await;
        outcomes.into_iter().filter(|won| *won).count()
    }
}

/// One of many who try the same.
pub struct Rival {
    /// Their database.
    pub store: Arc<Database>,
    tenant: TenantId,
}

impl Rival {
    /// A transaction of theirs.
    pub async fn write(&self) -> Box<dyn Tx> {
        self.store.begin(&self.tenant, Mode::Write).await.unwrap()
    }
}

/// Commits.
pub async fn commit(tx: Box<dyn Tx>) {
    tx.commit().await.unwrap();
}

/// Asserts that two values are written the same; most aggregates cannot be compared otherwise.
#[track_caller]
pub fn assert_same(left: &impl Debug, right: &impl Debug) {
    assert_eq!(format!("{left:?}"), format!("{right:?}"));
}

/// Asserts that a uniqueness rule was violated.
#[track_caller]
pub fn assert_conflict<T>(outcome: Result<T, StoreError>) {
    let outcome = outcome.map(drop);
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
}
