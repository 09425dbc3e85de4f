//! Users and their passwords.

use async_trait::async_trait;

use super::StoreError;
use crate::factor::AuthenticationMethod;
use crate::id::{ConnectionId, FamilyId, UserId};
use crate::time::Timestamp;
use crate::user::{Identifier, Password, Profile, User};

/// A user with everything that authenticates them, as one read.
#[derive(Clone, Debug)]
pub struct Account {
    /// The user.
    pub user: User,
    /// The password, if there is one.
    pub password: Option<Password>,
    /// All methods, oldest first, unconfirmed ones included.
    pub methods: Vec<AuthenticationMethod>,
}

/// What became of the authorization an access token stems from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// It stands.
    Live,
    /// It was revoked, or is gone.
    Revoked,
}

/// Users and their passwords.
#[async_trait]
pub trait Users {
    /// Adds a user and the names under which they are found.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the id or a name is taken in the connection.
    async fn insert_user(&mut self, user: &User) -> Result<(), StoreError>;

    /// Makes other write transactions that lock the same user wait until this one ends, so that
    /// rules over all of a person's methods hold under concurrency. False if there is no such user.
    async fn lock_user(&mut self, id: &UserId) -> Result<bool, StoreError>;

    /// The user of that id.
    async fn user(&mut self, id: &UserId) -> Result<Option<User>, StoreError>;

    /// The same, and when they were last signed out everywhere, if ever.
    async fn user_and_sign_out(
        &mut self,
        id: &UserId,
    ) -> Result<Option<(User, Option<Timestamp>)>, StoreError>;

    /// The user found under a name in a connection, with the password.
    async fn user_by_identifier(
        &mut self,
        connection: &ConnectionId,
        identifier: &Identifier,
    ) -> Result<Option<(User, Option<Password>)>, StoreError>;

    /// The user, the password, all methods, and the state of the token family `family`, in one
    /// statement: the read of every My Account request.
    async fn account(
        &mut self,
        id: &UserId,
        family: &FamilyId,
    ) -> Result<Option<(Account, GrantState)>, StoreError>;

    /// The same whatever became of any family.
    async fn account_of(&mut self, id: &UserId) -> Result<Option<Account>, StoreError> {
        // No family has an empty id.
        let found = self.account(id, &FamilyId::from_raw("")).await?;
        Ok(found.map(|(account, _)| account))
    }

    /// Replaces the profile and the names under which the user is found.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if a name is taken in the connection.
    async fn update_profile(
        &mut self,
        user: &User,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Sets the password. The previous one, if any, moves to the history, of which the newest
    /// `keep_history` are kept.
    async fn set_password(
        &mut self,
        user: &UserId,
        hash: &str,
        keep_history: u32,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Removes the password; its history stays. False if there was none.
    async fn delete_password(&mut self, user: &UserId) -> Result<bool, StoreError>;

    /// Replaces the hash of an unchanged password (new parameters), if it is still `old`.
    async fn rehash_password(
        &mut self,
        user: &UserId,
        old: &str,
        new: &str,
    ) -> Result<(), StoreError>;

    /// The hashes of the newest `limit` passwords, the present one first.
    async fn password_history(
        &mut self,
        user: &UserId,
        limit: u32,
    ) -> Result<Vec<String>, StoreError>;
}
