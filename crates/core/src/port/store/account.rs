//! Authentication methods, their enrolment, and objections to changes of them.

use async_trait::async_trait;

use super::StoreError;
use crate::account::{Enrollment, Objection};
use crate::factor::{AuthenticationMethod, FactorType};
use crate::id::{MethodId, UserId};
use crate::secret::HandleHash;
use crate::time::Timestamp;

/// Authentication methods other than passwords.
#[async_trait]
pub trait Methods {
    /// Adds a method.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the user has one of that id, or anybody its WebAuthn credential.
    async fn insert_method(&mut self, method: &AuthenticationMethod) -> Result<(), StoreError>;

    /// All methods of a user, oldest first.
    async fn methods(&mut self, user: &UserId) -> Result<Vec<AuthenticationMethod>, StoreError>;

    /// The method of that id, whosever.
    async fn method(&mut self, id: &MethodId) -> Result<Option<AuthenticationMethod>, StoreError>;

    /// Replaces name, kind, confirmation and last use of a method. False if it is gone.
    async fn update_method(&mut self, method: &AuthenticationMethod) -> Result<bool, StoreError>;

    /// The method, whosever, that has this WebAuthn credential.
    async fn method_by_credential(
        &mut self,
        credential_id: &[u8],
    ) -> Result<Option<AuthenticationMethod>, StoreError>;

    /// Records the time step of an accepted TOTP code, unless that step or a later one was
    /// recorded before. False means the code was replayed.
    async fn claim_totp_step(
        &mut self,
        user: &UserId,
        method: &MethodId,
        step: i64,
    ) -> Result<bool, StoreError>;

    /// Puts a new recovery code in the place of the one whose keyed hash is `old`, which counts as
    /// used at `now`. True for exactly one caller.
    async fn replace_recovery_code(
        &mut self,
        user: &UserId,
        method: &MethodId,
        old: &str,
        new: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Removes a method. False if it was gone.
    async fn delete_method(&mut self, user: &UserId, method: &MethodId)
    -> Result<bool, StoreError>;

    /// Removes unconfirmed methods of a user begun before `before`, with their enrolments.
    async fn delete_unconfirmed_methods(
        &mut self,
        user: &UserId,
        before: Timestamp,
    ) -> Result<(), StoreError>;
}

/// Started enrolments.
#[async_trait]
pub trait Enrollments {
    /// Adds an enrolment.
    async fn insert_enrollment(&mut self, enrollment: &Enrollment) -> Result<(), StoreError>;

    /// The enrolment behind a handle.
    async fn enrollment(&mut self, handle: &HandleHash) -> Result<Option<Enrollment>, StoreError>;

    /// Counts a wrong proof; the number of wrong proofs so far, this one included.
    async fn count_failed_enrollment(&mut self, handle: &HandleHash) -> Result<i64, StoreError>;

    /// Finishes an enrolment: true for exactly one caller, and only while it is unfinished,
    /// unexpired at `now` and has fewer than `max_attempts` wrong proofs.
    async fn complete_enrollment(
        &mut self,
        handle: &HandleHash,
        max_attempts: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Removes unfinished enrolments of one user and factor; of one method only if it is named.
    async fn void_enrollments(
        &mut self,
        user: &UserId,
        factor: FactorType,
        method: Option<&MethodId>,
    ) -> Result<(), StoreError>;
}

/// Links by which people object to a change.
#[async_trait]
pub trait Objections {
    /// Adds one; others of the same person stay good.
    async fn insert_objection(&mut self, objection: &Objection) -> Result<(), StoreError>;

    /// An unused, unexpired one.
    async fn objection(
        &mut self,
        handle: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<Objection>, StoreError>;

    /// Uses one up: the objection for exactly one caller, if unused and unexpired.
    async fn spend_objection(
        &mut self,
        handle: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<Objection>, StoreError>;
}
