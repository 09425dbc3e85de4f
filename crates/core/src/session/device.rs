//! Where a browser or an application is seen from.

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::tenant::LoadedTenant;

/// Where something was seen first and last. The serialised form is the stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeenFrom {
    /// The issuer that it spoke with at first; empty in what an older version stored.
    pub initial_issuer: String,
    /// Its address at first.
    pub initial_ip: String,
    /// Its `User-Agent` at first.
    pub initial_user_agent: String,
    /// Its address at last.
    pub last_ip: String,
    /// Its `User-Agent` at last.
    pub last_user_agent: String,
}

/// How much of a `User-Agent` is kept, in characters.
const MAX_USER_AGENT: usize = 300;

impl SeenFrom {
    /// Seen for the first time.
    #[must_use]
    pub fn first(call: &Call) -> Self {
        let mut seen = Self::default();
        seen.again(call);
        seen
    }

    /// Seen again.
    pub fn again(&mut self, call: &Call) {
        self.last_ip.clone_from(&call.ip);
        self.last_user_agent = call.user_agent.chars().take(MAX_USER_AGENT).collect();
        if self.initial_ip.is_empty() {
            self.initial_ip.clone_from(&self.last_ip);
            self.initial_user_agent.clone_from(&self.last_user_agent);
            self.initial_issuer.clone_from(&call.issuer);
        }
    }

    /// The issuer that tokens about it name: the one it spoke with.
    #[must_use]
    pub fn issuer(&self, tenant: &LoadedTenant) -> String {
        if self.initial_issuer.is_empty() {
            format!("https://{}/", tenant.canonical_host())
        } else {
            self.initial_issuer.clone()
        }
    }
}
