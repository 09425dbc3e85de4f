//! Public keys as administrators paste them: PEM of a key (RFC 7468 §13) or of a certificate (§5).

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::{PublicKey as Parsed, RSAPublicKey};
use x509_parser::x509::SubjectPublicKeyInfo;

use super::PublicKey;
use crate::time::Timestamp;

/// The longest text that is looked at.
const MAX_PEM: usize = 16 * 1024;
/// Bits that an RSA modulus may have.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// The length of a coordinate on P-256.
const COORDINATE: usize = 32;
/// The curve P-256 (RFC 5480 §2.1.1.1).
const P256: &str = "1.2.840.10045.3.1.7";

/// What a PEM text holds.
#[derive(Debug)]
pub(crate) struct PemKey {
    /// The key.
    pub public_key: PublicKey,
    /// SHA-256 of the certificate, or of the key (RFC 7638); base64url.
    pub thumbprint_sha256: String,
    /// The end of the certificate, if it is one.
    pub expires_at: Option<Timestamp>,
}

/// Reads a public key.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn read(text: &str) -> Result<PemKey, &'static str> {
    const UNREADABLE: &str = "pem must be a public key or a certificate in PEM";
    if text.len() > MAX_PEM {
        return Err(UNREADABLE);
    }
    let (_, pem) = parse_x509_pem(text.as_bytes()).map_err(|_| UNREADABLE)?;
    match pem.label.as_str() {
        "CERTIFICATE" => {
            let (_, certificate) =
                X509Certificate::from_der(&pem.contents).map_err(|_| UNREADABLE)?;
            Ok(PemKey {
                public_key: of_info(certificate.public_key())?,
                thumbprint_sha256: sha256(&pem.contents),
                expires_at: Some(
                    Timestamp(0).plus_seconds(certificate.validity().not_after.timestamp()),
                ),
            })
        }
        "PUBLIC KEY" => {
            let (_, info) =
                SubjectPublicKeyInfo::from_der(&pem.contents).map_err(|_| UNREADABLE)?;
            Ok(bare(of_info(&info)?))
        }
        "RSA PUBLIC KEY" => {
            let (_, key) = RSAPublicKey::from_der(&pem.contents).map_err(|_| UNREADABLE)?;
            Ok(bare(of_rsa(&key)?))
        }
        label if label.contains("PRIVATE KEY") => {
            Err("pem is a private key. Keep it to yourself, and send the public one")
        }
        _ => Err(UNREADABLE),
    }
}

fn bare(public_key: PublicKey) -> PemKey {
    PemKey { thumbprint_sha256: public_key.thumbprint(), public_key, expires_at: None }
}

fn of_info(info: &SubjectPublicKeyInfo<'_>) -> Result<PublicKey, &'static str> {
    const UNSUITABLE: &str = "pem must hold an RSA key or a key on P-256";
    match info.parsed() {
        Ok(Parsed::RSA(key)) => of_rsa(&key),
        Ok(Parsed::EC(point)) => {
            let curve = info.algorithm.parameters.as_ref().and_then(|own| own.as_oid().ok());
            let is_p256 = curve.is_some_and(|curve| curve.to_id_string() == P256);
            let coordinates = point.data().strip_prefix(&[4]).filter(|_| is_p256);
            let coordinates = coordinates.filter(|both| both.len() == 2 * COORDINATE);
            let (x, y) = coordinates.ok_or(UNSUITABLE)?.split_at(COORDINATE);
            Ok(PublicKey::P256 { x: URL_SAFE_NO_PAD.encode(x), y: URL_SAFE_NO_PAD.encode(y) })
        }
        _ => Err(UNSUITABLE),
    }
}

fn of_rsa(key: &RSAPublicKey<'_>) -> Result<PublicKey, &'static str> {
    let modulus = without_leading_zero(key.modulus);
    let exponent = without_leading_zero(key.exponent);
    if !RSA_BITS.contains(&(modulus.len() * 8)) || exponent.len() > 4 {
        return Err("The RSA key must have 2048 to 8192 bits and a usual exponent");
    }
    Ok(PublicKey::Rsa { n: URL_SAFE_NO_PAD.encode(modulus), e: URL_SAFE_NO_PAD.encode(exponent) })
}

/// Integers in DER have a leading zero where they would be negative without.
fn without_leading_zero(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(&[0]).unwrap_or(bytes)
}

fn sha256(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, bytes))
}

impl PublicKey {
    /// RFC 7638.
    fn thumbprint(&self) -> String {
        let canonical = match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Self::P256 { x, y } => format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#),
        };
        sha256(canonical.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384};

    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_the_standard() {
        // RFC 7638 §3.1.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = PublicKey::Rsa { n: n.to_owned(), e: "AQAB".to_owned() };
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn a_key_and_its_certificate_are_one_key() {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key is made");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.not_after = rcgen::date_time_ymd(2030, 1, 2);
        let certificate = params.self_signed(&pair).expect("signs");
        let bare = read(&pair.public_key_pem()).expect("a key");
        let certified = read(&certificate.pem()).expect("a certificate");
        assert_eq!(bare.public_key, certified.public_key);
        assert_ne!(bare.thumbprint_sha256, certified.thumbprint_sha256);
        assert_eq!(certified.thumbprint_sha256, sha256(certificate.der()));
        assert_eq!(bare.expires_at, None);
        let end = certified.expires_at.expect("certificates end");
        assert_eq!(end.rfc3339(), "2030-01-02T00:00:00.000Z");
    }

    #[test]
    fn nothing_else_is_taken() {
        let other_curve = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).expect("a key is made");
        let long = format!("-----BEGIN PUBLIC KEY-----\n{}", "A".repeat(MAX_PEM));
        for text in [
            "",
            "x",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN NONSENSE-----\nAAAA\n-----END NONSENSE-----\n",
            &other_curve.public_key_pem(),
            &other_curve.serialize_pem(),
            &long,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let told = read(&other_curve.serialize_pem()).expect_err("a private key");
        assert!(told.contains("private"), "{told}");
    }
}
