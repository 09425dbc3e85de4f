//! The hash functions other systems used. Most are broken for signatures; here they only prove a
//! password once, after which Housekey's own hash takes their place.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Digest {
    /// RFC 1320.
    Md4,
    /// RFC 1321.
    Md5,
    /// ISO/IEC 10118-3.
    Ripemd160,
    /// FIPS 180-4, like all of its name.
    Sha1,
    /// SHA-2 of 224 bits.
    Sha224,
    /// SHA-2 of 256 bits.
    Sha256,
    /// SHA-2 of 384 bits.
    Sha384,
    /// SHA-2 of 512 bits.
    Sha512,
    /// SHA-512/224.
    Sha512To224,
    /// SHA-512/256.
    Sha512To256,
    /// ISO/IEC 10118-3.
    Whirlpool,
}

/// Runs code with `$name` as the type that computes a digest.
macro_rules! with_type {
    ($digest:expr, $name:ident => $code:expr) => {
        with_type!(@ $digest, $name => $code;
            Md4 md4::Md4, Md5 md5::Md5, Ripemd160 ripemd::Ripemd160, Sha1 sha1::Sha1,
            Sha224 sha2::Sha224, Sha256 sha2::Sha256, Sha384 sha2::Sha384, Sha512 sha2::Sha512,
            Sha512To224 sha2::Sha512_224, Sha512To256 sha2::Sha512_256,
            Whirlpool whirlpool::Whirlpool)
    };
    (@ $digest:expr, $name:ident => $code:expr; $($variant:ident $kind:ty),+) => {
        match $digest {
            $(Digest::$variant => {
                type $name = $kind;
                $code
            })+
        }
    };
}

/// Names as Auth0's format and OpenSSL have them.
const NAMES: &[(&str, Digest)] = &[
    ("md4", Digest::Md4),
    ("md5", Digest::Md5),
    ("ripemd160", Digest::Ripemd160),
    ("sha1", Digest::Sha1),
    ("sha224", Digest::Sha224),
    ("sha256", Digest::Sha256),
    ("sha384", Digest::Sha384),
    ("sha512", Digest::Sha512),
    ("whirlpool", Digest::Whirlpool),
    // OpenSSL's further names.
    ("ripemd", Digest::Ripemd160),
    ("rmd160", Digest::Ripemd160),
    ("sha1-2", Digest::Sha1),
    ("sha512-224", Digest::Sha512To224),
    ("sha512-256", Digest::Sha512To256),
];
/// How many of [`NAMES`] a keyed hash may name.
const OF_HMAC: usize = 9;

impl Digest {
    /// The names that a keyed hash may give.
    #[must_use]
    pub fn of_hmac() -> &'static [(&'static str, Self)] {
        &NAMES[..OF_HMAC]
    }

    /// The digest OpenSSL calls so: in either case, with or without `RSA-` before it.
    #[must_use]
    pub fn of_openssl(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_prefix("rsa-").unwrap_or(&name);
        NAMES.iter().find(|(own, _)| *own == name).map(|(_, digest)| *digest)
    }

    /// How many bytes it makes.
    #[must_use]
    pub fn size(self) -> usize {
        with_type!(self, D => <D as sha2::Digest>::output_size())
    }

    /// The digest of `data`.
    #[must_use]
    pub fn hash(self, data: &[u8]) -> Vec<u8> {
        with_type!(self, D => D::digest(data).to_vec())
    }

    /// The keyed hash of `data` (RFC 2104).
    #[must_use]
    pub fn keyed(self, key: &[u8], data: &[u8]) -> Vec<u8> {
        with_type!(self, D => {
            let mac = Hmac::<D>::new_from_slice(key).expect("keys of HMAC have any length");
            mac.chain_update(data).finalize().into_bytes().to_vec()
        })
    }

    /// `length` bytes of PBKDF2 (RFC 8018 §5.2).
    #[must_use]
    pub fn stretched(self, password: &[u8], salt: &[u8], rounds: u32, length: usize) -> Vec<u8> {
        let mut output = vec![0; length];
        with_type!(self, D => pbkdf2::pbkdf2_hmac::<D>(password, salt, rounds, &mut output));
        output
    }
}
