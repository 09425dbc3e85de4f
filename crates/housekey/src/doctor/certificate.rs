//! The certificate that the server speaks TLS with, where it does so itself.

use housekey_core::port::{Clock, SystemClock};
use housekey_core::time::Timestamp;
use rustls::client::verify_server_name;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::Finding;
use crate::config::TlsFiles;

const CHECK: &str = "certificate";
/// Seconds before its end from which on a certificate should be renewed: two weeks.
const SOON: i64 = 14 * 86_400;

/// A certificate that goes with its key.
pub(super) struct Certificate {
    der: CertificateDer<'static>,
    begins: Timestamp,
    ends: Timestamp,
}

impl Certificate {
    /// Whether it is for `host`, which may have a port.
    pub(super) fn is_for(&self, host: &str) -> bool {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let Ok(name) = ServerName::try_from(name) else { return false };
        let parsed = ParsedCertificate::try_from(&self.der);
        parsed.is_ok_and(|parsed| verify_server_name(&parsed, &name).is_ok())
    }
}

/// Reads the certificate of `files`.
///
/// # Errors
/// What is wrong with the files.
pub(super) fn read(files: &TlsFiles) -> Result<Certificate, String> {
    let name = files.certificate.display();
    let chain: Vec<_> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| format!("{name}: {error}"))?;
    let der = chain.first().cloned().ok_or_else(|| format!("{name} has no certificate"))?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| format!("{}: {error}", files.key.display()))?;
    let key = any_supported_type(&key).map_err(|error| error.to_string())?;
    CertifiedKey::new(chain, key)
        .keys_match()
        .map_err(|_| format!("{name} does not belong to {}", files.key.display()))?;
    let (begins, ends) = validity(&der).ok_or_else(|| format!("{name} cannot be read"))?;
    Ok(Certificate { der, begins, ends })
}

fn validity(der: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let validity = certificate.validity();
    let at = |seconds: i64| Timestamp(0).plus_seconds(seconds);
    Some((at(validity.not_before.timestamp()), at(validity.not_after.timestamp())))
}

/// What is found about it.
pub(super) fn look(certificate: &Result<Certificate, String>) -> Finding {
    let remedy = "server.tls_certificate is the chain in PEM, the server's own first, and \
        server.tls_key its key";
    match certificate {
        Err(why) => Finding::problem(CHECK, why, remedy),
        Ok(certificate) => valid(certificate, SystemClock::default().now()),
    }
}

fn valid(certificate: &Certificate, now: Timestamp) -> Finding {
    let remedy = "renew it, and restart the server";
    let ends = certificate.ends.rfc3339();
    if now < certificate.begins {
        let told = format!("it is not valid before {}", certificate.begins.rfc3339());
        return Finding::problem(CHECK, told, "see that the clock is right");
    }
    match certificate.ends.seconds_since(now) {
        ..0 => Finding::problem(CHECK, format!("it ended at {ends}"), remedy),
        0..SOON => Finding::warning(CHECK, format!("it ends at {ends}"), remedy),
        _ => Finding::ok(CHECK, format!("it is valid until {ends}")),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;
    use crate::doctor::State;

    fn certificate() -> Certificate {
        let mut params = CertificateParams::new(vec!["login.acme.example".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2026, 3, 1);
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().clone();
        let (begins, ends) = validity(&der).unwrap();
        Certificate { der, begins, ends }
    }

    #[test]
    fn its_end_is_told_before_it_comes() {
        let certificate = certificate();
        for (day, state) in [
            ("2025-12-31", State::Problem),
            ("2026-01-02", State::Ok),
            ("2026-02-20", State::Warning),
            ("2026-03-02", State::Problem),
        ] {
            let now = Timestamp::parse(&format!("{day}T00:00:00Z")).unwrap();
            assert_eq!(valid(&certificate, now).state, state, "{day}");
        }
    }

    #[test]
    fn it_is_for_the_names_in_it() {
        let certificate = certificate();
        assert!(certificate.is_for("login.acme.example"));
        assert!(certificate.is_for("login.acme.example:8443"));
        assert!(!certificate.is_for("acme.example"));
    }
}
