//! What is reversible at rest: AES-256-GCM under keys derived from the master key, and keyed
//! hashes for values too short to be hashed bare.
//!
//! Every sealed value is bound to its place (`tenant|table|row|column`), so that a ciphertext
//! copied to another row does not open there.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{digest, hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::error::Fault;
use crate::id::TenantId;
use crate::port::Random;
use crate::secret::{SecretText, constant_time_eq};

const NONCE_LEN: usize = 12;
const KEY_ID_LEN: usize = 4;

/// 256 bits from which every other key is derived.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Reads a key written as 32 bytes of base64 (standard or url-safe) or 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            decode_hex(text)?
        } else {
            STANDARD
                .decode(text)
                .or_else(|_| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')))
                .ok()?
        };
        Some(Self(bytes.try_into().ok()?))
    }

    /// A new key.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(bytes)
    }

    /// The key as base64, for writing it to a file only its owner can read.
    #[must_use]
    pub fn expose(&self) -> String {
        STANDARD.encode(self.0)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// Where a sealed value lives; part of what is authenticated.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The tenant that owns the row.
    pub tenant: &'a str,
    /// Table name.
    pub table: &'a str,
    /// The row's key.
    pub row: &'a str,
}

impl Place<'_> {
    fn bytes(self) -> Vec<u8> {
        format!("{}|{}|{}", self.tenant, self.table, self.row).into_bytes()
    }
}

/// Seals and opens values, and computes keyed hashes.
pub struct Sealer {
    key_id: [u8; KEY_ID_LEN],
    aead: LessSafeKey,
    mac: hmac::Key,
}

impl Sealer {
    /// Derives the working keys.
    ///
    /// # Errors
    /// Only if the cryptographic library refuses the key material.
    pub fn new(master: &MasterKey) -> Result<Self, Fault> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"housekey").extract(&master.0);
        let aead = UnboundKey::new(&AES_256_GCM, &derive(&root, b"seal v1")?).map_err(refused)?;
        let id = digest::digest(&digest::SHA256, &derive(&root, b"key id")?);
        let mut key_id = [0; KEY_ID_LEN];
        key_id.copy_from_slice(&id.as_ref()[..KEY_ID_LEN]);
        Ok(Self {
            key_id,
            aead: LessSafeKey::new(aead),
            mac: hmac::Key::new(hmac::HMAC_SHA256, &derive(&root, b"mac v1")?),
        })
    }

    /// Encrypts `plain` for one place: `key id ‖ nonce ‖ ciphertext ‖ tag`.
    ///
    /// # Errors
    /// Only if the cryptographic library fails.
    pub fn seal(
        &self,
        place: Place<'_>,
        plain: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, Fault> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut buffer = plain.to_vec();
        self.aead
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.bytes()),
                &mut buffer,
            )
            .map_err(refused)?;
        let mut sealed = Vec::with_capacity(KEY_ID_LEN + NONCE_LEN + buffer.len());
        sealed.extend_from_slice(&self.key_id);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut buffer);
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] made for the same place.
    ///
    /// # Errors
    /// If the value was sealed under another master key, for another place, or altered.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let (key_id, rest) = sealed
            .split_at_checked(KEY_ID_LEN)
            .ok_or_else(|| Fault::new("sealed value too short"))?;
        if key_id != self.key_id {
            return Err(Fault::new("sealed under another master key"));
        }
        let (nonce, body) =
            rest.split_at_checked(NONCE_LEN).ok_or_else(|| Fault::new("sealed value too short"))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(refused)?;
        let mut buffer = body.to_vec();
        let plain = self
            .aead
            .open_in_place(nonce, Aad::from(place.bytes()), &mut buffer)
            .map_err(|_| Fault::new("sealed value does not open"))?;
        Ok(plain.to_vec())
    }

    /// A keyed hash of a short secret (a six-digit code, a recovery code), base64url.
    ///
    /// Without the master key a stolen database does not allow guessing it.
    #[must_use]
    pub fn mac(&self, place: Place<'_>, value: &str) -> String {
        let mut message = place.bytes();
        message.push(b'|');
        message.extend_from_slice(value.as_bytes());
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.mac, &message))
    }

    /// Whether `value` is what `mac` was computed from.
    #[must_use]
    pub fn mac_matches(&self, place: Place<'_>, value: &str, mac: &str) -> bool {
        constant_time_eq(self.mac(place, value).as_bytes(), mac.as_bytes())
    }
}

/// A sealed text inside a tenant's settings, as base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedText(String);

impl SealedText {
    /// Seals `plain` as the tenant's setting called `name`.
    ///
    /// # Errors
    /// Only if the cryptographic library fails.
    pub fn seal(
        tenant: &TenantId,
        name: &str,
        plain: &SecretText,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<Self, Fault> {
        let place = Place { tenant: tenant.as_str(), table: "tenants", row: name };
        Ok(Self(STANDARD.encode(sealer.seal(place, plain.expose().as_bytes(), random)?)))
    }

    /// Opens it.
    ///
    /// # Errors
    /// If it was sealed under another master key, as another setting, or altered.
    pub fn open(
        &self,
        tenant: &TenantId,
        name: &str,
        sealer: &Sealer,
    ) -> Result<SecretText, Fault> {
        let place = Place { tenant: tenant.as_str(), table: "tenants", row: name };
        let plain = sealer.open(place, &STANDARD.decode(&self.0).map_err(Fault::new)?)?;
        String::from_utf8(plain).map(SecretText::new).map_err(Fault::new)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

fn derive(root: &hkdf::Prk, label: &[u8]) -> Result<[u8; 32], Fault> {
    let mut key = [0; 32];
    root.expand(&[label], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut key)).map_err(refused)?;
    Ok(key)
}

fn refused(_: aws_lc_rs::error::Unspecified) -> Fault {
    Fault::new("the cryptographic library refused the operation")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::SystemRandom;

    const HOME: Place<'_> = Place { tenant: "a", table: "methods", row: "1" };

    fn sealer() -> Sealer {
        Sealer::new(&MasterKey::generate(&SystemRandom)).expect("keys derive")
    }

    #[test]
    fn opens_only_at_its_own_place() {
        let sealer = sealer();
        let sealed = sealer.seal(HOME, b"secret", &SystemRandom).expect("seals");
        assert_eq!(sealer.open(HOME, &sealed).expect("opens"), b"secret");
        assert!(sealer.open(Place { tenant: "b", ..HOME }, &sealed).is_err());
        assert!(sealer.open(Place { row: "2", ..HOME }, &sealed).is_err());
    }

    #[test]
    fn refuses_altered_truncated_and_foreign_values() {
        let one = sealer();
        let mut sealed = one.seal(HOME, b"secret", &SystemRandom).expect("seals");
        assert!(sealer().open(HOME, &sealed).is_err());
        assert!(one.open(HOME, &sealed[..3]).is_err());
        *sealed.last_mut().expect("not empty") ^= 1;
        assert!(one.open(HOME, &sealed).is_err());
    }

    #[test]
    fn master_keys_read_back_in_each_spelling() {
        let key = MasterKey::generate(&SystemRandom);
        let again = MasterKey::parse(&key.expose()).expect("base64");
        assert_eq!(again.0, key.0);
        let hex = "0f".repeat(32);
        assert_eq!(MasterKey::parse(&hex).expect("hex").0, [15; 32]);
        assert!(MasterKey::parse("too short").is_none());
    }
}
