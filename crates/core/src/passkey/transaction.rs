//! A ceremony of an app that shows its own pages: what hides behind its `auth_session`.

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, ConnectionId, UserId};
use crate::secret::HandleHash;
use crate::time::Timestamp;
use crate::user::Profile;

/// A begun ceremony. Spent once, whatever comes of it.
#[derive(Clone, Debug)]
pub struct PasskeyTransaction {
    /// Hash of the `auth_session`.
    pub handle: HandleHash,
    /// What was begun.
    pub state: PasskeyState,
    /// End.
    pub expires_at: Timestamp,
}

/// What was begun. The serialised form is the stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyState {
    /// By which application.
    pub client_id: ClientId,
    /// At which issuer: a ceremony of one host is worthless on another.
    pub issuer: String,
    /// For people of which connection.
    pub connection_id: ConnectionId,
    /// Which ceremony.
    pub ceremony: Ceremony,
}

/// A ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ceremony {
    /// Somebody uses a passkey they have.
    Login,
    /// Somebody new makes one.
    Register {
        /// The id they will have.
        user_id: UserId,
        /// The profile they will have.
        profile: Box<Profile>,
    },
}
