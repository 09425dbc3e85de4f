//! Under which host and scheme a request came, and from whom, forwarding proxies seen through
//! only where they are trusted (contract 03 §1).

use std::net::{IpAddr, SocketAddr};

use housekey_core::guard::IpRange;
use housekey_core::secret::HandleHash;
use housekey_core::tenant::Domain;
use http::HeaderMap;
use http::request::Parts;

/// The scheme of public URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain; for development, or behind a proxy that says otherwise.
    Http,
    /// TLS, here or at a proxy.
    Https,
}

impl Scheme {
    /// `http` or `https`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> &'static str {
        match self {
            Self::Http => ":80",
            Self::Https => ":443",
        }
    }
}

/// Networks whose forwarding headers are believed.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedProxies(Vec<IpRange>);

impl TrustedProxies {
    /// Reads addresses and networks; what is neither is left out and named in a warning.
    pub(crate) fn parse(entries: &[String]) -> Self {
        let parse = |entry: &String| {
            let network = IpRange::parse(entry);
            if network.is_none() {
                tracing::warn!(%entry, "not an address or network; proxy not trusted");
            }
            network
        };
        Self(entries.iter().filter_map(parse).collect())
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

/// Where a request came to, and from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub scheme: Scheme,
    /// Host with a port that is not the scheme's default; lower-case.
    pub host: String,
    pub client_ip: String,
    /// Whether the peer is a trusted proxy.
    pub trusted: bool,
}

impl Arrival {
    pub(crate) fn of(
        parts: &Parts,
        peer: Option<SocketAddr>,
        scheme: Scheme,
        proxies: &TrustedProxies,
    ) -> Option<Self> {
        let trusted = peer.is_some_and(|peer| proxies.contain(peer.ip()));
        let forwarded = |name: &str| {
            let value = parts.headers.get(name).filter(|_| trusted)?.to_str().ok()?;
            Some(value.trim().to_owned())
        };
        let scheme = match forwarded("x-forwarded-proto").as_deref() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            _ => scheme,
        };
        let host = match forwarded("x-forwarded-host") {
            Some(host) => host,
            None => own_host(parts)?,
        };
        let peer_ip = peer.map(|peer| peer.ip().to_canonical().to_string()).unwrap_or_default();
        let client_ip = forwarded("x-forwarded-for")
            .and_then(|list| nearest_stranger(&list, proxies))
            .unwrap_or(peer_ip);
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(scheme.default_port()).unwrap_or(&host).to_owned();
        Some(Self { scheme, host, client_ip, trusted })
    }
}

/// The caller's address in a header that the domain's owner names, if the owner's proxy is believed:
/// because the operator trusts it, or because it shows the domain's key (contract 05 §13).
pub(crate) fn told_by_proxy(
    domain: &Domain,
    headers: &HeaderMap,
    trusted: bool,
    proxies: &TrustedProxies,
) -> Option<String> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let settings = &domain.settings;
    let name = settings.client_ip_header.as_deref()?;
    let shows_key = || {
        let shown = text("cname-api-key").map(|key| HandleHash::of(key.as_bytes()));
        shown.zip(settings.proxy_key.as_ref()).is_some_and(|(shown, own)| own.matches(&shown))
    };
    if !trusted && !shows_key() {
        return None;
    }
    nearest_stranger(text(name)?, proxies)
}

/// HTTP/2 carries the host in the request target, HTTP/1.1 in a header.
fn own_host(parts: &Parts) -> Option<String> {
    if let Some(authority) = parts.uri.authority() {
        return Some(authority.as_str().to_owned());
    }
    parts.headers.get(http::header::HOST)?.to_str().ok().map(ToOwned::to_owned)
}

/// The last address of `X-Forwarded-For` that is not a trusted proxy: what stands before it may
/// have been made up by the client.
fn nearest_stranger(list: &str, proxies: &TrustedProxies) -> Option<String> {
    list.rsplit(',')
        .filter_map(|entry| entry.trim().parse::<IpAddr>().ok())
        .find(|address| !proxies.contain(*address))
        .map(|address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrive(headers: &[(&str, &str)], peer: &str, trusted: &[&str]) -> Option<Arrival> {
        let mut request = http::Request::builder().uri("/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("well-formed").into_parts();
        let trusted: Vec<_> = trusted.iter().map(|entry| (*entry).to_owned()).collect();
        let proxies = TrustedProxies::parse(&trusted);
        let peer = format!("{peer}:1234").parse().expect("an address");
        Arrival::of(&parts, Some(peer), Scheme::Http, &proxies)
    }

    const FORWARDED: [(&str, &str); 4] = [
        ("host", "inner:4000"),
        ("x-forwarded-host", "Login.Example.com"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "6.6.6.6, 9.9.9.9, 10.0.0.2"),
    ];

    #[test]
    fn strangers_cannot_choose_the_host() {
        let arrival = arrive(&FORWARDED, "8.8.8.8", &["10.0.0.0/8"]).expect("has a host");
        assert_eq!(arrival.host, "inner:4000");
        assert_eq!(arrival.scheme, Scheme::Http);
        assert_eq!(arrival.client_ip, "8.8.8.8");
    }

    #[test]
    fn trusted_proxies_are_seen_through() {
        let arrival = arrive(&FORWARDED, "10.0.0.1", &["10.0.0.0/8"]).expect("has a host");
        assert_eq!(arrival.host, "login.example.com");
        assert_eq!(arrival.scheme, Scheme::Https);
        assert_eq!(arrival.client_ip, "9.9.9.9");
    }

    #[test]
    fn default_ports_are_not_part_of_the_host() {
        let arrival = arrive(&[("host", "EXAMPLE.com:80")], "8.8.8.8", &[]).expect("has a host");
        assert_eq!(arrival.host, "example.com");
        assert_eq!(arrive(&[], "8.8.8.8", &[]), None);
    }

    #[test]
    fn networks_are_read_strictly() {
        for nonsense in ["", "10.0.0.0/33", "10.0.0", "a/8", "10.0.0.0/x"] {
            assert_eq!(IpRange::parse(nonsense), None, "{nonsense}");
        }
        assert!(IpRange::parse("::1").is_some());
    }
}
