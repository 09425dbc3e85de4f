//! From an `mfa_token` to the grant that waits behind it, under the person's lock.

use super::person::Person;
use super::transaction::{MfaTransaction, Origin, is_token};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::port::{StoreError, Tx};
use crate::secret::{Handle, HandleHash};
use crate::session::still_count;

/// A grant that waits, and whoever it waits for. Nobody else changes either until the transaction
/// ends.
pub(crate) struct Waiting {
    /// The transaction that holds the lock.
    pub tx: Box<dyn Tx>,
    /// The grant.
    pub transaction: MfaTransaction,
    /// The person.
    pub person: Person,
}

/// Why an `mfa_token` leads to nothing.
#[derive(Debug)]
pub enum MfaTokenError {
    /// It is none.
    Malformed,
    /// It is over, used up, or somebody else's.
    Expired,
    /// Not the client's fault.
    Fault(Fault),
}

impl From<Fault> for MfaTokenError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for MfaTokenError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl Waiting {
    /// What waits behind `token`.
    pub(crate) async fn behind(app: &App, call: &Call, token: &str) -> Result<Self, MfaTokenError> {
        let nothing = || {
            if is_token(token) { MfaTokenError::Expired } else { MfaTokenError::Malformed }
        };
        let handle = Handle::presented(token).hash();
        let mut tx = app.read(&call.tenant.id).await?;
        let found = tx.mfa_transaction(&handle).await?.ok_or_else(nothing)?;
        drop(tx);
        let mut tx = app.write(&call.tenant.id).await?;
        let person = Person::locked(&mut *tx, &found.user_id).await?;
        // Read again under the lock: somebody may have gone on with it meanwhile.
        let transaction = tx.mfa_transaction(&handle).await?.ok_or_else(nothing)?;
        let person = person.ok_or(MfaTokenError::Expired)?;
        if call.now >= transaction.expires_at || !still_counts(&mut *tx, &transaction).await? {
            return Err(MfaTokenError::Expired);
        }
        Ok(Self { tx, transaction, person })
    }

    /// Its handle, to which codes and secrets of it belong.
    pub(crate) fn handle(&self) -> &HandleHash {
        &self.transaction.handle
    }
}

/// Whether what was proved before still counts: not for somebody who was signed out everywhere.
async fn still_counts(tx: &mut dyn Tx, transaction: &MfaTransaction) -> Result<bool, StoreError> {
    let Origin::SignIn(sign_in) = &transaction.state.origin else { return Ok(true) };
    let found = tx.user_and_sign_out(&transaction.user_id).await?;
    Ok(found.is_some_and(|(_, signed_out)| still_count(&sign_in.events, signed_out)))
}
