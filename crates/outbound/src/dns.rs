//! Looking domain names up, at the servers of the machine or at those the operator names.

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use housekey_core::port::Resolver;

/// How long one try may take. Somebody is waiting.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Looks names up.
pub struct Dns(TokioResolver);

impl Dns {
    /// Asks `servers`, or those of the machine if none are named.
    ///
    /// # Errors
    /// If the machine does not say which its servers are.
    pub fn new(servers: &[SocketAddr]) -> Result<Self, String> {
        let builder = if servers.is_empty() {
            TokioResolver::builder_tokio().map_err(|error| error.to_string())?
        } else {
            let servers = servers.iter().copied().map(server).collect();
            let config = ResolverConfig::from_name_servers(servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        let mut builder = builder;
        let options = builder.options_mut();
        options.timeout = TIMEOUT;
        // Whoever has just changed a record wants to see it changed.
        options.cache_size = 0;
        builder.build().map(Self).map_err(|error| error.to_string())
    }
}

fn server(address: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}

#[async_trait]
impl Resolver for Dns {
    async fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        // With the dot at its end it is a whole name, to which nothing is added.
        let found = match self.0.txt_lookup(format!("{name}.")).await {
            Ok(found) => found,
            Err(error) if error.is_no_records_found() || error.is_nx_domain() => return Ok(vec![]),
            Err(error) => {
                tracing::warn!(%name, %error, "a domain name cannot be looked up");
                return Err(format!("The name servers did not tell what {name} holds."));
            }
        };
        let text = |data: &RData| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        };
        Ok(found.answers().iter().filter_map(|record| text(&record.data)).collect())
    }
}
