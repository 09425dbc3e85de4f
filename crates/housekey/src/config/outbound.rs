//! `[outbound]`: how providers of messages are reached over HTTP.

use std::path::PathBuf;

use housekey_outbound::HttpSettings;
use serde::Deserialize;

use super::mistake::Mistakes;

/// The section as written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// Let requests go to private addresses, and without TLS.
    allow_private_addresses: bool,
    /// PEM file with a certificate authority to trust besides the public ones.
    ca_certificate: Option<PathBuf>,
}

impl Section {
    pub(super) fn check(self, mistakes: &mut Mistakes) -> Option<HttpSettings> {
        let ca_certificate = match self.ca_certificate {
            None => None,
            Some(file) => match std::fs::read(&file) {
                Ok(pem) => Some(pem),
                Err(error) => {
                    let problem = format!("{} cannot be read: {error}", file.display());
                    let remedy = "name a PEM file that the server may read";
                    mistakes.at("outbound.ca_certificate", problem, remedy);
                    return None;
                }
            },
        };
        let allow_private_addresses = self.allow_private_addresses;
        Some(HttpSettings { allow_private_addresses, ca_certificate })
    }
}
