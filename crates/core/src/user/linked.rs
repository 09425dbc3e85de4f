//! Accounts that were linked to another one. From then on they are ways to sign in to that one.

use serde::{Deserialize, Serialize};

use super::{Password, Profile};
use crate::id::{ConnectionId, UserId};
use crate::time::Timestamp;

/// An account that was linked to another one. The serialised form is the stored form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LinkedIdentity {
    /// The id it had, and has again once it is unlinked.
    pub id: UserId,
    /// The connection it was made in.
    pub connection_id: ConnectionId,
    /// What is known of the person there; without metadata.
    pub profile: Profile,
    /// Its password, which keeps working.
    pub password: Option<Password>,
    /// When it was linked.
    pub linked_at: Timestamp,
}
