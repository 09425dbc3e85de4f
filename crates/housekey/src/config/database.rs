//! `[database]`: where things are kept.

use housekey_store::Options;
use serde::Deserialize;

use super::mistake::Mistakes;

const URLS: &str = "set it to \"sqlite:///var/lib/housekey/housekey.db\" or \
    \"postgres://user:password@host/database\"";

/// The section as written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// `sqlite://PATH` or `postgres://…`.
    url: Option<String>,
    /// Connections at once.
    max_connections: Option<u32>,
}

/// Where things are kept.
pub struct DatabaseSettings {
    /// `sqlite://PATH` or `postgres://…`; may hold a password.
    pub url: String,
    /// How it is used.
    pub options: Options,
}

impl Section {
    pub(super) fn check(self, mistakes: &mut Mistakes) -> Option<DatabaseSettings> {
        if self.max_connections == Some(0) {
            mistakes.at("database.max_connections", "no connection at all", "set it to 1 or more");
        }
        let Some(url) = self.url else {
            mistakes.at("database.url", "there is no database", URLS);
            return None;
        };
        // The URL is not repeated: it may hold a password.
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|form| url.starts_with(form)) {
            let problem = "neither a sqlite:// nor a postgres:// URL";
            mistakes.at("database.url", problem, URLS);
            return None;
        }
        let options = Options { max_connections: self.max_connections };
        Some(DatabaseSettings { url, options })
    }
}
