//! Whom to trust: the public certificate authorities, as mail does, and one of the operator's. The
//! system's are not asked: a container may have none.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::{HttpSetupError, Version};

pub(super) fn config(
    ca_certificate: Option<&[u8]>,
    version: Version,
) -> Result<ClientConfig, HttpSetupError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = ca_certificate {
        add(&mut roots, pem).ok_or(HttpSetupError::CaCertificate)?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpSetupError::Client(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let protocols: &[&[u8]] = match version {
        Version::Any => &[b"h2", b"http/1.1"],
        Version::Http2 => &[b"h2"],
    };
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Ok(config)
}

/// Adds all certificates of a PEM file; none if it has none, or one that is not.
fn add(roots: &mut RootCertStore, pem: &[u8]) -> Option<()> {
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
    if certificates.is_empty() {
        return None;
    }
    certificates.into_iter().try_for_each(|certificate| roots.add(certificate)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_must_be_one() {
        assert!(config(None, Version::Any).is_ok());
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in ["", "nonsense", broken] {
            let refused = config(Some(pem.as_bytes()), Version::Any);
            assert!(matches!(refused, Err(HttpSetupError::CaCertificate)), "{pem}");
        }
    }
}
