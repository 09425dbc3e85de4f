//! `housekey dev`: a throw-away server with nothing to configure.
//!
//! The same server as `serve` with other adapters: a clock that can be moved, a messenger that
//! sends nothing, and data that is there from the start.

mod certificates;
mod crowd;
mod description;
mod files;
mod seed;

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum_server::tls_rustls::RustlsConfig;
use housekey_core::factor::password::HashCost;
use housekey_core::port::Clock;
use housekey_outbound::{DevMessenger, Dns};
use housekey_store::Options;
use housekey_web::{Dev, Scheme, WebConfig};

use crate::config::{DatabaseSettings, LogFormat, LogSettings, PasswordSettings};
use crate::house::House;
use crate::logging;
use crate::serve::{self, Server};
use crate::worker::Worker;
use description::Description;
pub use files::DataDir;

/// What can be chosen about a dev server.
pub struct DevOptions {
    /// Address and port; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The data directory.
    pub data: PathBuf,
    /// Speak TLS.
    pub tls: bool,
    /// Another database than the `SQLite` file in the directory.
    pub database: Option<String>,
    /// How many further users there have to be.
    pub seed_users: u32,
    /// Leave out the rate limits.
    pub no_rate_limits: bool,
    /// A name server to ask instead of the machine's.
    pub name_server: Option<SocketAddr>,
    /// Hash passwords at next to no cost.
    pub cheap_passwords: bool,
}

/// The database of a dev server.
pub fn database(directory: &DataDir, url: Option<String>) -> DatabaseSettings {
    let url = url.unwrap_or_else(|| directory.database_url());
    DatabaseSettings { url, options: Options::default() }
}

/// Whether the dev server of this directory speaks TLS.
///
/// # Errors
/// If none runs.
pub fn is_secure(directory: &DataDir) -> Result<bool> {
    let text = std::fs::read_to_string(directory.file("dev.json"))
        .context("no dev server runs on this directory: start `housekey dev` first")?;
    let description: serde_json::Value = serde_json::from_str(&text)?;
    Ok(description["issuer"].as_str().is_some_and(|issuer| issuer.starts_with("https://")))
}

/// Serves until the process is asked to end.
///
/// # Errors
/// If something that is needed is not to be had.
pub async fn run(options: DevOptions) -> Result<()> {
    let level = std::env::var("HOUSEKEY_LOG__LEVEL").unwrap_or_else(|_| "info".to_owned());
    logging::start(&LogSettings { level, format: LogFormat::Text })?;
    let directory = DataDir::make(&options.data)?;
    let _lock = directory.lock()?;
    let file = directory.file("dev.json");
    // One that an earlier server left would be taken for this one's.
    files::remove(&file)?;
    let listeners = bind(options.listen)?;
    let house = open(&options, &directory).await?;
    let issuer = issuer(listeners[0].local_addr()?.port(), options.tls);
    let host = issuer.split(['/']).nth(2).unwrap_or_default();
    let (seed, configuration) = seed::ensure(&house.app, &directory, host).await?;
    crowd::ensure(&house.app, &configuration, &seed.user.user_id, options.seed_users).await?;
    let tls = tls(&options, &directory, &house)?;
    let ca = tls.is_some().then(|| directory.file("ca.pem"));
    let description = Description::new(&house.app, &configuration, &seed, &issuer, ca)?;

    let messenger = Arc::new(DevMessenger::default());
    let app = house.app.with_messenger(messenger.clone());
    let dns = Dns::new(options.name_server.as_slice());
    let app = Arc::new(match dns {
        Ok(dns) => app.with_resolver(Arc::new(dns)),
        // Away from every network there is nothing to verify.
        Err(_) => app,
    });
    let public_scheme = if options.tls { Scheme::Https } else { Scheme::Http };
    let web = WebConfig { public_scheme, trusted_proxies: Vec::new() };
    let router = housekey_web::router(app.clone(), &web, Some(Dev { clock: house.clock }));
    let server = Server::start(listeners, tls.as_ref(), &router)?;
    files::write(&file, &serde_json::to_string_pretty(&description)?, 0o600)?;
    if let Err(error) = description.greet(&file) {
        tracing::warn!(%error, "nobody reads standard output");
    }

    let worker = Worker::start(&app, messenger);
    let served = server.run().await;
    worker.stop().await;
    files::remove(&file)?;
    house.database.close().await;
    served
}

async fn open(options: &DevOptions, directory: &DataDir) -> Result<House> {
    let database = database(directory, options.database.clone());
    let master_key = directory.master_key()?;
    let mut passwords = PasswordSettings::default();
    if options.cheap_passwords {
        passwords.cost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };
    }
    let mut house = House::open(&database, &master_key, passwords).await?;
    house.check_master_key().await?;
    if options.no_rate_limits {
        house.app = house.app.without_rate_limits();
    }
    Ok(house)
}

fn tls(options: &DevOptions, directory: &DataDir, house: &House) -> Result<Option<RustlsConfig>> {
    options.tls.then(|| certificates::tls(directory, house.clock.now())).transpose()
}

/// `{scheme}://localhost:{port}/`, without the port where it is the scheme's own.
fn issuer(port: u16, tls: bool) -> String {
    match (tls, port) {
        (false, 80) => "http://localhost/".to_owned(),
        (true, 443) => "https://localhost/".to_owned(),
        (false, port) => format!("http://localhost:{port}/"),
        (true, port) => format!("https://localhost:{port}/"),
    }
}

/// Binds `address`, and IPv6's loopback beside IPv4's: programs that ask for `localhost` may try
/// either one and not the other.
fn bind(address: SocketAddr) -> Result<Vec<TcpListener>> {
    let first = serve::bind(address)?;
    let mut listeners = vec![first];
    if address.ip().is_loopback() && address.is_ipv4() {
        let port = listeners[0].local_addr()?.port();
        let second = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port);
        match TcpListener::bind(second) {
            Ok(listener) => {
                listener.set_nonblocking(true)?;
                listeners.push(listener);
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                tracing::warn!("{second} is in use: who asks it for localhost gets somebody else");
            }
            // A machine without IPv6.
            Err(_) => {}
        }
    }
    Ok(listeners)
}

#[cfg(test)]
mod tests {
    use super::issuer;

    #[test]
    fn the_issuer_has_a_port_unless_it_is_the_schemes_own() {
        assert_eq!(issuer(4000, false), "http://localhost:4000/");
        assert_eq!(issuer(443, true), "https://localhost/");
        assert_eq!(issuer(80, true), "https://localhost:80/");
    }
}
