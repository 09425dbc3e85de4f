//! Roles, who has them, and what they permit.

mod permissions;

use async_trait::async_trait;
use housekey_core::id::{RoleId, UserId};
use housekey_core::port::{Listed, Part, Roles, StoreError};
use housekey_core::role::Role;
use housekey_core::user::UserRecord;

use crate::error::json;
use crate::people;
use crate::row::{Columns, read_all, read_one};
use crate::tx::TenantTx;

macro_rules! role_columns {
    () => {
        "r.id, r.name, r.description, r.kept, r.created_at"
    };
}

const SELECT_ALL: &str = concat!(
    "SELECT ",
    role_columns!(),
    " FROM roles r WHERE r.tenant = $1 ORDER BY r.created_at, r.id"
);

const SELECT: &str =
    concat!("SELECT ", role_columns!(), " FROM roles r WHERE r.tenant = $1 AND r.id = $2");

const SELECT_OF_USER: &str = concat!(
    "SELECT ",
    role_columns!(),
    " FROM user_roles o JOIN roles r ON r.tenant = o.tenant AND r.id = o.role_id
      WHERE o.tenant = $1 AND o.user_id = $2 ORDER BY r.created_at, r.id"
);

const INSERT: &str = "INSERT INTO roles (tenant, id, name, description, kept, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";

const UPDATE: &str = "UPDATE roles SET name = $3, description = $4, kept = $5
    WHERE tenant = $1 AND id = $2";

const DELETE: &str = "DELETE FROM roles WHERE tenant = $1 AND id = $2";

const COUNT_USERS: &str = "SELECT COUNT(*) FROM user_roles WHERE tenant = $1 AND role_id = $2";

const GIVE: &str = "INSERT INTO user_roles (tenant, user_id, role_id)
    SELECT u.tenant, u.id, r.id FROM users u JOIN roles r ON r.tenant = u.tenant AND r.id = $3
    WHERE u.tenant = $1 AND u.id = $2
    ON CONFLICT (tenant, user_id, role_id) DO UPDATE SET role_id = excluded.role_id";

const TAKE: &str = "DELETE FROM user_roles WHERE tenant = $1 AND user_id = $2 AND role_id = $3";

#[async_trait]
impl Roles for TenantTx {
    async fn roles(&mut self) -> Result<Vec<Role>, StoreError> {
        read_all("roles", &self.all(self.statement(SELECT_ALL)).await?, read)
    }

    async fn role(&mut self, id: &RoleId) -> Result<Option<Role>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(id.as_str())).await?;
        read_one("roles", row, read)
    }

    async fn insert_role(&mut self, role: &Role) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(role.id.as_str())
            .bind(role.name.as_str())
            .bind(role.description.as_deref())
            .bind(json(&role.kept)?)
            .bind(role.created_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn update_role(&mut self, role: &Role) -> Result<bool, StoreError> {
        let statement = self
            .statement(UPDATE)
            .bind(role.id.as_str())
            .bind(role.name.as_str())
            .bind(role.description.as_deref())
            .bind(json(&role.kept)?);
        self.changed(statement).await
    }

    async fn delete_role(&mut self, id: &RoleId) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE).bind(id.as_str())).await
    }

    async fn role_users(
        &mut self,
        role: &RoleId,
        part: &Part,
    ) -> Result<Listed<UserRecord>, StoreError> {
        let (skip, after, take) = match part {
            Part::Numbered { skip, take, .. } => (*skip, None, *take),
            // One more tells whether there are more.
            Part::After { key, take } => (0, key.as_deref(), take + 1),
        };
        let statement = self
            .statement(people::SELECT_OF_ROLE)
            .bind(role.as_str())
            .bind(after)
            .bind(i64::from(take))
            .bind(i64::from(skip));
        let items = read_all("users", &self.all(statement).await?, people::read)?;
        let total = match part {
            Part::Numbered { count: true, .. } => {
                let count = self.statement(COUNT_USERS).bind(role.as_str());
                Some(self.number(count).await?.unsigned_abs())
            }
            _ => None,
        };
        Ok(Listed::fetched(items, total, part, |record| record.user.id.to_string()))
    }

    async fn user_roles(&mut self, user: &UserId) -> Result<Vec<Role>, StoreError> {
        let rows = self.all(self.statement(SELECT_OF_USER).bind(user.as_str())).await?;
        read_all("roles", &rows, read)
    }

    async fn give_role(&mut self, user: &UserId, role: &RoleId) -> Result<bool, StoreError> {
        let statement = self.statement(GIVE).bind(user.as_str()).bind(role.as_str());
        self.changed(statement).await
    }

    async fn take_role(&mut self, user: &UserId, role: &RoleId) -> Result<bool, StoreError> {
        let statement = self.statement(TAKE).bind(user.as_str()).bind(role.as_str());
        self.changed(statement).await
    }
}

fn read(columns: &mut Columns<'_>) -> Result<Role, StoreError> {
    Ok(Role {
        id: RoleId::from_raw(columns.get::<String>("id")?),
        name: columns.get("name")?,
        description: columns.get("description")?,
        kept: columns.json("kept")?,
        created_at: columns.time("created_at")?,
    })
}
