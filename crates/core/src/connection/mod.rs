//! Connections: where users come from. This version signs people in through database connections
//! and with codes by mail and text message; others are kept for what is set about them.

mod attributes;
mod options;
mod passwordless;

pub use attributes::{Asked, Attribute, Attributes, NameError};
pub use options::{DatabaseOptions, OptionsError, read_database_options, shown_options};
pub use passwordless::{CodeOptions, Passwordless, read_code_options};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::factor::password::PasswordPolicy;
use crate::id::{ClientId, ConnectionId};
use crate::seal::SealedText;

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent settings, as administrators see them"
)]
pub struct ConnectionOptions {
    /// Where its users come from.
    pub strategy: Strategy,
    /// The name people see.
    pub display_name: Option<String>,
    /// What a password must satisfy.
    pub password: PasswordPolicy,
    /// People choose a username besides the mail address.
    pub requires_username: bool,
    /// What people are called by, where that is more than a mail address and a username that is
    /// required or is not there; read it with [`ConnectionOptions::names`].
    pub attributes: Option<Attributes>,
    /// Nobody can sign up.
    pub disable_signup: bool,
    /// Nobody can sign up with a password, but with a passkey.
    pub blocks_password_signup: bool,
    /// The Management API adds people without a password.
    pub password_is_optional: bool,
    /// Nobody gets a link for a new password.
    pub disable_self_service_change_password: bool,
    /// Whether people may sign in with passkeys, and how that is offered.
    pub passkey: PasskeyOptions,
    /// The codes by which people sign in, where they do without a password.
    pub codes: CodeOptions,
    /// The applications that may use it; none means all.
    pub enabled_clients: Option<Vec<ClientId>>,
    /// People may sign in through it.
    pub active: bool,
    /// Names by which `password-realm` requests can call it; its own if there are none.
    pub realms: Vec<String>,
    /// Free words about it, which Actions can read.
    pub metadata: Option<Map<String, Value>>,
    /// `options` as administrators set them, sealed because they hold other providers' secrets.
    pub sealed_options: Option<SealedText>,
    /// What administrators set that has no effect in this version, as they sent it.
    pub kept: Map<String, Value>,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        Self {
            strategy: Strategy::Database,
            display_name: None,
            password: PasswordPolicy::default(),
            requires_username: false,
            attributes: None,
            disable_signup: false,
            blocks_password_signup: false,
            password_is_optional: false,
            disable_self_service_change_password: false,
            passkey: PasskeyOptions::default(),
            codes: CodeOptions::default(),
            enabled_clients: None,
            active: true,
            realms: Vec::new(),
            metadata: None,
            sealed_options: None,
            kept: Map::new(),
        }
    }
}

/// Where the users of a connection come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Strategy {
    /// From Housekey's own database.
    #[serde(rename = "auth0")]
    Database,
    /// From a provider this version does not speak with.
    #[serde(untagged)]
    Other(String),
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
    /// Whether its users are in Housekey's own database.
    #[must_use]
    pub fn is_database(&self) -> bool {
        self.options.strategy == Strategy::Database
    }

    /// Whether `client` may sign people in through this connection.
    #[must_use]
    pub fn serves(&self, client: &ClientId) -> bool {
        self.is_database() && self.options.active && self.enables(client)
    }

    /// Whether `client` is among the applications that may use it.
    #[must_use]
    pub fn enables(&self, client: &ClientId) -> bool {
        self.options.enabled_clients.as_ref().is_none_or(|clients| clients.contains(client))
    }
}
