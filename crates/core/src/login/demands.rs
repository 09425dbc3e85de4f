//! What a tenant and this version demand of an authorization request before it is read (contract 03
//! §3.1).

use super::{AuthorizeParams, OauthError};
use crate::call::Call;
use crate::client::Client;
use crate::mfa::MULTI_FACTOR;

/// Whether the request came the way that the application, or everybody, has to take (RFC 9126 §5).
pub(super) fn require_push(
    call: &Call,
    client: &Client,
    was_pushed: bool,
) -> Result<(), OauthError> {
    let settings = &call.tenant.settings;
    // The account page is ours and pushes nothing.
    let by_tenant =
        settings.flag("require_pushed_authorization_requests") && !client.settings.is_system;
    if was_pushed || !(by_tenant || client.settings.require_pushed_authorization_requests) {
        return Ok(());
    }
    let text = "The client requires pushed authorization requests";
    Err(OauthError::new("invalid_request", text))
}

/// Where a tenant says which values there are, no other may be asked for (contract 03 §3.1).
pub(super) fn check_acr(call: &Call, params: &AuthorizeParams) -> Result<(), OauthError> {
    let supported = &call.tenant.settings.acr_values_supported;
    let asked = params.get("acr_values").unwrap_or_default();
    let mut asked = asked.split_ascii_whitespace();
    match asked.find(|value| !supported.is_empty() && !supported.iter().any(|own| own == value)) {
        None => Ok(()),
        Some(value) => {
            let text = format!("acr_values {value} is not supported");
            Err(OauthError::new("invalid_request", text))
        }
    }
}

/// Whether a second factor is asked for; values nobody knows are ignored (contract 04 §9.5).
pub(super) fn is_step_up(params: &AuthorizeParams) -> bool {
    let acr = params.get("acr_values").unwrap_or_default();
    acr.split_ascii_whitespace().any(|value| value == MULTI_FACTOR)
}

/// Refuses what this version does not do.
pub(super) fn refuse_unsupported(params: &AuthorizeParams) -> Result<(), OauthError> {
    for name in ["organization", "invitation"] {
        if let Some(value) = params.get(name) {
            let text = format!("parameter {name} is invalid: {value}");
            return Err(OauthError::new("invalid_request", text));
        }
    }
    if params.get("request").is_some() {
        let text = "Request objects are not supported";
        return Err(OauthError::new("request_not_supported", text));
    }
    if params.get("authorization_details").is_some() {
        let text = "authorization_details is not supported";
        return Err(OauthError::new("invalid_authorization_details", text));
    }
    Ok(())
}
