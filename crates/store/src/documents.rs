//! Documents by kind and name.

use async_trait::async_trait;
use housekey_core::port::{Documents, StoreError};
use housekey_core::tenant::looks::Document;
use serde_json::{Map, Value};

use crate::error::json;
use crate::row::{read_all, read_one};
use crate::tx::TenantTx;

const SELECT: &str =
    "SELECT name, document FROM documents WHERE tenant = $1 AND kind = $2 AND name = $3";

/// What pages need: it is read with the configuration.
const SELECT_FOR_PAGES: &str = "SELECT kind, name, document FROM documents WHERE tenant = $1
    AND kind IN ('branding/templates', 'branding/themes', 'prompts/custom-text')";

const UPSERT: &str = "INSERT INTO documents (tenant, kind, name, document) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant, kind, name) DO UPDATE SET document = excluded.document";

const DELETE: &str = "DELETE FROM documents WHERE tenant = $1 AND kind = $2 AND name = $3";

/// The documents that pages need.
pub(crate) async fn for_pages(tx: &mut TenantTx) -> Result<Vec<Document>, StoreError> {
    let rows = tx.all(tx.statement(SELECT_FOR_PAGES)).await?;
    read_all("documents", &rows, |columns| {
        Ok(Document {
            kind: columns.get::<&str>("kind")?.to_owned(),
            name: columns.get::<&str>("name")?.to_owned(),
            content: columns.json("document")?,
        })
    })
}

#[async_trait]
impl Documents for TenantTx {
    async fn document(
        &mut self,
        kind: &str,
        name: &str,
    ) -> Result<Option<Map<String, Value>>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(kind).bind(name)).await?;
        read_one("documents", row, |columns| {
            let _name: &str = columns.get("name")?;
            columns.json("document")
        })
    }

    async fn put_document(
        &mut self,
        kind: &str,
        name: &str,
        document: &Map<String, Value>,
    ) -> Result<(), StoreError> {
        let statement = self.statement(UPSERT).bind(kind).bind(name).bind(json(document)?);
        self.change(statement).await?;
        Ok(())
    }

    async fn delete_document(&mut self, kind: &str, name: &str) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE).bind(kind).bind(name)).await
    }
}
