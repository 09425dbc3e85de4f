//! `[server]`: where to listen, and how the world reaches it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use housekey_web::{Scheme, WebConfig};
use serde::Deserialize;

use super::mistake::Mistakes;

/// The section as written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// IP address and port.
    listen: Option<String>,
    /// PEM file with the certificate chain, the server's own first.
    tls_certificate: Option<PathBuf>,
    /// PEM file with its key.
    tls_key: Option<PathBuf>,
    /// Proxies whose `X-Forwarded-*` headers are believed.
    trusted_proxies: Vec<String>,
    /// The scheme people see in the address bar.
    public_scheme: PublicScheme,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PublicScheme {
    Http,
    #[default]
    Https,
}

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4000);

/// Where to listen, and how the world reaches it.
pub struct ServerSettings {
    /// Address and port.
    pub listen: SocketAddr,
    /// What TLS is spoken with, if it is spoken here.
    pub tls: Option<TlsFiles>,
    /// What the router has to know.
    pub web: WebConfig,
}

/// PEM files.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Section {
    pub(super) fn check(self, mistakes: &mut Mistakes) -> Option<ServerSettings> {
        let listen = listen(self.listen, mistakes);
        let tls = tls(self.tls_certificate, self.tls_key, mistakes);
        let public_scheme = match self.public_scheme {
            PublicScheme::Http => Scheme::Http,
            PublicScheme::Https => Scheme::Https,
        };
        if matches!((&tls, self.public_scheme), (Ok(Some(_)), PublicScheme::Http)) {
            let problem = "\"http\", although the server itself speaks TLS";
            mistakes.at("server.public_scheme", problem, "remove it, or remove the certificate");
        }
        for proxy in self.trusted_proxies.iter().filter(|proxy| !is_network(proxy)) {
            let problem = format!("{proxy:?} is neither an IP address nor a network");
            let remedy = "write proxies as \"10.0.0.5\" or \"10.0.0.0/8\"";
            mistakes.at("server.trusted_proxies", problem, remedy);
        }
        let web = WebConfig { public_scheme, trusted_proxies: self.trusted_proxies };
        Some(ServerSettings { listen: listen?, tls: tls.ok()?, web })
    }
}

fn listen(text: Option<String>, mistakes: &mut Mistakes) -> Option<SocketAddr> {
    let Some(text) = text else { return Some(DEFAULT_LISTEN) };
    let parsed = text.parse().ok();
    if parsed.is_none() {
        let problem = format!("{text:?} is not an IP address and a port");
        let remedy = "write it as \"127.0.0.1:4000\", \"0.0.0.0:4000\" or \"[::]:4000\"";
        mistakes.at("server.listen", problem, remedy);
    }
    parsed
}

fn tls(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    mistakes: &mut Mistakes,
) -> Result<Option<TlsFiles>, ()> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            let mut readable = |name: &str, file: &PathBuf| {
                std::fs::File::open(file).map(drop).map_err(|error| {
                    let problem = format!("{} cannot be read: {error}", file.display());
                    mistakes.at(name, problem, "name a PEM file that the server may read");
                })
            };
            let checked = readable("server.tls_certificate", &certificate);
            readable("server.tls_key", &key).and(checked)?;
            Ok(Some(TlsFiles { certificate, key }))
        }
        (Some(_), None) => {
            mistakes.at("server.tls_key", "missing beside server.tls_certificate", PAIR);
            Err(())
        }
        (None, Some(_)) => {
            mistakes.at("server.tls_certificate", "missing beside server.tls_key", PAIR);
            Err(())
        }
    }
}

const PAIR: &str = "give both files, or neither where a proxy speaks TLS";

/// An IP address, or one with a prefix length.
fn is_network(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    prefix.is_none_or(|prefix| prefix.parse::<u8>().is_ok_and(|length| length <= longest))
}

#[cfg(test)]
mod tests {
    use super::is_network;

    #[test]
    fn networks_are_addresses_with_or_without_a_prefix() {
        for good in ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0"] {
            assert!(is_network(good), "{good}");
        }
        for bad in ["", "proxy", "10.0.0.0/33", "::1/129", "10.0.0/8", "10.0.0.0/", "1.2.3.4/-1"] {
            assert!(!is_network(bad), "{bad}");
        }
    }
}
