//! Stored rate limits.

use async_trait::async_trait;

use super::StoreError;
use crate::guard::Bucket;

/// Buckets of limits that outlive a restart.
#[async_trait]
pub trait Buckets {
    /// The bucket of that name as it was a moment ago.
    async fn bucket(&mut self, name: &str) -> Result<Option<Bucket>, StoreError>;

    /// Fills a bucket by forgetting it. False if there was none.
    async fn delete_bucket(&mut self, name: &str) -> Result<bool, StoreError>;

    /// The bucket of that name, `new` if there was none. Other write transactions that ask for it
    /// wait until this one ends.
    async fn lock_bucket(&mut self, name: &str, new: Bucket) -> Result<Bucket, StoreError>;

    /// Replaces a bucket that this transaction has locked.
    async fn put_bucket(&mut self, name: &str, bucket: Bucket) -> Result<(), StoreError>;

    /// The buckets whose names begin so, by name: not for every request.
    async fn buckets_beginning(&mut self, begin: &str)
    -> Result<Vec<(String, Bucket)>, StoreError>;
}
