//! The second factor: whether one is asked for, and what a person can prove it with
//! (contract 04 §1, §2, §8, §9).
//!
//! [`policy`] decides, purely, from what the layers say and what is recorded. [`factors`] tells
//! what somebody has. [`grant`] is the door of the token endpoint: nothing is signed without what
//! it hands out.

pub mod factors;
pub mod grant;
pub mod policy;
mod remembered;

pub use factors::{Choice, SecondFactors, Way};
pub use grant::{Assured, Unassured};
pub use policy::{Decision, Demand, Facts, Has, Layer, Layers, Verdict};
pub use remembered::RememberedBrowser;

/// What an application asks for in `acr_values`, and learns from `acr` (contract 04 §9.5, §16.1).
pub const MULTI_FACTOR: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
