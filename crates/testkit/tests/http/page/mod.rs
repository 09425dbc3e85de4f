//! The pages of Universal Login (`/u/…`) and signing out.

mod csrf;
mod login;
mod logout;
mod names;
mod objection;
mod oidc_logout;
pub(crate) mod passkey;
mod passkey_enrollment;
mod reset;
mod signup;
mod verify_email;
