//! Dice, from outside.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const UPPER_ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const DIGITS: &[u8] = b"0123456789";

/// A source of unpredictable bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// `bytes` random bytes as lower-case hexadecimal digits.
    fn hex(&self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.fill(&mut buffer);
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
        buffer.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }

    /// `bytes` random bytes as base64url.
    fn base64url(&self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.fill(&mut buffer);
        URL_SAFE_NO_PAD.encode(buffer)
    }

    /// `len` letters and digits.
    fn alphanumeric(&self, len: usize) -> String {
        self.pick(ALPHANUMERIC, len)
    }

    /// `len` capital letters and digits, as recovery codes have them.
    fn upper_alphanumeric(&self, len: usize) -> String {
        self.pick(UPPER_ALPHANUMERIC, len)
    }

    /// `len` decimal digits.
    fn digits(&self, len: usize) -> String {
        self.pick(DIGITS, len)
    }

    /// `len` characters of `alphabet`, each equally likely.
    fn pick(&self, alphabet: &[u8], len: usize) -> String {
        // Bytes beyond the largest multiple of the alphabet's size would favour its beginning.
        let limit = 256 - 256 % alphabet.len();
        let mut text = String::with_capacity(len);
        let mut buffer = [0; 32];
        while text.len() < len {
            self.fill(&mut buffer);
            for byte in buffer.iter().map(|byte| usize::from(*byte)) {
                if byte < limit && text.len() < len {
                    text.push(char::from(alphabet[byte % alphabet.len()]));
                }
            }
        }
        text
    }
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system provides randomness");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_length_and_alphabet() {
        assert_eq!(SystemRandom.hex(12).len(), 24);
        let code = SystemRandom.upper_alphanumeric(24);
        assert!(code.len() == 24 && code.bytes().all(|b| UPPER_ALPHANUMERIC.contains(&b)));
        assert!(SystemRandom.digits(6).bytes().all(|b| b.is_ascii_digit()));
    }
}
