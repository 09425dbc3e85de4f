//! A unit of work for one tenant.

use std::borrow::Cow;

use async_trait::async_trait;
use housekey_core::id::TenantId;
use housekey_core::port::{StoreError, Tx};

use crate::statement::{Row, Statement};
use crate::unit::Unit;

/// A unit of work for one tenant. The aggregates' files implement the port's traits on it.
pub(crate) struct TenantTx {
    tenant: TenantId,
    unit: Unit,
}

impl TenantTx {
    /// Binds a unit of work to a tenant.
    pub(crate) fn new(tenant: &TenantId, unit: Unit) -> Self {
        Self { tenant: tenant.clone(), unit }
    }

    /// A statement whose `$1` is the tenant. There is no other way to make one here.
    pub(crate) fn statement(&self, sql: impl Into<Cow<'static, str>>) -> Statement {
        Statement::new(sql).bind(self.tenant.as_str())
    }

    /// The first row, if there is one.
    pub(crate) async fn one(&mut self, statement: Statement) -> Result<Option<Row>, StoreError> {
        self.unit.one(statement).await
    }

    /// All rows.
    pub(crate) async fn all(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        self.unit.all(statement).await
    }

    /// How many rows a write changed.
    pub(crate) async fn change(&mut self, statement: Statement) -> Result<u64, StoreError> {
        self.unit.change(statement).await
    }

    /// Whether a write of at most one row changed it.
    pub(crate) async fn changed(&mut self, statement: Statement) -> Result<bool, StoreError> {
        Ok(self.change(statement).await? > 0)
    }

    /// The row that a write of at most one row changed, by `RETURNING`.
    pub(crate) async fn change_one(
        &mut self,
        statement: Statement,
    ) -> Result<Option<Row>, StoreError> {
        self.unit.change_one(statement).await
    }

    /// Makes everything durable.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.unit.commit().await
    }
}

#[async_trait]
impl Tx for TenantTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.unit.commit().await
    }
}
