//! What a client of the MFA API can be told (contract 04 §5.2).

use crate::client::ClientAuthError;
use crate::error::Fault;
use crate::mfa::{MfaTokenError, Problem};
use crate::port::StoreError;

/// Why something was not done.
#[derive(Debug)]
pub enum MfaError {
    /// Something about the client.
    Client(ClientAuthError),
    /// The client may not use the grant that would follow.
    NotAllowed,
    /// A parameter is missing.
    Missing(&'static str),
    /// A parameter is wrong; how.
    Invalid(String),
    /// Not a phone number.
    InvalidPhoneNumber,
    /// Something about the `mfa_token`.
    Token(MfaTokenError),
    /// The bearer is neither an `mfa_token` nor an access token for this.
    BadBearer,
    /// An access token without the scope named.
    InsufficientScope(&'static str),
    /// The person has no such authenticator.
    UnknownAuthenticator,
    /// The person has nothing of the kinds asked for.
    Unsupported,
    /// The person has no second factor at all.
    NotEnrolled,
    /// Whoever has a second factor gives it before they enrol another.
    AlreadyEnrolled,
    /// The person has as many methods as allowed.
    TooMany,
    /// The account cannot do without it.
    Needed,
    /// Nothing was sent.
    NotSent(Problem),
    /// Not the client's fault.
    Fault(Fault),
}

impl From<Fault> for MfaError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for MfaError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<MfaTokenError> for MfaError {
    fn from(error: MfaTokenError) -> Self {
        match error {
            MfaTokenError::Fault(fault) => Self::Fault(fault),
            other => Self::Token(other),
        }
    }
}

impl From<ClientAuthError> for MfaError {
    fn from(error: ClientAuthError) -> Self {
        match error {
            ClientAuthError::Fault(fault) => Self::Fault(fault),
            other => Self::Client(other),
        }
    }
}
