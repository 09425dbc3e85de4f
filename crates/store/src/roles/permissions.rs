//! What roles and people may do.

use async_trait::async_trait;
use housekey_core::id::{ResourceServerId, RoleId, UserId};
use housekey_core::port::{Permissions, StoreError};
use housekey_core::role::{Granted, Permission};
use housekey_core::scope::ScopeSet;

use crate::row::{Columns, read_all};
use crate::statement::Statement;
use crate::tx::TenantTx;

const OF_ROLE: &str = "SELECT resource_server_id, scope FROM role_permissions
    WHERE tenant = $1 AND role_id = $2 ORDER BY resource_server_id, scope";

const ADD_TO_ROLE: &str = "INSERT INTO role_permissions
    (tenant, role_id, resource_server_id, scope) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant, role_id, resource_server_id, scope) DO NOTHING";

const REMOVE_FROM_ROLE: &str = "DELETE FROM role_permissions
    WHERE tenant = $1 AND role_id = $2 AND resource_server_id = $3 AND scope = $4";

const OF_USER: &str = "SELECT resource_server_id, scope, NULL AS role_id, NULL AS role_name
        FROM user_permissions WHERE tenant = $1 AND user_id = $2
    UNION ALL
    SELECT p.resource_server_id, p.scope, r.id, r.name
        FROM user_roles o
        JOIN roles r ON r.tenant = o.tenant AND r.id = o.role_id
        JOIN role_permissions p ON p.tenant = r.tenant AND p.role_id = r.id
        WHERE o.tenant = $1 AND o.user_id = $2
    ORDER BY 1, 2, 3";

const ADD_TO_USER: &str = "INSERT INTO user_permissions
    (tenant, user_id, resource_server_id, scope) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant, user_id, resource_server_id, scope) DO NOTHING";

const REMOVE_FROM_USER: &str = "DELETE FROM user_permissions
    WHERE tenant = $1 AND user_id = $2 AND resource_server_id = $3 AND scope = $4";

const PERMITTED: &str = "SELECT scope FROM user_permissions
        WHERE tenant = $1 AND user_id = $2 AND resource_server_id = $3
    UNION
    SELECT p.scope FROM user_roles o
        JOIN role_permissions p ON p.tenant = o.tenant AND p.role_id = o.role_id
        WHERE o.tenant = $1 AND o.user_id = $2 AND p.resource_server_id = $3
    ORDER BY 1";

const FORGET: [&str; 2] = [
    "DELETE FROM role_permissions WHERE tenant = $1 AND resource_server_id = $2 AND scope = $3",
    "DELETE FROM user_permissions WHERE tenant = $1 AND resource_server_id = $2 AND scope = $3",
];

#[async_trait]
impl Permissions for TenantTx {
    async fn role_permissions(&mut self, role: &RoleId) -> Result<Vec<Permission>, StoreError> {
        let rows = self.all(self.statement(OF_ROLE).bind(role.as_str())).await?;
        read_all("role_permissions", &rows, read)
    }

    async fn add_role_permission(
        &mut self,
        role: &RoleId,
        permission: &Permission,
    ) -> Result<(), StoreError> {
        self.change(bind(self.statement(ADD_TO_ROLE).bind(role.as_str()), permission)).await?;
        Ok(())
    }

    async fn remove_role_permission(
        &mut self,
        role: &RoleId,
        permission: &Permission,
    ) -> Result<bool, StoreError> {
        let statement = self.statement(REMOVE_FROM_ROLE).bind(role.as_str());
        self.changed(bind(statement, permission)).await
    }

    async fn user_permissions(&mut self, user: &UserId) -> Result<Vec<Granted>, StoreError> {
        let rows = self.all(self.statement(OF_USER).bind(user.as_str())).await?;
        read_all("user_permissions", &rows, |columns| {
            let permission = read(columns)?;
            let id: Option<String> = columns.get("role_id")?;
            let name: Option<String> = columns.get("role_name")?;
            Ok(Granted { permission, role: id.map(RoleId::from_raw).zip(name) })
        })
    }

    async fn add_user_permission(
        &mut self,
        user: &UserId,
        permission: &Permission,
    ) -> Result<(), StoreError> {
        self.change(bind(self.statement(ADD_TO_USER).bind(user.as_str()), permission)).await?;
        Ok(())
    }

    async fn remove_user_permission(
        &mut self,
        user: &UserId,
        permission: &Permission,
    ) -> Result<bool, StoreError> {
        let statement = self.statement(REMOVE_FROM_USER).bind(user.as_str());
        self.changed(bind(statement, permission)).await
    }

    async fn permitted(
        &mut self,
        user: &UserId,
        api: &ResourceServerId,
    ) -> Result<ScopeSet, StoreError> {
        let statement = self.statement(PERMITTED).bind(user.as_str()).bind(api.as_str());
        let rows = self.all(statement).await?;
        let scopes = read_all("user_permissions", &rows, |columns| columns.get::<String>("scope"))?;
        Ok(scopes.iter().map(String::as_str).collect())
    }

    async fn forget_permission(&mut self, permission: &Permission) -> Result<(), StoreError> {
        for sql in FORGET {
            self.change(bind(self.statement(sql), permission)).await?;
        }
        Ok(())
    }
}

fn bind(statement: Statement, permission: &Permission) -> Statement {
    statement.bind(permission.resource_server_id.as_str()).bind(permission.scope.as_str())
}

fn read(columns: &mut Columns<'_>) -> Result<Permission, StoreError> {
    Ok(Permission {
        resource_server_id: ResourceServerId::from_raw(
            columns.get::<String>("resource_server_id")?,
        ),
        scope: columns.get("scope")?,
    })
}
