//! `[mail]`: how mail leaves. Without the section none does.

use std::path::PathBuf;

use housekey_outbound::{Security, SmtpSettings, is_mail_address};
use secrecy::SecretString;
use serde::Deserialize;

use super::mistake::Mistakes;
use super::secret_file;

/// The section as written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// Name of the mail server.
    host: Option<String>,
    /// Its port; by default what goes with `tls`.
    port: Option<u16>,
    /// Protection of the connection.
    tls: Tls,
    /// PEM file with a certificate authority to trust besides the public ones.
    ca_certificate: Option<PathBuf>,
    /// User name; without one no login is tried.
    username: Option<String>,
    /// Password.
    password: Option<String>,
    /// A file that holds the password.
    password_file: Option<PathBuf>,
    /// The address mail comes from.
    from: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tls {
    #[default]
    Starttls,
    Implicit,
    None,
}

impl Section {
    pub(super) fn check(self, mistakes: &mut Mistakes) -> Option<SmtpSettings> {
        let host = required(self.host, "mail.host", "set it to the mail server's name", mistakes);
        let from = required(self.from, "mail.from", FROM, mistakes)
            .filter(|from| is_sender(from, mistakes));
        let credentials = credentials(self.username, self.password, self.password_file, mistakes);
        let ca_certificate = authority(self.ca_certificate, mistakes);
        let (security, port) = match self.tls {
            Tls::Starttls => (Security::Starttls, 587),
            Tls::Implicit => (Security::Implicit, 465),
            Tls::None => (Security::None, 25),
        };
        Some(SmtpSettings {
            host: host?,
            port: self.port.unwrap_or(port),
            security,
            ca_certificate: ca_certificate.ok()?,
            credentials: credentials.ok()?,
            from: from?,
        })
    }
}

const FROM: &str = "set it to the address mail comes from, such as \"noreply@example.com\"; \
    the name beside it is the tenant's";

fn required(
    value: Option<String>,
    key: &str,
    remedy: &str,
    mistakes: &mut Mistakes,
) -> Option<String> {
    if value.as_deref().is_none_or(str::is_empty) {
        mistakes.at(key, "missing", remedy);
        return None;
    }
    value
}

fn is_sender(from: &str, mistakes: &mut Mistakes) -> bool {
    let is = is_mail_address(from);
    if !is {
        mistakes.at("mail.from", format_args!("{from:?} is not a mail address"), FROM);
    }
    is
}

fn credentials(
    username: Option<String>,
    password: Option<String>,
    file: Option<PathBuf>,
    mistakes: &mut Mistakes,
) -> Result<Option<(String, SecretString)>, ()> {
    let keys = ("mail.password", "mail.password_file");
    let password = secret_file::either(password, keys.0, file, keys.1, mistakes)?;
    match (username, password) {
        (None, None) => Ok(None),
        (Some(username), Some(password)) => Ok(Some((username, password.into()))),
        (Some(_), None) => {
            let remedy = "set mail.password or mail.password_file, or remove the username";
            mistakes.at("mail.username", "there is no password to it", remedy);
            Err(())
        }
        (None, Some(_)) => {
            let remedy = "set it, or remove the password";
            mistakes.at("mail.username", "missing, and there is a password", remedy);
            Err(())
        }
    }
}

fn authority(file: Option<PathBuf>, mistakes: &mut Mistakes) -> Result<Option<Vec<u8>>, ()> {
    let Some(file) = file else { return Ok(None) };
    std::fs::read(&file).map(Some).map_err(|error| {
        let problem = format!("{} cannot be read: {error}", file.display());
        mistakes.at("mail.ca_certificate", problem, "name a PEM file that the server may read");
    })
}
