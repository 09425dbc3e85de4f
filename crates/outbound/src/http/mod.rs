//! The one way to speak HTTP with the world outside: bounded in time and size, no redirects, and
//! no private addresses unless the operator says so. Addresses come from tenants' settings, and
//! whoever writes these must not reach the operator's own network through us.

mod address;
mod fetch;
mod tls;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use housekey_core::port::DeliveryError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, RequestBuilder, Url};
use url::Host;

pub use fetch::fetch;

/// How long one exchange may take. Somebody may be waiting for it.
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// No answer that is read here is longer.
const MAX_BODY: usize = 64 * 1024;

/// How the world is reached.
#[derive(Clone, Debug, Default)]
pub struct HttpSettings {
    /// Let requests go to private and loopback addresses, and without TLS.
    pub allow_private_addresses: bool,
    /// PEM of a certificate authority to trust besides the public ones.
    pub ca_certificate: Option<Vec<u8>>,
}

/// Why requests cannot be made as configured.
#[derive(Debug, thiserror::Error)]
pub enum HttpSetupError {
    /// The certificate authority does not parse.
    #[error("the certificate authority is not a PEM certificate")]
    CaCertificate,
    /// The client cannot be built.
    #[error("HTTP cannot be set up: {0}")]
    Client(String),
}

/// Which version is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Whatever both sides speak.
    Any,
    /// HTTP/2 alone, without asking first.
    Http2,
}

/// A guarded client.
pub(crate) struct Http {
    client: Client,
    pub(crate) allow_private: bool,
}

/// What was answered.
pub(crate) struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Http {
    pub(crate) fn new(settings: &HttpSettings, version: Version) -> Result<Self, HttpSetupError> {
        let tls = tls::config(settings.ca_certificate.as_deref(), version)?;
        let mut builder = builder(settings.allow_private_addresses).tls_backend_preconfigured(tls);
        if version == Version::Http2 {
            builder = builder.http2_prior_knowledge();
        }
        let client = builder.build().map_err(|error| HttpSetupError::Client(error.to_string()))?;
        Ok(Self { client, allow_private: settings.allow_private_addresses })
    }

    /// A POST to `url`, if that is an address we speak with.
    pub(crate) fn post(&self, url: &str) -> Result<RequestBuilder, DeliveryError> {
        let url = Url::parse(url).map_err(|_| refused("the provider's address is not a URL"))?;
        self.check(&url)?;
        Ok(self.client.post(url))
    }

    fn check(&self, url: &Url) -> Result<(), DeliveryError> {
        let scheme_fits = url.scheme() == "https" || (url.scheme() == "http" && self.allow_private);
        if !scheme_fits {
            return Err(refused("the provider's address does not begin with https://"));
        }
        // A literal address is not resolved, so the resolver does not see it.
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) | None => None,
        };
        if literal.is_some_and(|address| !self.allow_private && !address::is_public(address)) {
            return Err(refused("the provider's address is a private one"));
        }
        Ok(())
    }
}

fn builder(allow_private: bool) -> ClientBuilder {
    Client::builder()
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .dns_resolver(Arc::new(GuardedResolver { allow_private }))
        .user_agent(concat!("Housekey/", env!("CARGO_PKG_VERSION")))
}

/// Sends a request. An answer is an answer whatever its status; anything else can be tried again.
pub(crate) async fn send(request: RequestBuilder) -> Result<Answer, DeliveryError> {
    let mut response = request.send().await.map_err(unreachable)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        let room = MAX_BODY - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == MAX_BODY {
            break;
        }
    }
    Ok(Answer { status, body })
}

/// What an answer means where nothing more is known than its status.
pub(crate) fn by_status(who: &str, status: u16) -> Result<(), DeliveryError> {
    let text = format!("{who} answered {status}");
    match status {
        200..300 => Ok(()),
        408 | 425 | 429 | 500.. => Err(DeliveryError::Transient(text)),
        _ => Err(DeliveryError::Permanent(text)),
    }
}

/// The kinds of trouble and their causes, without the URL: it may hold a secret.
fn unreachable(error: reqwest::Error) -> DeliveryError {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        if let Some(PrivateAddress) = cause.downcast_ref() {
            return refused("the provider's address is a private one");
        }
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    DeliveryError::Transient(text)
}

fn refused(why: &str) -> DeliveryError {
    DeliveryError::Permanent(why.to_owned())
}

/// The address of a server that is not reached by HTTP, if it is one we speak with.
pub(crate) async fn resolve(
    host: &str,
    port: u16,
    allow_private: bool,
) -> Result<SocketAddr, DeliveryError> {
    let found = tokio::net::lookup_host((host, port)).await;
    let mut found = found.map_err(|error| {
        DeliveryError::Transient(format!("the server's name leads nowhere: {error}"))
    })?;
    found
        .find(|found| allow_private || address::is_public(found.ip()))
        .ok_or_else(|| refused("the server's address is a private one"))
}

/// A name that only leads to private addresses.
#[derive(Debug, thiserror::Error)]
#[error("only private addresses")]
struct PrivateAddress;

/// Resolves names to the addresses one may go to. The connection is made to what was checked, so a
/// name that changes its address in between gains nothing.
struct GuardedResolver {
    allow_private: bool,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> =
                found.filter(|found| allow_private || address::is_public(found.ip())).collect();
            if addresses.is_empty() {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(allow_private_addresses: bool, url: &str) -> Result<(), DeliveryError> {
        let settings = HttpSettings { allow_private_addresses, ca_certificate: None };
        Http::new(&settings, Version::Any).expect("builds").post(url).map(drop)
    }

    #[tokio::test]
    async fn private_literals_and_plain_http_are_refused_unless_allowed() {
        for url in
            ["http://api.example/", "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/"]
        {
            assert!(matches!(verdict(false, url), Err(DeliveryError::Permanent(_))), "{url}");
            assert!(verdict(true, url).is_ok(), "{url}");
        }
        assert!(verdict(false, "https://api.example/").is_ok());
        for url in ["", "api.example", "ftp://api.example/", "file:///etc/passwd"] {
            assert!(verdict(true, url).is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_of_a_private_address_is_refused_for_good() {
        let http = Http::new(&HttpSettings::default(), Version::Any).expect("builds");
        let outcome = send(http.post("https://localhost:1/").expect("a URL")).await.map(drop);
        assert!(matches!(outcome, Err(DeliveryError::Permanent(_))), "{outcome:?}");
    }
}
