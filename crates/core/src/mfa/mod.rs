//! The second factor: whether one is asked for, and what a person can prove it with
//! (contract 04 §1, §2, §8, §9).
//!
//! [`policy`] decides, purely, from what the layers say and what is recorded. [`factors`] tells
//! what somebody has. [`grant`] is the door of the token endpoint: nothing is signed without what
//! it hands out.

pub mod api;
pub(crate) mod check;
pub(crate) mod enrolled;
pub(crate) mod enrolling;
pub mod factors;
pub mod grant;
pub(crate) mod person;
pub mod policy;
pub(crate) mod recovery;
mod remembered;
pub(crate) mod send;
pub(crate) mod transaction;
pub(crate) mod waiting;

pub use factors::{Choice, SecondFactors, Way};
pub use grant::{Assured, Unassured};
pub use policy::{Decision, Demand, Facts, Has, Layer, Layers, Verdict};
pub use recovery::{RecoveryError, UsedRecoveryCode, use_recovery_code};
pub use remembered::RememberedBrowser;
pub use send::{PendingCode, Problem};
pub use transaction::{Asked, Enrolling, FirstGrant, MfaState, MfaTransaction, Origin, SignIn};
pub use waiting::MfaTokenError;

/// What an application asks for in `acr_values`, and learns from `acr` (contract 04 §9.5, §16.1).
pub const MULTI_FACTOR: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
