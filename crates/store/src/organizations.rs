//! Organizations and who belongs to them.

use async_trait::async_trait;
use housekey_core::id::{OrganizationId, UserId};
use housekey_core::organization::Organization;
use housekey_core::port::{Listed, Organizations, Part, StoreError};
use housekey_core::user::UserRecord;

use crate::error::json;
use crate::people;
use crate::row::{Columns, read_all, read_one};
use crate::tx::TenantTx;

const INSERT: &str = "INSERT INTO organizations
    (tenant, id, name, display_name, settings, created_at) VALUES ($1, $2, $3, $4, $5, $6)";

macro_rules! organization_columns {
    () => {
        "o.id, o.name, o.display_name, o.settings, o.created_at"
    };
}

const SELECT: &str = concat!(
    "SELECT ",
    organization_columns!(),
    " FROM organizations o WHERE o.tenant = $1 AND o.id = $2"
);

const SELECT_NAMED: &str = concat!(
    "SELECT ",
    organization_columns!(),
    " FROM organizations o WHERE o.tenant = $1 AND o.name = $2"
);

const SELECT_PART: &str = concat!(
    "SELECT ",
    organization_columns!(),
    " FROM organizations o WHERE o.tenant = $1 AND ($2 IS NULL OR o.name > $2)
      ORDER BY o.name LIMIT $3 OFFSET $4"
);

const COUNT: &str = "SELECT COUNT(*) FROM organizations WHERE tenant = $1";

const UPDATE: &str = "UPDATE organizations SET name = $3, display_name = $4, settings = $5
    WHERE tenant = $1 AND id = $2";

const DELETE: &str = "DELETE FROM organizations WHERE tenant = $1 AND id = $2";

const COUNT_MEMBERS: &str =
    "SELECT COUNT(*) FROM organization_members WHERE tenant = $1 AND organization_id = $2";

const ADD_MEMBER: &str = "INSERT INTO organization_members (tenant, organization_id, user_id)
    VALUES ($1, $2, $3) ON CONFLICT (tenant, organization_id, user_id) DO NOTHING";

const REMOVE_MEMBER: &str = "DELETE FROM organization_members
    WHERE tenant = $1 AND organization_id = $2 AND user_id = $3";

const OF_MEMBER: &str = concat!(
    "SELECT ",
    organization_columns!(),
    " FROM organization_members m
    JOIN organizations o ON o.tenant = m.tenant AND o.id = m.organization_id
    WHERE m.tenant = $1 AND m.user_id = $2 AND ($3 IS NULL OR o.name > $3)
    ORDER BY o.name LIMIT $4"
);

#[async_trait]
impl Organizations for TenantTx {
    async fn insert_organization(&mut self, new: &Organization) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(new.id.as_str())
            .bind(new.name.as_str())
            .bind(new.display_name.as_deref())
            .bind(json(&new.settings)?)
            .bind(new.created_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn organization(
        &mut self,
        id: &OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(id.as_str())).await?;
        read_one("organizations", row, read)
    }

    async fn organization_named(&mut self, name: &str) -> Result<Option<Organization>, StoreError> {
        let row = self.one(self.statement(SELECT_NAMED).bind(name)).await?;
        read_one("organizations", row, read)
    }

    async fn organizations(&mut self, part: &Part) -> Result<Listed<Organization>, StoreError> {
        let (skip, after, take) = bounds(part);
        let statement = self.statement(SELECT_PART).bind(after).bind(take).bind(skip);
        let items = read_all("organizations", &self.all(statement).await?, read)?;
        let total = match part {
            Part::Numbered { count: true, .. } => {
                Some(self.number(self.statement(COUNT)).await?.unsigned_abs())
            }
            _ => None,
        };
        Ok(Listed::fetched(items, total, part, |own| own.name.clone()))
    }

    async fn update_organization(&mut self, changed: &Organization) -> Result<(), StoreError> {
        let statement = self
            .statement(UPDATE)
            .bind(changed.id.as_str())
            .bind(changed.name.as_str())
            .bind(changed.display_name.as_deref())
            .bind(json(&changed.settings)?);
        self.change(statement).await?;
        Ok(())
    }

    async fn delete_organization(&mut self, id: &OrganizationId) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE).bind(id.as_str())).await
    }

    async fn members(
        &mut self,
        organization: &OrganizationId,
        part: &Part,
    ) -> Result<Listed<UserRecord>, StoreError> {
        let (skip, after, take) = bounds(part);
        let id = organization.as_str();
        let statement = self
            .statement(people::SELECT_OF_ORGANIZATION)
            .bind(id)
            .bind(after)
            .bind(take)
            .bind(skip);
        let items = read_all("users", &self.all(statement).await?, people::read)?;
        let total = match part {
            Part::Numbered { count: true, .. } => {
                let count = self.statement(COUNT_MEMBERS).bind(id);
                Some(self.number(count).await?.unsigned_abs())
            }
            _ => None,
        };
        Ok(Listed::fetched(items, total, part, |record| record.user.id.to_string()))
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

/// What a part leaves out, what it comes behind, and how many rows to read for it: behind a key one
/// more tells whether there are more.
fn bounds(part: &Part) -> (i64, Option<&str>, i64) {
    match part {
        Part::Numbered { skip, take, .. } => (i64::from(*skip), None, i64::from(*take)),
        Part::After { key, take } => (0, key.as_deref(), i64::from(*take) + 1),
    }
}

fn read(columns: &mut Columns<'_>) -> Result<Organization, StoreError> {
    Ok(Organization {
        id: OrganizationId::from_raw(columns.get::<String>("id")?),
        name: columns.get("name")?,
        display_name: columns.get("display_name")?,
        settings: columns.json("settings")?,
        created_at: columns.time("created_at")?,
    })
}
