//! Reading hashes as import files have them.

use super::digest::Digest;
use super::encoding::{Bytes, PasswordEncoding, TextForm};
use super::parse::{self, MAX_KEY, MAX_MEMORY_KIB, MAX_WORK_KIB};
use super::{ImportedHash, Position, Salt, Scheme};
use crate::document::Document;

/// The longest text of a hash, salt or key.
const MAX_TEXT: usize = 4096;

/// The forms of `custom_password_hash`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Argon2,
    Bcrypt,
    Digest(Digest),
    Hmac,
    Ldap,
    Pbkdf2,
    Scrypt,
}

const FORMS: &[(&str, Form)] = &[
    ("argon2", Form::Argon2),
    ("bcrypt", Form::Bcrypt),
    ("hmac", Form::Hmac),
    ("ldap", Form::Ldap),
    ("md4", Form::Digest(Digest::Md4)),
    ("md5", Form::Digest(Digest::Md5)),
    ("pbkdf2", Form::Pbkdf2),
    ("scrypt", Form::Scrypt),
    ("sha1", Form::Digest(Digest::Sha1)),
    ("sha256", Form::Digest(Digest::Sha256)),
    ("sha512", Form::Digest(Digest::Sha512)),
];

/// The member `password_hash`: bcrypt. Nothing, and a flaw unless it is not there, if it is none.
#[must_use]
pub fn read_bcrypt(user: &Document<'_>) -> Option<ImportedHash> {
    const NAME: &str = "password_hash";
    let text = user.text(NAME, 1..=MAX_TEXT)?;
    let scheme = told(user, NAME, parse::bcrypt(text, &["$2a$", "$2b$"], None))?;
    Some(ImportedHash { encoding: PasswordEncoding::Utf8, scheme })
}

/// The member `custom_password_hash`. Nothing, and flaws unless it is not there, if it is none.
#[must_use]
pub fn read_custom(user: &Document<'_>) -> Option<ImportedHash> {
    let custom = user.object("custom_password_hash")?;
    let form = custom.one_of("algorithm", FORMS);
    if custom.get("algorithm").is_none() {
        custom.missing("algorithm");
    }
    let encoding = match custom.object("password") {
        None => PasswordEncoding::default(),
        Some(password) => {
            let encoding = password.one_of("encoding", PasswordEncoding::NAMES);
            password.finish();
            encoding.unwrap_or_default()
        }
    };
    let Some(hash) = custom.object("hash") else {
        if custom.get("hash").is_none() {
            custom.missing("hash");
        }
        return None;
    };
    let scheme = scheme(form?, &custom, &hash);
    hash.finish();
    custom.finish();
    Some(ImportedHash { encoding, scheme: scheme? })
}

fn scheme(form: Form, custom: &Document<'_>, hash: &Document<'_>) -> Option<Scheme> {
    match form {
        Form::Argon2 => {
            forbid_salt(custom);
            told(hash, "value", parse::argon2(text_of(hash)?))
        }
        Form::Bcrypt => {
            let salt = salt_of(custom);
            let prefixes = ["$2a$", "$2b$", "$2y$"];
            told(hash, "value", parse::bcrypt(text_of(hash)?, &prefixes, salt))
        }
        Form::Ldap => {
            forbid_salt(custom);
            told(hash, "value", parse::ldap(text_of(hash)?))
        }
        Form::Pbkdf2 => {
            forbid_salt(custom);
            told(hash, "value", parse::pbkdf2(text_of(hash)?))
        }
        Form::Digest(digest) => {
            let (salt, value) = (salt_of(custom), bytes_of(hash)?);
            of_length(hash, &value, digest.size())?;
            Some(Scheme::Digest { digest, salt, value })
        }
        Form::Hmac => hmac(custom, hash),
        Form::Scrypt => scrypt(custom, hash),
    }
}

fn hmac(custom: &Document<'_>, hash: &Document<'_>) -> Option<Scheme> {
    let (salt, value) = (salt_of(custom), bytes_of(hash));
    let digest = hash.one_of("digest", Digest::of_hmac());
    if hash.get("digest").is_none() {
        hash.missing("digest");
    }
    let Some(key) = hash.object("key") else {
        if hash.get("key").is_none() {
            hash.missing("key");
        }
        return None;
    };
    let form = key.one_of("encoding", TextForm::NAMES).unwrap_or(TextForm::Utf8);
    let text = key.required_text("value", 1..=MAX_TEXT);
    key.finish();
    let key = decoded(&key, form, text?)?;
    let (digest, value) = (digest?, value?);
    of_length(hash, &value, digest.size())?;
    Some(Scheme::Hmac { digest, key, salt, value })
}

fn scrypt(custom: &Document<'_>, hash: &Document<'_>) -> Option<Scheme> {
    let (salt, value) = (salt_of(custom), bytes_of(hash));
    let length = hash.number("keylen", 1..=MAX_KEY);
    if hash.get("keylen").is_none() {
        hash.missing("keylen");
    }
    let or_default = |name, default| match hash.get(name) {
        None => Some(default),
        Some(_) => hash.number(name, 1..=MAX_WORK_KIB),
    };
    let n = or_default("cost", 16_384);
    let (r, p) = (or_default("blockSize", 8), or_default("parallelization", 1));
    let (n, r, p) = (n?, r?, p?);
    if !n.is_power_of_two() || n < 2 {
        hash.flaw("cost", "PATTERN", "cost is no power of two");
        return None;
    }
    // 128·N·r bytes are passed over twice for each of p (RFC 7914 §5); in KiB, with what p takes.
    let memory = n * r / 8 + p * r / 8;
    if memory > MAX_MEMORY_KIB || n * r / 8 * p > MAX_WORK_KIB {
        hash.flaw(
            "cost",
            "MAXIMUM",
            "cost, blockSize and parallelization are more than a login may \
            cost: at most 256 MiB, passed over for 1 GiB in all",
        );
        return None;
    }
    let value = value?;
    of_length(hash, &value, usize::try_from(length?).ok()?)?;
    let salt = salt.map_or(Bytes(Vec::new()), |salt| salt.value);
    let log_n = u8::try_from(n.ilog2()).ok()?;
    let (r, p) = (u32::try_from(r).ok()?, u32::try_from(p).ok()?);
    Some(Scheme::Scrypt { log_n, r, p, salt, value })
}

/// The value of a hash that carries everything in its text.
fn text_of<'a>(hash: &Document<'a>) -> Option<&'a str> {
    hash.one_of("encoding", &[("utf8", ())]);
    hash.required_text("value", 1..=MAX_TEXT)
}

/// The value of a hash that is nothing but bytes.
fn bytes_of(hash: &Document<'_>) -> Option<Bytes> {
    let form = hash.one_of("encoding", TextForm::OF_BYTES);
    if hash.get("encoding").is_none() {
        hash.missing("encoding");
    }
    let text = hash.required_text("value", 1..=MAX_TEXT)?;
    decoded(hash, form?, text)
}

fn salt_of(custom: &Document<'_>) -> Option<Salt> {
    let salt = custom.object("salt")?;
    let form = salt.one_of("encoding", TextForm::NAMES).unwrap_or(TextForm::Utf8);
    let positions = [("prefix", Position::Prefix), ("suffix", Position::Suffix)];
    let position = salt.one_of("position", &positions).unwrap_or_default();
    let text = salt.required_text("value", 1..=MAX_TEXT);
    salt.finish();
    Some(Salt { value: decoded(&salt, form, text?)?, position })
}

fn forbid_salt(custom: &Document<'_>) {
    if custom.get("salt").is_some() {
        custom.flaw("salt", "NOT_PASSED", "this algorithm has its salt inside the hash");
    }
}

fn decoded(document: &Document<'_>, form: TextForm, text: &str) -> Option<Bytes> {
    let bytes = form.decode(text);
    if bytes.is_none() {
        document.flaw("value", "INVALID_FORMAT", "value is not of the encoding it says");
    }
    bytes.map(Bytes)
}

fn of_length(hash: &Document<'_>, value: &Bytes, expected: usize) -> Option<()> {
    if value.0.len() == expected {
        return Some(());
    }
    let text = format!("value has {} bytes where the algorithm makes {expected}", value.0.len());
    hash.flaw("value", "INVALID_FORMAT", text);
    None
}

/// What was read, or the flaw of the member called `name`.
fn told(document: &Document<'_>, name: &str, read: Result<Scheme, &str>) -> Option<Scheme> {
    match read {
        Ok(scheme) => Some(scheme),
        Err(why) => {
            document.flaw(name, "INVALID_FORMAT", format!("{name} {why}"));
            None
        }
    }
}
