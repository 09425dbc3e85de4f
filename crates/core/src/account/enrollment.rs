//! A started, unfinished enrolment: what hides behind `auth_session`.

use crate::factor::FactorType;
use crate::id::{ClientId, MethodId, UserId};
use crate::secret::HandleHash;
use crate::time::Timestamp;

/// A started enrolment (contract 01 §4.5). Finished once, by one conditional statement.
#[derive(Clone, Debug)]
pub struct Enrollment {
    /// Hash of the `auth_session`.
    pub handle: HandleHash,
    /// Who enrols.
    pub user_id: UserId,
    /// Through which application.
    pub client_id: ClientId,
    /// What.
    pub factor: FactorType,
    /// The unconfirmed method; passwords have none.
    pub method_id: Option<MethodId>,
    /// Keyed hash of the code that was sent, for factors that send one.
    pub code_mac: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// End of the `auth_session`, or of the code when that is sooner.
    pub expires_at: Timestamp,
    /// Wrong proofs so far.
    pub attempts: i64,
    /// Set once, on success.
    pub completed_at: Option<Timestamp>,
}
