//! Signing in with passkeys: what the sign-in pages and the apps' own pages have in common
//! (contract 04 §10).

mod sign_in;
mod transaction;

pub(crate) use sign_in::{SignInError, SignedIn, sign_in};
pub use transaction::{Ceremony, PasskeyState, PasskeyTransaction};
