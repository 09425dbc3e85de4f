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
    /// The applications that may use it; none means all.
    pub enabled_clients: Option<Vec<ClientId>>,
}

impl Connection {
    /// Whether `client` may sign people in through this connection.
    #[must_use]
    pub fn serves(&self, client: &ClientId) -> bool {
        self.options.enabled_clients.as_ref().is_none_or(|clients| clients.contains(client))
    }
}
