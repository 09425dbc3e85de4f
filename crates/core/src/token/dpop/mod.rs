//! Proof of possession (RFC 9449, contract 03 §12): tokens that are worth nothing without a key.
//!
//! A client signs a short proof for every request. At the token endpoint a proof that holds
//! [binds](bind) the tokens to its key; at a resource [`check_possession`] asks for a proof by that
//! key. Either way the proof is good once: [`Proof::spend`] remembers it in the database, so that
//! every process does.

mod bind;
mod nonce;
mod possession;
mod proof;
mod target;

pub(crate) use bind::bind;
pub use nonce::fresh_nonce;
pub use possession::{PossessionError, PresentedToken, TokenScheme};
pub(crate) use possession::{check_possession, spend_at_resource};
pub(crate) use proof::{MISSING, NonceRule, Proof, verify};
pub use proof::{PresentedProof, ProofError};

use serde::{Deserialize, Serialize};

/// The only signature algorithm of proofs (contract 03 §12.1).
pub const ALGORITHM: &str = "ES256";

/// The key something is bound to: its SHA-256 thumbprint, base64url (RFC 7638).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Binding(String);

impl Binding {
    /// Takes over a thumbprint as stored or signed here.
    pub fn from_raw(thumbprint: impl Into<String>) -> Self {
        Self(thumbprint.into())
    }

    /// Reads a thumbprint that a client announces; none if it has not the shape of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (text.len() == 43 && text.bytes().all(is_base64url)).then(|| Self(text.to_owned()))
    }

    /// The thumbprint.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
