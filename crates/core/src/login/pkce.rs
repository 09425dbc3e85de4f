//! The challenge of a request (RFC 7636).

use super::{AuthorizeParams, OauthError};
use crate::client::Client;

/// S256 only, and always for clients without a secret.
pub(super) fn check_pkce(
    client: &Client,
    params: &AuthorizeParams,
) -> Result<Option<String>, OauthError> {
    let invalid = |text: &str| Err(OauthError::new("invalid_request", text));
    let Some(challenge) = params.get("code_challenge") else {
        return if client.settings.is_public() {
            invalid("Missing required parameter: code_challenge")
        } else {
            Ok(None)
        };
    };
    if params.get("code_challenge_method") != Some("S256") {
        return invalid("code_challenge_method must be S256");
    }
    let well_formed = challenge.len() == 43
        && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if well_formed {
        Ok(Some(challenge.to_owned()))
    } else {
        invalid("code_challenge is malformed")
    }
}
