//! One-time codes sent to somebody: six digits, one lifetime, latest only (contract 04 §11.1).

use crate::port::Random;
use crate::seal::{Place, Sealer};
use crate::secret::HandleHash;

/// Digits of a code.
pub const DIGITS: usize = 6;
/// Seconds a code lives.
pub const LIFETIME: i64 = 300;

/// A code as sent, and what is kept of it.
#[derive(Debug)]
pub struct SentCode {
    /// What the person types.
    pub code: String,
    /// What is stored.
    pub mac: String,
}

fn place<'a>(tenant: &'a str, handle: &'a HandleHash) -> Place<'a> {
    Place { tenant, table: "codes", row: handle.as_str() }
}

/// A new code, good together with the handle it belongs to.
#[must_use]
pub fn generate(
    tenant: &str,
    handle: &HandleHash,
    sealer: &Sealer,
    random: &dyn Random,
) -> SentCode {
    generate_long(tenant, handle, DIGITS, sealer, random)
}

/// The same with as many digits.
#[must_use]
pub fn generate_long(
    tenant: &str,
    handle: &HandleHash,
    digits: usize,
    sealer: &Sealer,
    random: &dyn Random,
) -> SentCode {
    let code = random.digits(digits);
    let mac = sealer.mac(place(tenant, handle), &code);
    SentCode { code, mac }
}

/// Whether `code` is the one that was sent.
#[must_use]
pub fn matches(tenant: &str, handle: &HandleHash, sealer: &Sealer, code: &str, mac: &str) -> bool {
    sealer.mac_matches(place(tenant, handle), code, mac)
}
