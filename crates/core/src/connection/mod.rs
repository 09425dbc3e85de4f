//! Connections: where users come from. This version knows database connections.

use serde::{Deserialize, Serialize};

use crate::factor::password::PasswordPolicy;
use crate::id::{ClientId, ConnectionId};

/// A directory of users.
#[derive(Clone, Debug)]
pub struct Connection {
    /// `con_…`.
    pub id: ConnectionId,
    /// The name in `connection` and `realm`; letters, digits and dashes.
    pub name: String,
    /// What its owners set.
    pub options: ConnectionOptions,
}

/// What is set about a connection. The serialised form is the stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionOptions {
    /// What a password must satisfy.
    pub password: PasswordPolicy,
    /// People choose a username besides the mail address.
    pub requires_username: bool,
    /// Nobody can sign up.
    pub disable_signup: bool,
    /// Whether people may sign in with passkeys, and how that is offered.
    pub passkey: PasskeyOptions,
    /// The applications that may use it; none means all.
    pub enabled_clients: Option<Vec<ClientId>>,
}

/// Passkeys on a connection (`authentication_methods.passkey` and `passkey_options`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PasskeyOptions {
    /// People may have passkeys and sign in with them.
    pub enabled: bool,
    /// How the sign-in page offers them.
    pub challenge_ui: ChallengeUi,
    /// Offer one to people who signed in with a password.
    pub progressive_enrollment_enabled: bool,
    /// Offer one on this device to people who signed in with that of another.
    pub local_enrollment_enabled: bool,
}

impl Default for PasskeyOptions {
    fn default() -> Self {
        Self {
            enabled: false,
            challenge_ui: ChallengeUi::Both,
            progressive_enrollment_enabled: true,
            local_enrollment_enabled: true,
        }
    }
}

/// How the sign-in page offers passkeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeUi {
    /// Among the suggestions of the identifier field.
    Autofill,
    /// Both ways.
    Both,
    /// By a button.
    Button,
}

impl ChallengeUi {
    /// Whether browsers suggest passkeys in the identifier field.
    #[must_use]
    pub fn autofills(self) -> bool {
        matches!(self, Self::Autofill | Self::Both)
    }

    /// Whether there is a button.
    #[must_use]
    pub fn has_button(self) -> bool {
        matches!(self, Self::Button | Self::Both)
    }
}

impl Connection {
    /// Whether `client` may sign people in through this connection.
    #[must_use]
    pub fn serves(&self, client: &ClientId) -> bool {
        self.options.enabled_clients.as_ref().is_none_or(|clients| clients.contains(client))
    }
}
