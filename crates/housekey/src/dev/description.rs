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
