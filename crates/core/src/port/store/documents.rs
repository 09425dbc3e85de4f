//! Documents that belong to a tenant's configuration and are read only where they are used.

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::StoreError;

/// Documents by kind and name.
#[async_trait]
pub trait Documents {
    /// The document of that name.
    async fn document(
        &mut self,
        kind: &str,
        name: &str,
    ) -> Result<Option<Map<String, Value>>, StoreError>;

    /// Adds a document or replaces the one of that name.
    async fn put_document(
        &mut self,
        kind: &str,
        name: &str,
        document: &Map<String, Value>,
    ) -> Result<(), StoreError>;

    /// Removes a document. False if there was none.
    async fn delete_document(&mut self, kind: &str, name: &str) -> Result<bool, StoreError>;
}
