//! Credential public keys: COSE (RFC 9052 §7, RFC 9053 §7) to what the cryptographic library
//! verifies with.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::Refusal;
use super::cbor::Map;

const WHAT: &str = "the public key";

/// COSE key labels; the negative ones mean something else for each kind of key.
mod label {
    pub const KIND: i64 = 1;
    pub const ALGORITHM: i64 = 3;
    pub const CURVE: i64 = -1;
    pub const X: i64 = -2;
    pub const Y: i64 = -3;
    pub const RSA_N: i64 = -1;
    pub const RSA_E: i64 = -2;
}

/// A signature algorithm that is offered, in the order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

impl Algorithm {
    /// Every algorithm, the preferred one first.
    pub const ALL: [Self; 3] = [Self::EdDsa, Self::Es256, Self::Rs256];

    /// Its COSE number.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::EdDsa => -8,
            Self::Es256 => -7,
            Self::Rs256 => -257,
        }
    }

    pub(super) fn of_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.number() == number)
    }
}

/// A key that can verify.
pub(super) struct PublicKey {
    pub(super) algorithm: Algorithm,
    material: Material,
}

enum Material {
    Ed25519(Vec<u8>),
    /// Uncompressed point.
    P256(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl PublicKey {
    /// Reads a COSE key of one of the offered algorithms.
    pub(super) fn parse(cose: &[u8]) -> Result<Self, Refusal> {
        let map = Map::read(cose, WHAT)?;
        let number = map.integer(label::ALGORITHM).ok_or(Refusal::Malformed(WHAT))?;
        let algorithm = Algorithm::of_number(number).ok_or(Refusal::Algorithm)?;
        let material = match algorithm {
            Algorithm::EdDsa => ed25519(&map),
            Algorithm::Es256 => p256(&map),
            Algorithm::Rs256 => rsa(&map),
        };
        Ok(Self { algorithm, material: material.ok_or(Refusal::Malformed(WHAT))? })
    }

    /// Whether `signature` over `message` is this key's.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Ed25519(key) => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok()
            }
            Material::P256(key) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
                .verify(message, signature)
                .is_ok(),
            Material::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}

/// Whether `cose` is a public key of one of the offered algorithms.
#[must_use]
pub fn is_public_key(cose: &[u8]) -> bool {
    PublicKey::parse(cose).is_ok()
}

/// OKP with curve Ed25519.
fn ed25519(map: &Map) -> Option<Material> {
    let is_kind = map.integer(label::KIND) == Some(1) && map.integer(label::CURVE) == Some(6);
    let x = map.bytes(label::X).filter(|x| is_kind && x.len() == 32)?;
    Some(Material::Ed25519(x.to_vec()))
}

/// EC2 with curve P-256, never compressed (WebAuthn L3 §5.8.5).
fn p256(map: &Map) -> Option<Material> {
    let is_kind = map.integer(label::KIND) == Some(2) && map.integer(label::CURVE) == Some(1);
    let x = map.bytes(label::X).filter(|x| is_kind && x.len() == 32)?;
    let y = map.bytes(label::Y).filter(|y| y.len() == 32)?;
    Some(Material::P256([&[4], x, y].concat()))
}

fn rsa(map: &Map) -> Option<Material> {
    let unsigned = |label| {
        let bytes = map.bytes(label)?;
        // The library refuses leading zeros, which some encoders leave.
        let from = bytes.iter().position(|byte| *byte != 0)?;
        bytes.get(from..).map(<[u8]>::to_vec)
    };
    let is_kind = map.integer(label::KIND) == Some(3);
    let (n, e) = (unsigned(label::RSA_N)?, unsigned(label::RSA_E)?);
    (is_kind && (256..=1024).contains(&n.len()) && e.len() <= 4).then_some(Material::Rsa { n, e })
}
