//! What a dev server tells: `dev.json` to programs, a few lines to people.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use housekey_core::App;
use housekey_core::id::ClientId;
use housekey_core::tenant::Configuration;
use serde::Serialize;

use super::seed::{self, Seed, SeedUser};

/// `dev.json`.
#[derive(Debug, Serialize)]
pub struct Description {
    domain: String,
    issuer: String,
    my_account_audience: String,
    management_audience: String,
    connection: String,
    clients: Clients,
    user: SeedUser,
    outbox: String,
    clock: String,
    ca_certificate: Option<PathBuf>,
    pid: u32,
}

#[derive(Debug, Serialize)]
struct Clients {
    spa: Public,
    web: Confidential,
    native: Public,
    management: Confidential,
}

#[derive(Debug, Serialize)]
struct Public {
    client_id: ClientId,
}

#[derive(Serialize)]
struct Confidential {
    client_id: ClientId,
    client_secret: String,
}

impl std::fmt::Debug for Confidential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Confidential").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl Description {
    /// Describes the server behind `app` that answers at `issuer`.
    ///
    /// # Errors
    /// If a secret does not open.
    pub fn new(
        app: &App,
        configuration: &Configuration,
        seed: &Seed,
        issuer: &str,
        ca_certificate: Option<PathBuf>,
    ) -> Result<Self> {
        let public = |id: &ClientId| Public { client_id: id.clone() };
        let confidential = |id: &ClientId| {
            let client_secret = seed::secret_of(app, configuration, id)?;
            anyhow::Ok(Confidential { client_id: id.clone(), client_secret })
        };
        let host = issuer.split_once("://").map_or(issuer, |(_, host)| host);
        Ok(Self {
            domain: host.trim_end_matches('/').to_owned(),
            issuer: issuer.to_owned(),
            my_account_audience: format!("{issuer}me/"),
            management_audience: format!("{issuer}api/v2/"),
            connection: configuration.tenant.settings.default_directory.clone().unwrap_or_default(),
            clients: Clients {
                spa: public(&seed.clients.spa),
                web: confidential(&seed.clients.web)?,
                native: public(&seed.clients.native),
                management: confidential(&seed.clients.management)?,
            },
            user: seed.user.clone(),
            outbox: format!("{issuer}dev/outbox"),
            clock: format!("{issuer}dev/clock"),
            ca_certificate,
            pid: std::process::id(),
        })
    }

    /// Tells people where things are.
    ///
    /// # Errors
    /// If standard output is closed.
    pub fn greet(&self, file: &Path) -> std::io::Result<()> {
        let Self { issuer, user, my_account_audience, outbox, .. } = self;
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nHousekey is ready, for development only.\n")?;
        writeln!(out, "  Account page  {issuer}account")?;
        writeln!(out, "  Demo user     {}", user.email)?;
        writeln!(out, "  Password      {}", user.password)?;
        writeln!(out, "  Audience      {my_account_audience}")?;
        writeln!(out, "  Sent mail     {outbox}")?;
        writeln!(out, "  For programs  {}", file.display())?;
        match &self.ca_certificate {
            Some(ca) => writeln!(out, "  Trust         {} (NODE_EXTRA_CA_CERTS)\n", ca.display())?,
            None => writeln!(out, "\nSDKs that insist on https:// need --tls.")?,
        }
        writeln!(out, "Ctrl-C stops it; the data stays.\n")
    }
}

#[cfg(test)]
mod tests {
    use housekey_core::id::UserId;
    use serde_json::json;

    use super::*;

    /// Other programs read this file: its shape is a promise.
    #[test]
    fn dev_json_has_its_documented_shape() {
        let public = |id: &str| Public { client_id: ClientId::from_raw(id) };
        let confidential = |id: &str| Confidential {
            client_id: ClientId::from_raw(id),
            client_secret: format!("secret of {id}"),
        };
        let description = Description {
            domain: "localhost:4000".to_owned(),
            issuer: "http://localhost:4000/".to_owned(),
            my_account_audience: "http://localhost:4000/me/".to_owned(),
            management_audience: "http://localhost:4000/api/v2/".to_owned(),
            connection: "Username-Password-Authentication".to_owned(),
            clients: Clients {
                spa: public("s"),
                web: confidential("w"),
                native: public("n"),
                management: confidential("m"),
            },
            user: SeedUser {
                user_id: UserId::from_raw("auth0|1"),
                email: "demo@example.com".to_owned(),
                password: "p".to_owned(),
            },
            outbox: "http://localhost:4000/dev/outbox".to_owned(),
            clock: "http://localhost:4000/dev/clock".to_owned(),
            ca_certificate: None,
            pid: 12345,
        };
        let expected = json!({
            "domain": "localhost:4000",
            "issuer": "http://localhost:4000/",
            "my_account_audience": "http://localhost:4000/me/",
            "management_audience": "http://localhost:4000/api/v2/",
            "connection": "Username-Password-Authentication",
            "clients": {
                "spa": { "client_id": "s" },
                "web": { "client_id": "w", "client_secret": "secret of w" },
                "native": { "client_id": "n" },
                "management": { "client_id": "m", "client_secret": "secret of m" },
            },
            "user": { "user_id": "auth0|1", "email": "demo@example.com", "password": "p" },
            "outbox": "http://localhost:4000/dev/outbox",
            "clock": "http://localhost:4000/dev/clock",
            "ca_certificate": null,
            "pid": 12345,
        });
        assert_eq!(serde_json::to_value(&description).expect("serialises"), expected);
        assert!(!format!("{description:?}").contains("secret of"), "secrets are not printed");
    }
}
