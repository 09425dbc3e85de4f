//! A write transaction.

use housekey_core::port::StoreError;

use super::BEGIN;
use super::connection::Postgres;
use crate::db::Durability;
use crate::engine::Engine;
use crate::pool::{Lease, Pool};

/// A transaction that writes. Undone when dropped.
pub(crate) struct Write {
    lease: Option<Lease<Postgres>>,
}

impl Write {
    /// Begins a transaction.
    pub(crate) async fn begin(
        pool: &Pool<Postgres>,
        durability: Durability,
    ) -> Result<Self, StoreError> {
        let mut lease = pool.lend().await?;
        lease.sound = false;
        match durability {
            Durability::Full => Postgres::script(lease.connection(), BEGIN).await,
            Durability::Relaxed => {
                let begin = format!("{BEGIN}; SET LOCAL synchronous_commit = off");
                Postgres::script(lease.connection(), &begin).await
            }
        }?;
        lease.sound = true;
        Ok(Self { lease: Some(lease) })
    }

    /// The lease: unsound while a statement runs.
    pub(crate) fn lease(&mut self) -> &mut Lease<Postgres> {
        self.lease.as_mut().expect("a transaction has its connection until it ends")
    }

    /// Makes the transaction durable, as far as was asked for when it began.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let mut lease = self.lease.take().expect("a transaction has its connection until it ends");
        lease.sound = false;
        Postgres::script(lease.connection(), "COMMIT").await?;
        lease.sound = true;
        Ok(())
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        let Some(mut lease) = self.lease.take().filter(|lease| lease.sound) else { return };
        // Closing undoes as well; that is for when nobody can wait for an answer any more.
        lease.sound = false;
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(roll_back(lease));
    }
}

async fn roll_back(mut lease: Lease<Postgres>) {
    if Postgres::script(lease.connection(), "ROLLBACK").await.is_ok() {
        lease.sound = true;
    }
}
