//! What devices sign: RS256 under the key they enrolled (contract 04 §14.4).

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{DeviceKey, GuardianError};
use crate::call::Call;
use crate::time::Timestamp;

/// How far a device's clock may be off, in seconds.
const SKEW: i64 = 300;
/// The longest bearer that is worth parsing.
const MAX_TOKEN: usize = 8192;

/// Claims that every device token has.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Claims {
    pub iss: String,
    pub sub: String,
    aud: Audience,
    iat: i64,
    exp: i64,
    #[serde(rename = "auth0_guardian_method")]
    pub method: Option<String>,
    #[serde(rename = "auth0_guardian_accepted")]
    pub accepted: Option<bool>,
    #[serde(rename = "auth0_guardian_reason")]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The payload of a token that `key` signed with RS256. `typ` is compared if it is given.
pub(super) fn signed<T: DeserializeOwned + Clone>(
    token: &str,
    key: &DeviceKey,
    typ: Option<&str>,
) -> Result<T, GuardianError> {
    let invalid = || GuardianError::InvalidToken;
    if token.len() > MAX_TOKEN {
        return Err(invalid());
    }
    let header = decode_header(token).map_err(|_| invalid())?;
    let typ_fits = typ.is_none_or(|wanted| header.typ.as_deref() == Some(wanted));
    if header.alg != Algorithm::RS256 || !typ_fits {
        return Err(invalid());
    }
    let key = DecodingKey::from_rsa_components(&key.n, &key.e).map_err(|_| invalid())?;
    let mut validation = Validation::new(Algorithm::RS256);
    // Times and audiences are checked against the call, not against the machine.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    decode::<T>(token, &key, &validation).map(|data| data.claims).map_err(|_| invalid())
}

/// Verifies a device token for `endpoint` (a path below the base).
pub(super) fn verify(
    call: &Call,
    token: &str,
    key: &DeviceKey,
    endpoint: &str,
) -> Result<Claims, GuardianError> {
    let claims: Claims = signed(token, key, None)?;
    let for_us = match &claims.aud {
        Audience::One(own) => is_ours(call, own, endpoint),
        Audience::Many(all) => all.iter().any(|own| is_ours(call, own, endpoint)),
    };
    let now = call.now.as_seconds();
    let in_time = claims.iat <= now.saturating_add(SKEW) && claims.exp.saturating_add(SKEW) > now;
    if for_us && in_time { Ok(claims) } else { Err(GuardianError::InvalidToken) }
}

/// Whether an instant a device tells is near the present.
pub(super) fn is_recent(at: i64, now: Timestamp) -> bool {
    (now.as_seconds() - SKEW..=now.as_seconds() + SKEW).contains(&at)
}

/// Apps were given any of the tenant's hosts, with or without a path below which the API lies.
fn is_ours(call: &Call, audience: &str, endpoint: &str) -> bool {
    let scheme = if call.is_secure() { "https" } else { "http" };
    let Some(rest) = audience.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")) else {
        return false;
    };
    let Some(host) = rest.strip_suffix('/').unwrap_or(rest).strip_suffix(endpoint) else {
        return false;
    };
    let host = ["/appliance-mfa", "/guardian"]
        .into_iter()
        .find_map(|prefix| host.strip_suffix(prefix))
        .unwrap_or(host);
    call.tenant.hosts().any(|own| own == host)
}
