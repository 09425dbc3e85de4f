//! How other systems wrote passwords, salts and hashes as bytes and text.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::STANDARD as PADDED;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Padding or none, and whatever is in the bits that do not count.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// How a password becomes bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordEncoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// The low byte of each UTF-16 unit: what Node.js makes of `ascii`, `latin1` and `binary`.
    Latin1,
}

impl PasswordEncoding {
    /// The names in the format.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("ascii", Self::Latin1),
        ("utf8", Self::Utf8),
        ("utf16le", Self::Utf16Le),
        ("ucs2", Self::Utf16Le),
        ("latin1", Self::Latin1),
        ("binary", Self::Latin1),
    ];

    /// A password as bytes.
    #[must_use]
    pub fn encode(self, password: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => password.as_bytes().to_vec(),
            Self::Utf16Le => password.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Latin1 => password.encode_utf16().map(|unit| unit.to_le_bytes()[0]).collect(),
        }
    }
}

/// How bytes are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextForm {
    /// Base64, standard or url-safe, padded or not.
    Base64,
    /// Hexadecimal digits in either case.
    Hex,
    /// The bytes of the text itself.
    Utf8,
}

impl TextForm {
    /// The names in the format.
    pub const NAMES: &'static [(&'static str, Self)] =
        &[("base64", Self::Base64), ("hex", Self::Hex), ("utf8", Self::Utf8)];
    /// Those for bytes that are no text.
    pub const OF_BYTES: &'static [(&'static str, Self)] =
        &[("base64", Self::Base64), ("hex", Self::Hex)];

    /// The bytes behind `text`; nothing if it is not of this form.
    #[must_use]
    pub fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Base64 => LENIENT.decode(text.replace('-', "+").replace('_', "/")).ok(),
            Self::Hex
                if text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                (0..text.len())
                    .step_by(2)
                    .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
                    .collect()
            }
            Self::Hex => None,
        }
    }
}

/// Bytes that are never printed; base64 where they are stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bytes(…)")
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&PADDED.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        PADDED.decode(text).map(Self).map_err(D::Error::custom)
    }
}
