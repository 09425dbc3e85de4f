//! Demands an API can make that this version cannot meet. They are stored for the tools that set
//! them; rather than issue a token without the protection its API asks for, none is issued
//! (contract 05 §25 M17).

use serde::{Deserialize, Serialize};

use super::ResourceServer;
use crate::client::pem;

/// `token_encryption`: access tokens readable by the API alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenEncryption {
    /// `compact-nested-jwe`.
    pub format: String,
    /// The API's public key.
    pub encryption_key: EncryptionKey,
}

/// The key of [`TokenEncryption`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptionKey {
    /// What its owner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How the content key is encrypted.
    pub alg: String,
    /// What tokens call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The key, in PEM.
    pub pem: String,
}

impl EncryptionKey {
    /// SHA-256 of the certificate, or of the key (RFC 7638); base64url.
    ///
    /// # Errors
    /// What is wrong with the text of the key.
    pub fn thumbprint_sha256(&self) -> Result<String, &'static str> {
        Ok(pem::read(&self.pem)?.thumbprint_sha256)
    }
}

/// `consent_policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentPolicy {
    /// Each transaction is agreed to with a second factor.
    TransactionalAuthorizationWithMfa,
}

impl ResourceServer {
    /// What the API demands of every token that cannot be done here.
    #[must_use]
    pub fn unmet_demand(&self) -> Option<&'static str> {
        let settings = &self.settings;
        (settings.token_encryption.as_ref().map(|_| "token_encryption"))
            .or(settings.consent_policy.map(|_| "consent_policy"))
    }
}
