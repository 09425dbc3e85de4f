//! Stored rate limits.

use async_trait::async_trait;
use housekey_core::guard::Bucket;
use housekey_core::port::{Buckets, StoreError};

use crate::row::{Columns, read_all, read_one};
use crate::tx::TenantTx;

/// The update that changes nothing makes others wait for the row and shows what they left in it.
const LOCK: &str = "INSERT INTO buckets (tenant, name, level, at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant, name) DO UPDATE SET name = EXCLUDED.name
    RETURNING name, level, at";

const PUT: &str = "UPDATE buckets SET level = $3, at = $4 WHERE tenant = $1 AND name = $2";

const SELECT: &str = "SELECT name, level, at FROM buckets WHERE tenant = $1 AND name = $2";

/// A range would depend on how the database sorts texts.
const SELECT_BEGINNING: &str = "SELECT name, level, at FROM buckets
    WHERE tenant = $1 AND substr(name, 1, length($2)) = $2 ORDER BY name LIMIT 1000";

const DELETE: &str = "DELETE FROM buckets WHERE tenant = $1 AND name = $2";

#[async_trait]
impl Buckets for TenantTx {
    async fn bucket(&mut self, name: &str) -> Result<Option<Bucket>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(name)).await?;
        read_one("buckets", row, read)
    }

    async fn buckets_beginning(
        &mut self,
        begin: &str,
    ) -> Result<Vec<(String, Bucket)>, StoreError> {
        let rows = self.all(self.statement(SELECT_BEGINNING).bind(begin)).await?;
        read_all("buckets", &rows, |columns| {
            let name: String = columns.get("name")?;
            Ok((name, Bucket { level: columns.get("level")?, at: columns.time("at")? }))
        })
    }

    async fn delete_bucket(&mut self, name: &str) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE).bind(name)).await
    }

    async fn lock_bucket(&mut self, name: &str, new: Bucket) -> Result<Bucket, StoreError> {
        let statement = self.statement(LOCK).bind(name).bind(new.level).bind(new.at.0);
        let row = self.change_one(statement).await?;
        Ok(read_one("buckets", row, read)?.unwrap_or(new))
    }

    async fn put_bucket(&mut self, name: &str, bucket: Bucket) -> Result<(), StoreError> {
        let statement = self.statement(PUT).bind(name).bind(bucket.level).bind(bucket.at.0);
        self.change(statement).await?;
        Ok(())
    }
}

fn read(columns: &mut Columns<'_>) -> Result<Bucket, StoreError> {
    let _name: &str = columns.get("name")?;
    Ok(Bucket { level: columns.get("level")?, at: columns.time("at")? })
}
