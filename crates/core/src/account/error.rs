//! What a client of the My Account API can be told.

use super::ways_in;
use crate::error::Fault;
use crate::factor::FactorType;
use crate::factor::password::Broken;
use crate::factor::webauthn;
use crate::port::StoreError;
use crate::token::dpop::{PossessionError, ProofError};

/// Why an operation was not done.
#[derive(Debug)]
pub enum AccountError {
    /// The tenant has not activated the API.
    NotActivated,
    /// Too many requests.
    RateLimited {
        /// Of the whole tenant, in contrast to one person.
        tenant_wide: bool,
    },
    /// No token.
    MissingToken,
    /// A token that is not good here, or no more.
    InvalidToken,
    /// A good token, but not shown to be the caller's.
    Possession(PossessionError),
    /// A good token without the scope named.
    InsufficientScope(&'static str),
    /// The factor is switched off, or this version cannot enrol it.
    FactorUnavailable(FactorType),
    /// The input names somebody else's identity.
    ForeignIdentity,
    /// Input that no schema describes.
    Invalid(Vec<Violation>),
    /// The new password breaks these rules.
    WeakPassword(Vec<Broken>),
    /// The new credential does not verify.
    Attestation(webauthn::Refusal),
    /// The proof is wrong.
    WrongCode,
    /// The `auth_session` is over, or never was this caller's.
    Expired,
    /// The device has not enrolled yet.
    Pending,
    /// Too many wrong proofs; the enrolment is void.
    TooManyAttempts,
    /// Too many codes were sent to this person, or to this address or number.
    TooManySent {
        /// Seconds until one more may be.
        again_in: i64,
    },
    /// The provider refuses to send the code, or there is none.
    NotSent,
    /// No such method of this person.
    NotFound,
    /// No such consent of this person.
    NoSuchConsent,
    /// The person has as many methods as allowed.
    TooMany,
    /// The same address is enrolled already.
    AlreadyEnrolled,
    /// The enrolment was finished before.
    AlreadyVerified,
    /// It would lock the person out.
    Needed(ways_in::Refusal),
    /// Not the client's fault.
    Fault(Fault),
}

/// One thing wrong with the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer into the body, or the name of a query parameter.
    pub at: String,
    /// What is wrong.
    pub detail: String,
    /// The key that account screens look texts up by, where they have one.
    pub key: Option<&'static str>,
}

impl Violation {
    /// A violation at `at`.
    pub fn new(at: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { at: at.into(), detail: detail.into(), key: None }
    }
}

impl From<Fault> for AccountError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<PossessionError> for AccountError {
    fn from(error: PossessionError) -> Self {
        match error {
            PossessionError::Proof(ProofError::Fault(fault)) => Self::Fault(fault),
            other => Self::Possession(other),
        }
    }
}

impl From<ways_in::Refusal> for AccountError {
    fn from(refusal: ways_in::Refusal) -> Self {
        Self::Needed(refusal)
    }
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}
