//! WebAuthn, the relying party's side: W3C Web Authentication Level 3 §7.1 and §7.2 as contract 04
//! §10.5 narrows them. Nothing outside this folder knows CBOR, COSE or authenticator data.
//!
//! A ceremony begins with options that carry a [`Challenge`] and ends with what a browser or an
//! app posts: [`register`] turns a [`RegistrationResponse`] into a [`Credential`],
//! [`authenticate`] checks an [`AuthenticationResponse`] against one.

mod assertion;
mod attestation;
mod authenticator_data;
mod cbor;
mod challenge;
mod client_data;
mod credential;
mod options;
mod provider;
mod public_key;
mod registration;
mod relying_party;
#[cfg(test)]
mod tests;

pub use assertion::{Authenticated, AuthenticationResponse, authenticate};
pub use challenge::{Challenge, Purpose};
pub use credential::{Aaguid, Credential, credential_id_text};
pub use options::{CreationOptions, Excluded, RequestOptions};
pub use provider::default_name;
pub use public_key::{Algorithm, is_public_key};
pub use registration::{RegistrationResponse, register};
pub use relying_party::{Callers, RelyingParty};

/// Seconds a challenge may be answered (contract 04 §10.5).
pub const CHALLENGE_LIFETIME: i64 = 300;

/// Why a response was refused: the step of the standard that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Something does not parse; what.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// A registration where an authentication was asked for, or the reverse.
    #[error("clientDataJSON has the wrong type")]
    WrongType,
    /// Not the challenge of this ceremony.
    #[error("the challenge does not match")]
    Challenge,
    /// The challenge was answered too late.
    #[error("the challenge has expired")]
    Expired,
    /// A page or app that may not use credentials of this relying party.
    #[error("the origin is not allowed")]
    Origin,
    /// The page was embedded in one of another origin.
    #[error("the ceremony ran in a cross-origin frame")]
    CrossOrigin,
    /// The authenticator spoke to another relying party.
    #[error("the relying party id does not match")]
    RelyingParty,
    /// Nobody touched the authenticator.
    #[error("the user was not present")]
    NotPresent,
    /// Backed up without being eligible for it, or the eligibility changed.
    #[error("the backup flags are inconsistent")]
    BackupFlags,
    /// A key of an algorithm that was not offered.
    #[error("the algorithm was not offered")]
    Algorithm,
    /// The attestation statement contradicts the credential.
    #[error("the attestation statement does not verify")]
    Attestation,
    /// The signature is not that of the credential's key.
    #[error("the signature does not verify")]
    Signature,
    /// The signature counter did not grow: there may be a copy of the authenticator.
    #[error("the signature counter did not grow")]
    Counter,
    /// The credential belongs to somebody else than the response says.
    #[error("the user handle does not match")]
    UserHandle,
}
