//! What a device can be told (contract 04 §14.7).

use crate::account::ways_in::Refusal;
use crate::error::Fault;
use crate::port::StoreError;

/// Why a device's request was not done.
#[derive(Debug)]
pub enum GuardianError {
    /// The credential is missing, or not good here.
    InvalidToken,
    /// The ticket is unknown, used or expired.
    NoTicket,
    /// There is no such device any more.
    NoDevice,
    /// The transaction is unknown, answered or expired.
    NoTransaction,
    /// There is nothing to read about the transaction.
    NoConsent,
    /// The body is not what it should be; what is wrong.
    InvalidBody(&'static str),
    /// Without the device somebody would be locked out.
    Needed(Refusal),
    /// The factor is off.
    Disabled,
    /// Not the device's fault.
    Fault(Fault),
}

impl From<Fault> for GuardianError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for GuardianError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}
