//! What else belongs to a person: approvals and organizations.

use async_trait::async_trait;

use super::{Listed, Part, StoreError};
use crate::access::Approval;
use crate::id::{ApprovalId, OrganizationId, UserId};
use crate::organization::Organization;
use crate::time::Timestamp;
use crate::user::UserRecord;

/// What people approved away from the browser.
#[async_trait]
pub trait Approvals {
    /// Adds one.
    async fn insert_approval(&mut self, approval: &Approval) -> Result<(), StoreError>;

    /// One of a user's, expired or not.
    async fn approval(
        &mut self,
        user: &UserId,
        id: &ApprovalId,
    ) -> Result<Option<Approval>, StoreError>;

    /// All of a user's, oldest first; only those that have not expired at an instant, if given.
    async fn approvals(
        &mut self,
        user: &UserId,
        unexpired_at: Option<Timestamp>,
    ) -> Result<Vec<Approval>, StoreError>;
}

/// Organizations and who belongs to them.
#[async_trait]
pub trait Organizations {
    /// Adds one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if its id or name is taken.
    async fn insert_organization(&mut self, new: &Organization) -> Result<(), StoreError>;

    /// The organization of that id.
    async fn organization(
        &mut self,
        id: &OrganizationId,
    ) -> Result<Option<Organization>, StoreError>;

    /// The organization of that name.
    async fn organization_named(&mut self, name: &str) -> Result<Option<Organization>, StoreError>;

    /// A part of all, by their names, which are the keys.
    async fn organizations(&mut self, part: &Part) -> Result<Listed<Organization>, StoreError>;

    /// Replaces what is set about one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if its name is taken.
    async fn update_organization(&mut self, changed: &Organization) -> Result<(), StoreError>;

    /// Removes one. False if there was none.
    async fn delete_organization(&mut self, id: &OrganizationId) -> Result<bool, StoreError>;

    /// A part of the users of an organization, by their ids.
    async fn members(
        &mut self,
        organization: &OrganizationId,
        part: &Part,
    ) -> Result<Listed<UserRecord>, StoreError>;

    /// Adds a user to an organization. False if they belonged to it before.
    async fn add_member(
        &mut self,
        organization: &OrganizationId,
        user: &UserId,
    ) -> Result<bool, StoreError>;

    /// Removes a user from an organization. False if they did not belong to it.
    async fn remove_member(
        &mut self,
        organization: &OrganizationId,
        user: &UserId,
    ) -> Result<bool, StoreError>;

    /// Up to `limit` organizations of a user in the order of their names, those behind the name
    /// `after` if given.
    async fn organizations_of(
        &mut self,
        user: &UserId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Organization>, StoreError>;
}
