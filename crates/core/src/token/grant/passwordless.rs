//! `http://auth0.com/oauth/grant-type/passwordless/otp`: a code sent by mail or text message as the
//! first factor (contract 04 §7).

/// The grant type.
pub(crate) const GRANT_TYPE: &str = "http://auth0.com/oauth/grant-type/passwordless/otp";
