//! A tenant's people as those who run the tenant see them.

use async_trait::async_trait;

use super::{Listed, StoreError};
use crate::id::UserId;
use crate::time::Timestamp;
use crate::user::search::{Query, Sort};
use crate::user::{LinkedIdentity, UserRecord};

/// Whom to look for, and which part of the answer is wanted.
#[derive(Clone, Debug)]
pub struct Search {
    /// Whom.
    pub query: Query,
    /// In which order.
    pub sort: Sort,
    /// How many to leave out.
    pub skip: u32,
    /// How many at most.
    pub take: u32,
    /// Also tell how many there are in all.
    pub count: bool,
}

/// What came of a search.
#[derive(Clone, Debug)]
pub enum Found {
    /// These.
    Users(Listed<UserRecord>),
    /// No index leads to few enough people to look at.
    TooMany,
}

/// A tenant's people.
#[async_trait]
pub trait People {
    /// A user with what is counted about them.
    async fn user_record(&mut self, id: &UserId) -> Result<Option<UserRecord>, StoreError>;

    /// Everybody with a mail address, which is lower-case, in whatever connection; oldest first.
    async fn users_by_email(&mut self, email: &str) -> Result<Vec<UserRecord>, StoreError>;

    /// Looks for people. What is looked at is limited, however many there are.
    async fn search_users(&mut self, search: &Search) -> Result<Found, StoreError>;

    /// Replaces the accounts that are linked to a user's, and the names under which these find the
    /// user.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if a name is taken in its connection.
    async fn put_linked_identities(
        &mut self,
        user: &UserId,
        linked: &[LinkedIdentity],
    ) -> Result<(), StoreError>;

    /// Counts that somebody authenticated.
    async fn count_login(
        &mut self,
        user: &UserId,
        ip: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Blocks or unblocks.
    async fn set_blocked(
        &mut self,
        user: &UserId,
        blocked: bool,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Removes a user and all that is theirs but their token families, which tell whoever presents a
    /// token of theirs that the user is gone. False if there was none.
    async fn delete_user(&mut self, user: &UserId) -> Result<bool, StoreError>;
}
