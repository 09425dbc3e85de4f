//! A credential record (WebAuthn L3 §4): what is kept of a credential to check its next use.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// A stored credential. The serialised form is the stored form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The credential id.
    #[serde(with = "base64url")]
    pub id: Vec<u8>,
    /// The COSE key, byte for byte.
    #[serde(with = "base64url")]
    pub public_key: Vec<u8>,
    /// The relying party it was made for; it works for no other.
    pub relying_party_id: String,
    /// The WebAuthn `user.id` it was made with.
    #[serde(with = "base64url")]
    pub user_handle: Vec<u8>,
    /// The model of the authenticator.
    pub aaguid: Aaguid,
    /// How the authenticator can be reached.
    pub transports: Vec<String>,
    /// The browser it was made in, in words.
    pub user_agent: Option<String>,
    /// The signature counter, as last seen; zero where there is none.
    pub sign_count: u32,
    /// Whether the credential may be copied to other devices; never changes.
    pub backup_eligible: bool,
    /// Whether it has been, as last seen.
    pub backed_up: bool,
    /// Whether the authenticator has ever verified its user.
    pub user_verified: bool,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("id", &credential_id_text(&self.id))
            .field("sign_count", &self.sign_count)
            .field("backed_up", &self.backed_up)
            .finish_non_exhaustive()
    }
}

impl Credential {
    /// The credential id as `key_id` shows it.
    #[must_use]
    pub fn key_id(&self) -> String {
        credential_id_text(&self.id)
    }
}

/// A credential id as text: base64url without padding.
#[must_use]
pub fn credential_id_text(id: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

/// The model of an authenticator; all zero when it does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Aaguid(pub [u8; 16]);

impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl From<Aaguid> for String {
    fn from(aaguid: Aaguid) -> Self {
        aaguid.to_string()
    }
}

impl TryFrom<String> for Aaguid {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let number = u128::from_str_radix(&digits, 16).map_err(|_| "not a UUID")?;
        Ok(Self(number.to_be_bytes()))
    }
}

mod base64url {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD.decode(text).map_err(serde::de::Error::custom)
    }
}
