//! Registering a new credential (WebAuthn L3 §7.1).

use aws_lc_rs::digest;

use super::attestation::AttestationObject;
use super::authenticator_data::AuthenticatorData;
use super::public_key::PublicKey;
use super::{Credential, Purpose, Refusal, RelyingParty, client_data};

/// What `navigator.credentials.create()` gave.
#[derive(Clone, Debug)]
pub struct RegistrationResponse {
    /// The credential id.
    pub id: Vec<u8>,
    /// `response.attestationObject`.
    pub attestation_object: Vec<u8>,
    /// `response.clientDataJSON`.
    pub client_data_json: Vec<u8>,
    /// `response.transports`.
    pub transports: Vec<String>,
}

/// Checks a registration; the credential is new only if nobody has its id yet, which storing it
/// decides.
///
/// # Errors
/// The step that failed.
pub fn register(
    party: &RelyingParty<'_>,
    is_challenge: impl FnOnce(&str) -> Result<(), Refusal>,
    user_handle: &[u8],
    response: RegistrationResponse,
) -> Result<Credential, Refusal> {
    client_data::check(&response.client_data_json, Purpose::Create, party, is_challenge)?;
    let object = AttestationObject::parse(&response.attestation_object)?;
    let data = AuthenticatorData::parse(&object.authenticator_data)?;
    data.check(party)?;
    let attested = data.attested.as_ref().ok_or(Refusal::Malformed("authenticatorData"))?;
    if attested.credential_id != response.id {
        return Err(Refusal::Malformed("the credential id"));
    }
    let key = PublicKey::parse(attested.public_key)?;
    let hash = digest::digest(&digest::SHA256, &response.client_data_json);
    object.check(&key, hash.as_ref())?;
    Ok(Credential {
        public_key: attested.public_key.to_vec(),
        relying_party_id: party.id.clone(),
        user_handle: user_handle.to_vec(),
        aaguid: attested.aaguid,
        user_agent: None,
        sign_count: data.sign_count,
        backup_eligible: data.backup_eligible(),
        backed_up: data.backed_up(),
        user_verified: data.user_verified(),
        id: response.id,
        transports: response.transports,
    })
}
