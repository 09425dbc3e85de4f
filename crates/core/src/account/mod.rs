//! The My Account API's operations, one file each (contract 01).

mod admit;
mod belonging;
mod delete;
mod enroll;
mod enrollment;
mod error;
mod factors;
mod first_factor;
mod intent;
mod methods;
pub(crate) mod notify;
mod objection;
pub(crate) mod passkey;
mod send;
mod update;
mod verify;
mod verify_push;
pub mod ways_in;

pub use admit::{Access, Admission, Caller, Rate, admit};
pub use belonging::{Page, Position, consent, consents, organizations};
pub use delete::delete;
pub use enroll::{Enrolled, NewMethod, Shown, enroll};
pub use enrollment::Enrollment;
pub use error::{AccountError, Violation};
pub use factors::factors;
pub use intent::Intent;
pub use methods::{Listed, MethodRef, get, list};
pub use notify::record_refusal;
pub use objection::{Objected, Objection, ObjectionForm, object, objection_form};
pub use passkey::NewPasskey;
pub use update::{Change, update};
pub use verify::{Proof, Verification, Verified, verify};

/// How many stored methods one person may have, unconfirmed ones included (contract 01 §3.4).
pub(crate) const MAX_METHODS: usize = 20;
/// Wrong proofs after which an enrolment is void (contract 01 §4.5).
const MAX_ATTEMPTS: i64 = 10;
/// Seconds an `auth_session` lives (contract 01 §4.5).
const SESSION_LIFETIME: i64 = 600;
/// Seconds after which an unconfirmed method is forgotten (contract 01 §4.6).
const UNCONFIRMED_LIFETIME: i64 = 86_400;
