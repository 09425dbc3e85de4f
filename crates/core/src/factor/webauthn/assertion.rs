//! Checking the use of a credential (WebAuthn L3 §7.2).

use aws_lc_rs::digest;

use super::authenticator_data::AuthenticatorData;
use super::public_key::PublicKey;
use super::{Credential, Purpose, Refusal, RelyingParty, client_data};

/// What `navigator.credentials.get()` gave.
#[derive(Clone, Debug)]
pub struct AuthenticationResponse {
    /// The credential id.
    pub id: Vec<u8>,
    /// `response.authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// `response.clientDataJSON`.
    pub client_data_json: Vec<u8>,
    /// `response.signature`.
    pub signature: Vec<u8>,
    /// `response.userHandle`.
    pub user_handle: Option<Vec<u8>>,
    /// Whether the authenticator is not part of this device (`authenticatorAttachment`).
    pub cross_platform: bool,
}

/// An accepted authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// The credential with what this use changed: counter, backup state.
    pub credential: Credential,
    /// Whether the authenticator verified its user this time.
    pub user_verified: bool,
}

/// Checks an authentication against the stored credential.
///
/// # Errors
/// The step that failed.
pub fn authenticate(
    party: &RelyingParty<'_>,
    is_challenge: impl FnOnce(&str) -> Result<(), Refusal>,
    credential: &Credential,
    response: &AuthenticationResponse,
) -> Result<Authenticated, Refusal> {
    if credential.relying_party_id != party.id {
        return Err(Refusal::RelyingParty);
    }
    if response.user_handle.as_ref().is_some_and(|handle| *handle != credential.user_handle) {
        return Err(Refusal::UserHandle);
    }
    client_data::check(&response.client_data_json, Purpose::Get, party, is_challenge)?;
    let data = AuthenticatorData::parse(&response.authenticator_data)?;
    data.check(party)?;
    if data.backup_eligible() != credential.backup_eligible {
        return Err(Refusal::BackupFlags);
    }
    let hash = digest::digest(&digest::SHA256, &response.client_data_json);
    let signed = [response.authenticator_data.as_slice(), hash.as_ref()].concat();
    let key = PublicKey::parse(&credential.public_key)?;
    if !key.verifies(&signed, &response.signature) {
        return Err(Refusal::Signature);
    }
    // Synchronised credentials count nothing: zero says so (contract 04 §10.5).
    let (stored, seen) = (credential.sign_count, data.sign_count);
    if stored != 0 && seen != 0 && seen <= stored {
        return Err(Refusal::Counter);
    }
    let credential = Credential {
        sign_count: seen,
        backed_up: data.backed_up(),
        user_verified: credential.user_verified || data.user_verified(),
        ..credential.clone()
    };
    Ok(Authenticated { credential, user_verified: data.user_verified() })
}
