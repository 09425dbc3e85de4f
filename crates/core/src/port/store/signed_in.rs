//! Sessions, refresh tokens and consents as those who run the tenant see them.

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::{Listed, Part, StoreError};
use crate::access::Consent;
use crate::id::{ClientId, ConsentId, FamilyId, ResourceServerId, SessionId, UserId};
use crate::session::Session;
use crate::time::Timestamp;
use crate::token::Family;

/// Whose consents, to whom, for what; what is not named is any.
#[derive(Clone, Debug, Default)]
pub struct ConsentFilter {
    /// Whose.
    pub user: Option<UserId>,
    /// To whom.
    pub client: Option<ClientId>,
    /// For what.
    pub api: Option<ResourceServerId>,
}

/// Who is signed in where.
#[async_trait]
pub trait SignedIn {
    /// A session, ended or not.
    async fn session(&mut self, id: &SessionId) -> Result<Option<Session>, StoreError>;

    /// The sessions of a user that are alive at `now`, by id.
    async fn sessions_of(
        &mut self,
        user: &UserId,
        part: &Part,
        now: Timestamp,
    ) -> Result<Listed<Session>, StoreError>;

    /// Sessions whose time is over at `now`, `take` at most.
    async fn expired_sessions(
        &mut self,
        now: Timestamp,
        take: u32,
    ) -> Result<Vec<Session>, StoreError>;

    /// Replaces what operators note of a session. False if it is gone.
    async fn note_session(
        &mut self,
        id: &SessionId,
        metadata: &Map<String, Value>,
    ) -> Result<bool, StoreError>;

    /// A family that has refresh tokens, ended or not.
    async fn refresh_family(&mut self, id: &FamilyId) -> Result<Option<Family>, StoreError>;

    /// The families of a user that have refresh tokens and are alive at `now`, by id; of one
    /// application, if it is named.
    async fn refresh_families_of(
        &mut self,
        user: &UserId,
        client: Option<&ClientId>,
        part: &Part,
        now: Timestamp,
    ) -> Result<Listed<Family>, StoreError>;

    /// Replaces what operators note of a family. False if it is gone.
    async fn note_family(
        &mut self,
        id: &FamilyId,
        metadata: &Map<String, Value>,
    ) -> Result<bool, StoreError>;

    /// Revokes the families of a user that began in a session.
    async fn revoke_families_of_session(
        &mut self,
        user: &UserId,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// A consent.
    async fn consent_of_id(&mut self, id: &ConsentId) -> Result<Option<Consent>, StoreError>;

    /// Consents, by id.
    async fn consents(
        &mut self,
        filter: &ConsentFilter,
        part: &Part,
    ) -> Result<Listed<Consent>, StoreError>;
}
