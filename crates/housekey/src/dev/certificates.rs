//! Certificates for `--tls`: an authority that stays, and a certificate it signs at every start.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use anyhow::{Context, Result};
use axum_server::tls_rustls::RustlsConfig;
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};

use super::files::{self, DataDir};
use crate::serve::install_crypto;

/// Names the certificate is for. Some clients do not accept a wildcard above one label, so a
/// second host gets a name of its own.
const NAMES: [&str; 3] = ["localhost", "*.localhost", "login.localhost"];

/// What TLS is spoken with in dev mode; the authority is `ca.pem` and `ca.key` in `directory`.
///
/// # Errors
/// If the files cannot be used or written.
pub fn tls(directory: &DataDir, now: Timestamp) -> Result<RustlsConfig> {
    install_crypto();
    let now = OffsetDateTime::from_unix_timestamp(now.as_seconds())?;
    let key = authority_key(directory, now)?;
    let authority = Issuer::new(authority(&key, now), key);
    let leaf_key = KeyPair::generate()?;
    let certificate = leaf(now)?.signed_by(&leaf_key, &authority)?;
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

/// The authority's key. A new one gets its certificate at once, and the key is written last, so
/// that there is none without.
fn authority_key(directory: &DataDir, now: OffsetDateTime) -> Result<KeyPair> {
    let (key_file, certificate_file) = (directory.file("ca.key"), directory.file("ca.pem"));
    if let Some(pem) = files::read(&key_file)?
        && certificate_file.exists()
    {
        return KeyPair::from_pem(&pem)
            .with_context(|| format!("{} does not hold a key", key_file.display()));
    }
    let key = KeyPair::generate()?;
    let certificate = authority(&key, now).self_signed(&key)?;
    files::write(&certificate_file, &certificate.pem(), 0o644)?;
    files::write(&key_file, &key.serialize_pem(), 0o600)?;
    Ok(key)
}

/// The authority's certificate. Its name ends in a piece of the key's hash: clients that were made
/// to trust several dev authorities find the right one by name.
fn authority(key: &KeyPair, now: OffsetDateTime) -> CertificateParams {
    let hash = HandleHash::of(key.der_bytes());
    let short: String = hash.as_str().chars().take(8).collect();
    let mut params = named(&format!("Housekey Dev CA {short}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(3650);
    params
}

fn leaf(now: OffsetDateTime) -> Result<CertificateParams> {
    let mut params = named("localhost");
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    for name in NAMES {
        params.subject_alt_names.push(SanType::DnsName(name.try_into()?));
    }
    params.subject_alt_names.extend(addresses.map(SanType::IpAddress));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(180);
    Ok(params)
}

fn named(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

/// The certificate serves what leaves the house, too: Apple is spoken to in HTTP/2 over TLS, and
/// this is a server that speaks it under an authority of its own.
#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Mutex;

    use axum::Router;
    use axum::http::{Request, StatusCode, Version};
    use housekey_core::guardian::PushService;
    use housekey_core::id::{MessageId, TenantId};
    use housekey_core::message::{Channel, Content};
    use housekey_core::port::{
        Clock, DeliveryError, Messenger, OutgoingMessage, PushCarrier, PushRoute, Random, Route,
        SystemClock, SystemRandom,
    };
    use housekey_core::seal::{MasterKey, Sealer};
    use housekey_core::secret::SecretText;
    use housekey_core::tenant::push::ApnsSettings;
    use housekey_outbound::{Deliveries, HttpSettings};

    use super::*;

    fn message(port: u16) -> OutgoingMessage {
        let (tenant, now) = (TenantId::from_raw("acme"), SystemClock::default().now());
        let sealer = Sealer::new(&MasterKey::generate(&SystemRandom)).expect("keys derive");
        let key = SecretText::new(KeyPair::generate().expect("a key is made").serialize_pem());
        let settings = ApnsSettings {
            bundle_id: "app".to_owned(),
            team_id: "team".to_owned(),
            key_id: "key".to_owned(),
            sandbox: false,
            base_url: Some(format!("https://localhost:{port}")),
            sealed_key: ApnsSettings::seal_key(&tenant, &key, &sealer, &SystemRandom)
                .expect("seals"),
        };
        let carrier = PushCarrier::Apns { settings: Box::new(settings), key };
        let address = SecretText::new("device");
        let data = Some(serde_json::Map::new());
        OutgoingMessage {
            id: MessageId::generate(&SystemRandom),
            tenant,
            channel: Channel::Push,
            to: "dev_1".to_owned(),
            from_name: "Acme".to_owned(),
            content: Content { data, ..Content::default() },
            route: Route::Push(PushRoute { service: PushService::Apns, address, carrier }),
            at: now,
            dies_at: now.plus_seconds(300),
        }
    }

    async fn deliver(port: u16, ca_certificate: Option<Vec<u8>>) -> Result<(), DeliveryError> {
        let settings = HttpSettings { allow_private_addresses: true, ca_certificate };
        Deliveries::new(None, &settings).expect("HTTP works").deliver(&message(port)).await
    }

    #[tokio::test]
    async fn apple_is_spoken_to_in_http2_over_tls_if_its_authority_is_trusted() {
        let folder = std::env::temp_dir().join(format!("housekey-{}", SystemRandom.hex(8)));
        let directory = DataDir::make(&folder).expect("the folder can be made");
        let config = tls(&directory, SystemClock::default().now()).expect("makes certificates");
        let seen: Arc<Mutex<Vec<Version>>> = Arc::default();
        let kept = Arc::clone(&seen);
        let router = Router::new().fallback(move |request: Request<axum::body::Body>| {
            kept.lock().expect("no test panicked").push(request.version());
            std::future::ready(StatusCode::OK)
        });
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("as Tokio wants it");
        let port = listener.local_addr().expect("an address").port();
        let server = axum_server::from_tcp_rustls(listener, config).expect("listens");
        let serving = tokio::spawn(server.serve(router.into_make_service()));

        let authority = std::fs::read(directory.file("ca.pem")).expect("was written");
        deliver(port, Some(authority)).await.expect("taken");
        assert_eq!(*seen.lock().expect("no test panicked"), [Version::HTTP_2]);
        let stranger = deliver(port, None).await;
        assert!(matches!(stranger, Err(DeliveryError::Transient(_))), "{stranger:?}");
        assert_eq!(seen.lock().expect("no test panicked").len(), 1);
        serving.abort();
        std::fs::remove_dir_all(folder).expect("is removed");
    }
}
