//! Attestation objects (WebAuthn L3 §6.5). Statements of every format are accepted and none is
//! trusted (contract 04 §10.5): what can be checked without a list of trusted makers is checked.

use ciborium::value::Value;

use super::Refusal;
use super::cbor::{Map, integer};
use super::public_key::PublicKey;

const WHAT: &str = "attestationObject";

/// An attestation object taken apart.
pub(super) struct AttestationObject {
    format: String,
    statement: Map,
    /// The authenticator data, byte for byte.
    pub(super) authenticator_data: Vec<u8>,
}

impl AttestationObject {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let malformed = Refusal::Malformed(WHAT);
        let map = Map::read(bytes, WHAT)?;
        let format = map.named("fmt").and_then(Value::as_text).ok_or(malformed)?;
        let statement = map.named("attStmt").and_then(Map::nested).ok_or(malformed)?;
        let data = map.named("authData").and_then(Value::as_bytes).ok_or(malformed)?;
        Ok(Self { format: format.to_owned(), statement, authenticator_data: data.clone() })
    }

    /// `none` must be empty (§8.7); `packed` without a certificate is signed by the credential's
    /// own key (§8.2, self attestation). Other statements name certificates nobody here knows.
    pub(super) fn check(&self, key: &PublicKey, client_data_hash: &[u8]) -> Result<(), Refusal> {
        match self.format.as_str() {
            "none" if self.statement.is_empty() => Ok(()),
            "none" => Err(Refusal::Attestation),
            "packed" => self.check_packed(key, client_data_hash),
            _ => Ok(()),
        }
    }

    fn check_packed(&self, key: &PublicKey, client_data_hash: &[u8]) -> Result<(), Refusal> {
        let algorithm = self.statement.named("alg").and_then(integer);
        let signature = self.statement.named("sig").and_then(Value::as_bytes);
        let (Some(algorithm), Some(signature)) = (algorithm, signature) else {
            return Err(Refusal::Attestation);
        };
        if let Some(chain) = self.statement.named("x5c") {
            let well_formed = chain
                .as_array()
                .is_some_and(|chain| !chain.is_empty() && chain.iter().all(Value::is_bytes));
            return if well_formed { Ok(()) } else { Err(Refusal::Attestation) };
        }
        let signed = [self.authenticator_data.as_slice(), client_data_hash].concat();
        if algorithm == key.algorithm.number() && key.verifies(&signed, signature) {
            Ok(())
        } else {
            Err(Refusal::Attestation)
        }
    }
}
