//! The configuration of `housekey serve`: one TOML file and environment variables over it.
//!
//! Only what must be known before the database opens. A file per section has the keys as they are
//! written, their defaults, and the check that turns them into [`Settings`]. A mistake never stops
//! the search for others: all are told at once.

mod database;
mod environment;
mod log;
mod mail;
mod master_key;
mod mistake;
mod outbound;
mod passwords;
mod secret_file;
mod server;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::Path;

use housekey_core::seal::MasterKey;
use housekey_outbound::SmtpSettings;
use serde::Deserialize;

pub use database::DatabaseSettings;
pub use log::{LogFormat, LogSettings};
pub use mistake::{Mistake, Mistakes};
pub use outbound::OutboundSettings;
pub use passwords::PasswordSettings;
pub use server::{ServerSettings, TlsFiles};

/// The file as written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    server: server::Section,
    database: database::Section,
    master_key: master_key::Section,
    mail: Option<mail::Section>,
    outbound: outbound::Section,
    log: log::Section,
    passwords: passwords::Section,
}

/// A configuration without mistakes.
pub struct Settings {
    /// Where to listen and how the world reaches it.
    pub server: ServerSettings,
    /// Where things are kept.
    pub database: DatabaseSettings,
    /// What everything sealed is sealed with.
    pub master_key: MasterKey,
    /// How mail leaves; none means it does not.
    pub mail: Option<SmtpSettings>,
    /// How providers and name servers are reached.
    pub outbound: OutboundSettings,
    /// What is logged.
    pub log: LogSettings,
    /// What a password hash costs.
    pub passwords: PasswordSettings,
}

/// Reads the file at `path` and the process's environment.
///
/// # Errors
/// All mistakes at once.
pub fn load(path: &Path) -> Result<Settings, Mistakes> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let problem = format!("the configuration file cannot be read: {error}");
        Mistakes::one(path, problem, "name an existing file with --config FILE")
    })?;
    read(path, &text, std::env::vars_os())
}

/// Reads `text`, the content of the file at `path`, under `environment`.
fn read(
    path: &Path,
    text: &str,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Settings, Mistakes> {
    let mut mistakes = Mistakes::in_file(path, text);
    let file = match toml::from_str::<File>(text) {
        Ok(_) => environment::override_with(text, environment, &mut mistakes),
        Err(error) => {
            mistakes.parse(&error);
            None
        }
    };
    let settings = file.and_then(|file| check(file, &mut mistakes));
    match settings {
        Some(settings) if mistakes.is_empty() => Ok(settings),
        _ => Err(mistakes),
    }
}

fn check(file: File, mistakes: &mut Mistakes) -> Option<Settings> {
    // Every section is looked at before the first one that failed ends this.
    let server = file.server.check(mistakes);
    let database = file.database.check(mistakes);
    let master_key = file.master_key.check(mistakes);
    let mail = file.mail.map(|mail| mail.check(mistakes));
    let outbound = file.outbound.check(mistakes);
    let log = file.log.check(mistakes);
    let passwords = file.passwords.check(mistakes);
    Some(Settings {
        server: server?,
        database: database?,
        master_key: master_key?,
        mail: match mail {
            None => None,
            Some(mail) => Some(mail?),
        },
        outbound: outbound?,
        log: log?,
        passwords: passwords?,
    })
}
