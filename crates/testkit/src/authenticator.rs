//! An authenticator app (RFC 6238), written apart from the library the server uses, so that the
//! two check each other.

use aws_lc_rs::hmac;
use housekey_core::time::Timestamp;

const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The code an app shows at an instant; `secret` as people type it.
#[must_use]
pub fn code(secret: &str, at: Timestamp) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret));
    let step = at.as_seconds() / 30;
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 15);
    let number = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// A code that is wrong at that instant, and near it.
#[must_use]
pub fn wrong_code(secret: &str, at: Timestamp) -> String {
    let right: Vec<_> = (-2..=2).map(|step| code(secret, at.plus_seconds(step * 30))).collect();
    let wrong = (0..10).map(|number| format!("{number:06}")).find(|code| !right.contains(code));
    wrong.expect("there are more codes than steps")
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0u32, 0);
    for byte in text.bytes() {
        let digit = BASE32.iter().position(|own| *own == byte).expect("base32 without padding");
        buffer = buffer << 5 | u32::try_from(digit).expect("less than 32");
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).expect("a byte"));
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: SHA-1, the last six of eight digits.
    #[test]
    fn agrees_with_the_standards_vectors() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(base32(secret), b"12345678901234567890");
        assert_eq!(code(secret, Timestamp(59_000)), "287082");
        assert_eq!(code(secret, Timestamp(1_111_111_109_000)), "081804");
    }
}
