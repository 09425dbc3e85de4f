//! The connection to the mail server.

use std::time::Duration;

use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use secrecy::ExposeSecret;

use super::{Security, SetupError, SmtpSettings};

/// How long one command may take. RFC 5321 §4.5.3.2 allows minutes; a retry serves people better.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Connections are kept this long for the next message.
const IDLE: Duration = Duration::from_secs(30);
const MAX_CONNECTIONS: u32 = 4;

pub(super) fn build(
    settings: &SmtpSettings,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, SetupError> {
    build_at(settings, &settings.host)
}

/// The same to an address that the server's name was found to have.
pub(super) fn build_at(
    settings: &SmtpSettings,
    address: &str,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, SetupError> {
    let pool = PoolConfig::new().max_size(MAX_CONNECTIONS).idle_timeout(IDLE);
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address)
        .port(settings.port)
        .tls(tls(settings)?)
        .timeout(Some(TIMEOUT))
        .pool_config(pool);
    if let Some((username, password)) = &settings.credentials {
        let password = password.expose_secret().to_owned();
        builder = builder.credentials(Credentials::new(username.clone(), password));
    }
    Ok(builder.build())
}

fn tls(settings: &SmtpSettings) -> Result<Tls, SetupError> {
    Ok(match settings.security {
        Security::Implicit => Tls::Wrapper(parameters(settings)?),
        Security::Starttls => Tls::Required(parameters(settings)?),
        Security::None => Tls::None,
    })
}

fn parameters(settings: &SmtpSettings) -> Result<TlsParameters, SetupError> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.ca_certificate {
        let authority = Certificate::from_pem(pem).map_err(|_| SetupError::CaCertificate)?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build().map_err(|_| SetupError::Tls(settings.host.clone()))
}
