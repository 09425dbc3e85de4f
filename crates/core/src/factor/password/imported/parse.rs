//! Hashes that carry their parameters in their text. What would take a server's memory or time away
//! is refused when it is imported, not when somebody signs in.

use argon2::{Algorithm, Params, PasswordHash, Version};

use super::encoding::TextForm;
use super::{Bytes, Digest, Position, Salt, Scheme};

/// The most memory a hash may take, in KiB.
pub(super) const MAX_MEMORY_KIB: u64 = 256 * 1024;
/// The most memory a hash may pass over, in KiB.
pub(super) const MAX_WORK_KIB: u64 = 1024 * 1024;
/// The dearest bcrypt: about a second.
const MAX_BCRYPT_COST: u32 = 14;
/// The most blocks PBKDF2 may compute: some seconds.
const MAX_PBKDF2_BLOCKS: u64 = 6_000_000;
/// The most bytes a derived key may have.
pub(super) const MAX_KEY: u64 = 512;

/// A PHC string of Argon2.
pub(super) fn argon2(text: &str) -> Result<Scheme, &'static str> {
    let malformed = "is no PHC string of argon2";
    let parsed = PasswordHash::new(text).map_err(|_| malformed)?;
    parsed.algorithm.as_str().parse::<Algorithm>().map_err(|_| malformed)?;
    if let Some(version) = parsed.version {
        Version::try_from(version).map_err(|_| "is of a version of argon2 that is not known")?;
    }
    let params = Params::try_from(&parsed).map_err(|_| malformed)?;
    if parsed.salt.is_none() || parsed.hash.is_none() {
        return Err(malformed);
    }
    let memory = u64::from(params.m_cost());
    if memory > MAX_MEMORY_KIB || memory * u64::from(params.t_cost()) > MAX_WORK_KIB {
        return Err("costs more than a login may: at most 256 MiB, passed over for 1 GiB in all");
    }
    Ok(Scheme::Argon2 { phc: text.to_owned() })
}

/// A hash of bcrypt with one of these prefixes.
pub(super) fn bcrypt(
    text: &str,
    prefixes: &[&str],
    salt: Option<Salt>,
) -> Result<Scheme, &'static str> {
    let malformed = "is no hash of bcrypt";
    let rest = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)).ok_or(malformed)?;
    let (cost, rest) = rest.split_once('$').ok_or(malformed)?;
    let is_of_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/');
    if cost.len() != 2 || rest.len() != 53 || !rest.bytes().all(is_of_alphabet) {
        return Err(malformed);
    }
    match cost.parse::<u32>() {
        Ok(4..=MAX_BCRYPT_COST) => Ok(Scheme::Bcrypt { hash: text.to_owned(), salt }),
        Ok(_) => Err("has a cost that is not from 4 to 14"),
        Err(_) => Err(malformed),
    }
}

/// `{SCHEME}` and base64 of the digest with the salt behind it (RFC 2307 §5.3).
pub(super) fn ldap(text: &str) -> Result<Scheme, &'static str> {
    let unknown = "is of no known scheme of RFC 2307: md5, smd5, sha*, ssha*";
    let (name, encoded) =
        text.strip_prefix('{').and_then(|rest| rest.split_once('}')).ok_or(unknown)?;
    let (digest, is_salted) = match name.to_ascii_lowercase().as_str() {
        "md5" => (Digest::Md5, false),
        "smd5" => (Digest::Md5, true),
        "sha" | "sha1" => (Digest::Sha1, false),
        "ssha" | "ssha1" => (Digest::Sha1, true),
        "sha224" => (Digest::Sha224, false),
        "ssha224" => (Digest::Sha224, true),
        "sha256" => (Digest::Sha256, false),
        "ssha256" => (Digest::Sha256, true),
        "sha384" => (Digest::Sha384, false),
        "ssha384" => (Digest::Sha384, true),
        "sha512" => (Digest::Sha512, false),
        "ssha512" => (Digest::Sha512, true),
        _ => return Err(unknown),
    };
    let bytes = TextForm::Base64.decode(encoded).ok_or("is not base64 behind its scheme")?;
    let (value, salt) = bytes.split_at_checked(digest.size()).ok_or("is too short")?;
    if salt.is_empty() == is_salted {
        return Err("does not have the length of its scheme");
    }
    let salt = is_salted.then(|| Salt { value: Bytes(salt.to_vec()), position: Position::Suffix });
    Ok(Scheme::Digest { digest, salt, value: Bytes(value.to_vec()) })
}

/// `$pbkdf2-<digest>$i=…,l=…$salt$hash`.
pub(super) fn pbkdf2(text: &str) -> Result<Scheme, &'static str> {
    let malformed = "is not of the form $pbkdf2-<digest>$i=…,l=…$<salt>$<hash>";
    let rest = text.strip_prefix("$pbkdf2-").ok_or(malformed)?;
    let parts: Vec<_> = rest.split('$').collect();
    let (name, params, salt, value) = match parts[..] {
        [name, params, salt, value] => (name, params, salt, value),
        [name, salt, value] => (name, "", salt, value),
        _ => return Err(malformed),
    };
    let digest = Digest::of_openssl(name).ok_or("names a digest that is not known")?;
    let (mut rounds, mut length) = (100_000, 64);
    for param in params.split(',').filter(|param| !param.is_empty()) {
        let (name, number) = param.split_once('=').ok_or(malformed)?;
        let number: u32 = number.parse().map_err(|_| malformed)?;
        match name {
            "i" => rounds = number,
            "l" => length = number,
            _ => return Err(malformed),
        }
    }
    let decoded = |text| TextForm::Base64.decode(text).ok_or("is not base64");
    let (salt, value) = (decoded(salt)?, decoded(value)?);
    if rounds == 0 || length == 0 || value.len() != length as usize {
        return Err("does not have the length it says");
    }
    let blocks = value.len().div_ceil(digest.size()) as u64;
    if u64::from(length) > MAX_KEY || blocks * u64::from(rounds) > MAX_PBKDF2_BLOCKS {
        return Err("costs more than a login may: at most 6000000 rounds over all blocks");
    }
    Ok(Scheme::Pbkdf2 { digest, rounds, salt: Bytes(salt), value: Bytes(value) })
}
