//! Authorization codes and token families.

use async_trait::async_trait;

use super::StoreError;
use crate::id::{ClientId, FamilyId, UserId};
use crate::secret::HandleHash;
use crate::time::Timestamp;
use crate::token::{AuthorizationCode, Family};
use crate::user::User;

/// Authorization codes (RFC 6749 §4.1.2).
#[async_trait]
pub trait AuthorizationCodes {
    /// Adds a code.
    async fn insert_code(&mut self, code: &AuthorizationCode) -> Result<(), StoreError>;

    /// Uses a code up: the code for exactly one caller, expired or not.
    async fn spend_code(
        &mut self,
        handle: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<AuthorizationCode>, StoreError>;

    /// The family that a spent code led to: what a replay revokes.
    async fn family_of_spent_code(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<FamilyId>, StoreError>;
}

/// What clients make for one use only: proofs of possession, client assertions.
#[async_trait]
pub trait Replays {
    /// Uses `id` up until it is worthless anyway. False if somebody did before.
    async fn spend_once(&mut self, id: &HandleHash, until: Timestamp) -> Result<bool, StoreError>;
}

/// Token families: the record of one authorization and its refresh tokens.
#[async_trait]
pub trait TokenFamilies {
    /// Adds a family.
    async fn insert_family(&mut self, family: &Family) -> Result<(), StoreError>;

    /// The family behind the handle part of a refresh token, and its user: the one read of a
    /// refresh exchange.
    async fn family_by_handle(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<(Family, Option<User>)>, StoreError>;

    /// The family of that id.
    async fn family(&mut self, id: &FamilyId) -> Result<Option<Family>, StoreError>;

    /// Makes other write transactions that lock or change the same family wait until this one ends.
    async fn lock_family(&mut self, handle: &HandleHash) -> Result<(), StoreError>;

    /// Stores heads, events, binding, idle end and last use, unless somebody else changed the family since
    /// `family.version` was read or it was revoked; the stored version grows by one. False means
    /// somebody was faster.
    async fn advance_family(&mut self, family: &Family) -> Result<bool, StoreError>;

    /// Revokes a family. False if it was revoked before or is gone.
    async fn revoke_family(&mut self, id: &FamilyId, now: Timestamp) -> Result<bool, StoreError>;

    /// Revokes the families of a user but one: those without refresh tokens, or also those with;
    /// returns how many.
    async fn revoke_families_of(
        &mut self,
        user: &UserId,
        including_offline: bool,
        except: Option<&FamilyId>,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Revokes the oldest families with refresh tokens beyond the newest `keep` of a user and
    /// application.
    async fn trim_families(
        &mut self,
        user: &UserId,
        client: &ClientId,
        keep: u32,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
