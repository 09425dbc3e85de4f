//! Password hashes that other systems made (contract 04 §12.5). They are checked until the person
//! signs in for the first time; then Housekey's own hash takes their place.
//!
//! What is stored says `imported:` before anything else, which no PHC string does, and is sealed:
//! most of these hashes are quickly guessed by whoever has them, and some come with a key.

mod digest;
mod encoding;
mod parse;
mod read;
#[cfg(test)]
mod tests;

pub use read::{read_bcrypt, read_custom};

use argon2::{Argon2, Params, PasswordHash, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};

use self::digest::Digest;
use self::encoding::{Bytes, PasswordEncoding};
use crate::error::Fault;
use crate::id::{TenantId, UserId};
use crate::port::Random;
use crate::seal::{Place, Sealer};
use crate::secret::constant_time_eq;

/// What a stored imported hash begins with.
const PREFIX: &str = "imported:";
/// Where bcrypt ceases to look at a password.
const BCRYPT_BYTES: usize = 72;

/// A hash another system made, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedHash {
    /// How the password became bytes.
    #[serde(default)]
    encoding: PasswordEncoding,
    scheme: Scheme,
}

/// How bytes became a hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "algorithm", rename_all = "snake_case")]
enum Scheme {
    Argon2 { phc: String },
    Bcrypt { hash: String, salt: Option<Salt> },
    Digest { digest: Digest, salt: Option<Salt>, value: Bytes },
    Hmac { digest: Digest, key: Bytes, salt: Option<Salt>, value: Bytes },
    Pbkdf2 { digest: Digest, rounds: u32, salt: Bytes, value: Bytes },
    Scrypt { log_n: u8, r: u32, p: u32, salt: Bytes, value: Bytes },
}

/// Bytes put before or behind the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Salt {
    value: Bytes,
    position: Position,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Position {
    #[default]
    Prefix,
    Suffix,
}

impl ImportedHash {
    /// Whether `password` is the one behind the hash. Takes as long as the hash costs.
    #[must_use]
    pub fn matches(&self, password: &str) -> bool {
        let password = self.encoding.encode(password);
        match &self.scheme {
            Scheme::Argon2 { phc } => argon2_matches(&password, phc).unwrap_or(false),
            Scheme::Bcrypt { hash, salt } => {
                let mut salted = salted(password, salt.as_ref());
                salted.truncate(BCRYPT_BYTES);
                bcrypt::verify(salted, hash).unwrap_or(false)
            }
            Scheme::Digest { digest, salt, value } => {
                same(&digest.hash(&salted(password, salt.as_ref())), value)
            }
            Scheme::Hmac { digest, key, salt, value } => {
                same(&digest.keyed(&key.0, &salted(password, salt.as_ref())), value)
            }
            Scheme::Pbkdf2 { digest, rounds, salt, value } => {
                same(&digest.stretched(&password, &salt.0, *rounds, value.0.len()), value)
            }
            Scheme::Scrypt { log_n, r, p, salt, value } => {
                let Ok(params) = scrypt::Params::new(*log_n, *r, *p) else { return false };
                let mut output = vec![0; value.0.len()];
                let done = scrypt::scrypt(&password, &salt.0, &params, &mut output);
                done.is_ok() && same(&output, value)
            }
        }
    }

    /// Whether `stored` is an imported hash and none of Housekey's own.
    #[must_use]
    pub fn is_one(stored: &str) -> bool {
        stored.starts_with(PREFIX)
    }

    /// The hash as it is stored for a user.
    ///
    /// # Errors
    /// Only if the cryptographic library fails.
    pub fn seal(
        &self,
        tenant: &TenantId,
        user: &UserId,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<String, Fault> {
        let plain = serde_json::to_vec(self).map_err(Fault::new)?;
        let sealed = sealer.seal(place(tenant, user), &plain, random)?;
        Ok(format!("{PREFIX}{}", STANDARD_NO_PAD.encode(sealed)))
    }

    /// The hash behind `stored`; nothing if it is one of Housekey's own.
    ///
    /// # Errors
    /// If it was sealed under another master key, for another user, or altered.
    pub fn open(
        stored: &str,
        tenant: &TenantId,
        user: &UserId,
        sealer: &Sealer,
    ) -> Result<Option<Self>, Fault> {
        let Some(sealed) = stored.strip_prefix(PREFIX) else { return Ok(None) };
        let sealed = STANDARD_NO_PAD.decode(sealed).map_err(Fault::new)?;
        let plain = sealer.open(place(tenant, user), &sealed)?;
        serde_json::from_slice(&plain).map(Some).map_err(Fault::new)
    }
}

fn place<'a>(tenant: &'a TenantId, user: &'a UserId) -> Place<'a> {
    Place { tenant: tenant.as_str(), table: "passwords", row: user.as_str() }
}

fn salted(password: Vec<u8>, salt: Option<&Salt>) -> Vec<u8> {
    match salt {
        None => password,
        Some(Salt { value, position: Position::Prefix }) => [&value.0[..], &password].concat(),
        Some(Salt { value, position: Position::Suffix }) => [&password[..], &value.0].concat(),
    }
}

fn same(computed: &[u8], value: &Bytes) -> bool {
    constant_time_eq(computed, &value.0)
}

fn argon2_matches(password: &[u8], phc: &str) -> Option<bool> {
    let parsed = PasswordHash::new(phc).ok()?;
    let algorithm = parsed.algorithm.as_str().parse().ok()?;
    let version = Version::try_from(parsed.version.unwrap_or(Version::V0x10.into())).ok()?;
    let params = Params::try_from(&parsed).ok()?;
    let expected = parsed.hash?;
    let mut output = vec![0; expected.as_bytes().len()];
    Argon2::new(algorithm, version, params)
        .hash_password_into(password, parsed.salt?.as_ref(), &mut output)
        .ok()?;
    Some(constant_time_eq(&output, expected.as_bytes()))
}
