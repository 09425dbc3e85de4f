//! Roles, and what people may do by them.

use async_trait::async_trait;

use super::{Listed, Part, StoreError};
use crate::id::{ResourceServerId, RoleId, UserId};
use crate::role::{Granted, Permission, Role};
use crate::scope::ScopeSet;
use crate::user::UserRecord;

/// Roles and who has them.
#[async_trait]
pub trait Roles {
    /// Every role, oldest first; there are limitedly many.
    async fn roles(&mut self) -> Result<Vec<Role>, StoreError>;

    /// A role.
    async fn role(&mut self, id: &RoleId) -> Result<Option<Role>, StoreError>;

    /// Adds a role.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if its name is taken.
    async fn insert_role(&mut self, role: &Role) -> Result<(), StoreError>;

    /// Replaces a role. False if it is gone; until the end of the transaction others who replace it
    /// wait.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if its name is taken.
    async fn update_role(&mut self, role: &Role) -> Result<bool, StoreError>;

    /// Removes a role from everybody and everywhere. False if it was gone.
    async fn delete_role(&mut self, id: &RoleId) -> Result<bool, StoreError>;

    /// Those who have a role, by id.
    async fn role_users(
        &mut self,
        role: &RoleId,
        part: &Part,
    ) -> Result<Listed<UserRecord>, StoreError>;

    /// The roles of a user, oldest first.
    async fn user_roles(&mut self, user: &UserId) -> Result<Vec<Role>, StoreError>;

    /// Gives a user a role; they may have it. False if either is gone.
    async fn give_role(&mut self, user: &UserId, role: &RoleId) -> Result<bool, StoreError>;

    /// Takes a role from a user. False if they have it not.
    async fn take_role(&mut self, user: &UserId, role: &RoleId) -> Result<bool, StoreError>;
}

/// Permissions of roles and people.
#[async_trait]
pub trait Permissions {
    /// The permissions of a role, in order.
    async fn role_permissions(&mut self, role: &RoleId) -> Result<Vec<Permission>, StoreError>;

    /// Adds a permission to a role, which may have it.
    async fn add_role_permission(
        &mut self,
        role: &RoleId,
        permission: &Permission,
    ) -> Result<(), StoreError>;

    /// Removes a permission from a role. False if it has it not.
    async fn remove_role_permission(
        &mut self,
        role: &RoleId,
        permission: &Permission,
    ) -> Result<bool, StoreError>;

    /// Every permission of a user, in order, once for each place it comes from.
    async fn user_permissions(&mut self, user: &UserId) -> Result<Vec<Granted>, StoreError>;

    /// Adds a permission to a user's own, who may have it.
    async fn add_user_permission(
        &mut self,
        user: &UserId,
        permission: &Permission,
    ) -> Result<(), StoreError>;

    /// Removes a permission from a user's own. False if they have it not.
    async fn remove_user_permission(
        &mut self,
        user: &UserId,
        permission: &Permission,
    ) -> Result<bool, StoreError>;

    /// What a user may do at an API, by themselves or by a role, in order.
    async fn permitted(
        &mut self,
        user: &UserId,
        api: &ResourceServerId,
    ) -> Result<ScopeSet, StoreError>;

    /// Removes a scope of an API from every role and user.
    async fn forget_permission(&mut self, permission: &Permission) -> Result<(), StoreError>;
}
