//! Passkeys beyond one account: signing in and signing up with them, on the sign-in pages and on
//! the pages of apps (contract 04 §10).

mod begin;
mod sign_in;
mod sign_up;
mod transaction;

pub use begin::{BeginError, Beginning, Begun, Realm, begin_login, begin_registration};
pub(crate) use begin::{GRANT_TYPE, challenge_of};
pub(crate) use sign_in::{SignInError, SignedIn, sign_in};
pub(crate) use sign_up::{SignUpError, sign_up};
pub use transaction::{Ceremony, PasskeyState, PasskeyTransaction};
