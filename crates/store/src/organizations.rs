//! Organizations and who belongs to them.

use async_trait::async_trait;
use housekey_core::id::{OrganizationId, UserId};
use housekey_core::organization::Organization;
use housekey_core::port::{Organizations, StoreError};

use crate::row::{Columns, read_all};
use crate::tx::TenantTx;

const INSERT: &str = "INSERT INTO organizations (tenant, id, name, display_name, created_at)
    VALUES ($1, $2, $3, $4, $5)";

const ADD_MEMBER: &str = "INSERT INTO organization_members (tenant, organization_id, user_id)
    VALUES ($1, $2, $3) ON CONFLICT (tenant, organization_id, user_id) DO NOTHING";

const REMOVE_MEMBER: &str = "DELETE FROM organization_members
    WHERE tenant = $1 AND organization_id = $2 AND user_id = $3";

const OF_MEMBER: &str = "SELECT o.id, o.name, o.display_name, o.created_at
    FROM organization_members m
    JOIN organizations o ON o.tenant = m.tenant AND o.id = m.organization_id
    WHERE m.tenant = $1 AND m.user_id = $2 AND ($3 IS NULL OR o.name > $3)
    ORDER BY o.name LIMIT $4";

#[async_trait]
impl Organizations for TenantTx {
    async fn insert_organization(&mut self, new: &Organization) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(new.id.as_str())
            .bind(new.name.as_str())
            .bind(new.display_name.as_deref())
            .bind(new.created_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn add_member(
        &mut self,
        organization: &OrganizationId,
        user: &UserId,
    ) -> Result<bool, StoreError> {
        let statement = self.statement(ADD_MEMBER).bind(organization.as_str()).bind(user.as_str());
        self.changed(statement).await
    }

    async fn remove_member(
        &mut self,
        organization: &OrganizationId,
        user: &UserId,
    ) -> Result<bool, StoreError> {
        let statement =
            self.statement(REMOVE_MEMBER).bind(organization.as_str()).bind(user.as_str());
        self.changed(statement).await
    }

    async fn organizations_of(
        &mut self,
        user: &UserId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Organization>, StoreError> {
        let statement =
            self.statement(OF_MEMBER).bind(user.as_str()).bind(after).bind(i64::from(limit));
        let rows = self.all(statement).await?;
        read_all("organizations", &rows, read)
    }
}

fn read(columns: &mut Columns<'_>) -> Result<Organization, StoreError> {
    Ok(Organization {
        id: OrganizationId::from_raw(columns.get::<String>("id")?),
        name: columns.get("name")?,
        display_name: columns.get("display_name")?,
        created_at: columns.time("created_at")?,
    })
}
