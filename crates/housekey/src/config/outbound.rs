//! `[outbound]`: how providers of messages are reached over HTTP.

use std::net::{IpAddr, SocketAddr};
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
    /// Name servers to ask instead of the machine's.
    name_servers: Vec<String>,
}

/// How the world is reached.
pub struct OutboundSettings {
    /// Over HTTP.
    pub http: HttpSettings,
    /// Name servers to ask instead of the machine's.
    pub name_servers: Vec<SocketAddr>,
}

impl Section {
    pub(super) fn check(self, mistakes: &mut Mistakes) -> Option<OutboundSettings> {
        let name_servers = name_servers(&self.name_servers, mistakes);
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
        let http = HttpSettings { allow_private_addresses, ca_certificate };
        Some(OutboundSettings { http, name_servers: name_servers? })
    }
}

fn name_servers(texts: &[String], mistakes: &mut Mistakes) -> Option<Vec<SocketAddr>> {
    let parse = |text: &String| {
        let with_port = text.parse::<SocketAddr>().ok();
        let address = with_port.or_else(|| Some(SocketAddr::new(text.parse::<IpAddr>().ok()?, 53)));
        if address.is_none() {
            let problem = format_args!("{text:?} is not an address");
            let remedy = "name addresses, such as \"192.0.2.53\" or \"127.0.0.1:5353\"";
            mistakes.at("outbound.name_servers", problem, remedy);
        }
        address
    };
    texts.iter().map(parse).collect()
}
