//! Authenticator data (WebAuthn L3 §6.1): what the authenticator itself signs.

use aws_lc_rs::digest;

use super::cbor::Map;
use super::{Aaguid, Refusal, RelyingParty};
use crate::secret::constant_time_eq;

const WHAT: &str = "authenticatorData";
const RP_ID_HASH_LEN: usize = 32;
/// The longest credential id the standard allows (§4).
const MAX_CREDENTIAL_ID: usize = 1023;

/// The flags, by bit.
mod bit {
    pub const USER_PRESENT: u8 = 1;
    pub const USER_VERIFIED: u8 = 1 << 2;
    pub const BACKUP_ELIGIBLE: u8 = 1 << 3;
    pub const BACKED_UP: u8 = 1 << 4;
    pub const ATTESTED: u8 = 1 << 6;
    pub const EXTENSIONS: u8 = 1 << 7;
}

/// Authenticator data taken apart.
#[derive(Debug)]
pub(super) struct AuthenticatorData<'a> {
    rp_id_hash: &'a [u8],
    flags: u8,
    pub(super) sign_count: u32,
    /// The new credential, in registrations.
    pub(super) attested: Option<Attested<'a>>,
}

/// Attested credential data (§6.5.1).
#[derive(Debug)]
pub(super) struct Attested<'a> {
    pub(super) aaguid: Aaguid,
    pub(super) credential_id: &'a [u8],
    /// The COSE key, byte for byte.
    pub(super) public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let malformed = Refusal::Malformed(WHAT);
        let (rp_id_hash, rest) = bytes.split_at_checked(RP_ID_HASH_LEN).ok_or(malformed)?;
        let (&flags, rest) = rest.split_first().ok_or(malformed)?;
        let (count, mut rest) = rest.split_first_chunk().ok_or(malformed)?;
        let attested = if flags & bit::ATTESTED == 0 {
            None
        } else {
            let (attested, behind) = Attested::parse(rest)?;
            rest = behind;
            Some(attested)
        };
        if flags & bit::EXTENSIONS != 0 {
            (_, rest) = Map::read_first(rest, WHAT)?;
        }
        if !rest.is_empty() {
            return Err(malformed);
        }
        Ok(Self { rp_id_hash, flags, sign_count: u32::from_be_bytes(*count), attested })
    }

    /// L3 §7.1 steps 14 to 17, §7.2 steps 15 to 18. Whether the user was verified is recorded, not
    /// demanded (contract 04 §10.5).
    pub(super) fn check(&self, party: &RelyingParty<'_>) -> Result<(), Refusal> {
        let expected = digest::digest(&digest::SHA256, party.id.as_bytes());
        if !constant_time_eq(self.rp_id_hash, expected.as_ref()) {
            return Err(Refusal::RelyingParty);
        }
        if self.flags & bit::USER_PRESENT == 0 {
            return Err(Refusal::NotPresent);
        }
        if self.backed_up() && !self.backup_eligible() {
            return Err(Refusal::BackupFlags);
        }
        Ok(())
    }

    pub(super) fn user_verified(&self) -> bool {
        self.flags & bit::USER_VERIFIED != 0
    }

    pub(super) fn backup_eligible(&self) -> bool {
        self.flags & bit::BACKUP_ELIGIBLE != 0
    }

    pub(super) fn backed_up(&self) -> bool {
        self.flags & bit::BACKED_UP != 0
    }
}

impl<'a> Attested<'a> {
    fn parse(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Refusal> {
        let malformed = Refusal::Malformed(WHAT);
        let (aaguid, rest) = bytes.split_first_chunk().ok_or(malformed)?;
        let (len, rest) = rest.split_first_chunk().ok_or(malformed)?;
        let len = usize::from(u16::from_be_bytes(*len));
        if len == 0 || len > MAX_CREDENTIAL_ID {
            return Err(malformed);
        }
        let (credential_id, rest) = rest.split_at_checked(len).ok_or(malformed)?;
        let (_, behind) = Map::read_first(rest, WHAT)?;
        let public_key = rest.get(..rest.len() - behind.len()).ok_or(malformed)?;
        Ok((Self { aaguid: Aaguid(*aaguid), credential_id, public_key }, behind))
    }
}
