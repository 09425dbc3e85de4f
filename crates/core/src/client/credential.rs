//! Keys that applications sign assertions with instead of sending a secret (contract 05 §7.2).

use serde::{Deserialize, Serialize};

use super::ClientSettings;
use crate::id::CredentialId;
use crate::time::Timestamp;

/// Keys an application may have (contract 03 §6.2): one in use, and the one that follows it.
pub const MAX_CREDENTIALS: usize = 2;

/// A key of an application. What is secret about it, only the application has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// `cred_…`.
    pub id: CredentialId,
    /// What its owners call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What assertions call it.
    pub kid: String,
    /// The one algorithm it is used with.
    pub alg: AssertionAlgorithm,
    /// The key.
    pub public_key: PublicKey,
    /// SHA-256 of the certificate it came in, or of the key itself (RFC 7638); base64url.
    pub thumbprint_sha256: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// From when on it is worth nothing; none is never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// Signature algorithms of assertions, by their names in JOSE (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssertionAlgorithm {
    /// RSA, PKCS #1 v1.5, SHA-256.
    #[default]
    RS256,
    /// RSA, PKCS #1 v1.5, SHA-384.
    RS384,
    /// RSA, PSS, SHA-256.
    PS256,
    /// ECDSA on P-256, SHA-256.
    ES256,
}

impl AssertionAlgorithm {
    /// All, in the order they are published.
    pub const ALL: [Self; 4] = [Self::RS256, Self::RS384, Self::PS256, Self::ES256];

    /// The name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::PS256 => "PS256",
            Self::ES256 => "ES256",
        }
    }

    /// The algorithm of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.as_str() == name)
    }

    /// Whether `key` can be used with it.
    #[must_use]
    pub fn suits(self, key: &PublicKey) -> bool {
        match key {
            PublicKey::Rsa { .. } => self != Self::ES256,
            PublicKey::P256 { .. } => self == Self::ES256,
        }
    }
}

/// A public key as a JWK (RFC 7517), reduced to what makes it one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub enum PublicKey {
    /// RSA; base64url.
    #[serde(rename = "RSA")]
    Rsa {
        /// The modulus.
        n: String,
        /// The exponent.
        e: String,
    },
    /// A point on P-256; base64url.
    #[serde(rename = "EC")]
    P256 {
        /// The first coordinate.
        x: String,
        /// The second.
        y: String,
    },
}

/// `client_authentication_methods`: what an application authenticates with instead of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAuthenticationMethods {
    /// The keys whose assertions are taken (RFC 7523).
    pub private_key_jwt: Vec<CredentialId>,
}

impl ClientSettings {
    /// The keys whose assertions are taken at `now`; none at all if the application does not
    /// authenticate that way.
    pub(super) fn assertion_keys(&self, now: Timestamp) -> impl Iterator<Item = &Credential> {
        self.credentials.iter().filter(move |own| {
            self.uses_credential(&own.id) && own.expires_at.is_none_or(|end| now < end)
        })
    }

    /// Whether assertions by that key are taken.
    #[must_use]
    pub fn uses_credential(&self, id: &CredentialId) -> bool {
        let methods = self.client_authentication_methods.as_ref();
        methods.is_some_and(|methods| methods.private_key_jwt.contains(id))
    }

    /// Has the application authenticate by assertions of these keys alone, and no longer by its
    /// secret. False, and nothing changed, unless they are one or two of its own.
    #[must_use]
    pub fn authenticate_by(&mut self, keys: Vec<CredentialId>) -> bool {
        let is_own = |id: &CredentialId| self.credentials.iter().any(|own| own.id == *id);
        let is_sound = (1..=MAX_CREDENTIALS).contains(&keys.len()) && keys.iter().all(is_own);
        if is_sound {
            self.client_authentication_methods =
                Some(ClientAuthenticationMethods { private_key_jwt: keys });
            self.token_endpoint_auth_method = None;
        }
        is_sound
    }
}
