//! `clientDataJSON` (WebAuthn L3 §5.8.1): what the browser says about the ceremony.

use serde::Deserialize;

use super::{Purpose, Refusal, RelyingParty};

/// The members that are checked; browsers may add others.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    #[serde(default)]
    top_origin: Option<String>,
}

/// L3 §7.1 steps 5 to 11, §7.2 steps 8 to 14.
pub(super) fn check(
    json: &[u8],
    purpose: Purpose,
    party: &RelyingParty<'_>,
    is_challenge: impl FnOnce(&str) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    // "UTF-8 decode" drops a byte order mark.
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let data: ClientData =
        serde_json::from_slice(json).map_err(|_| Refusal::Malformed("clientDataJSON"))?;
    let wanted = match purpose {
        Purpose::Create => "webauthn.create",
        Purpose::Get => "webauthn.get",
    };
    if data.kind != wanted {
        return Err(Refusal::WrongType);
    }
    is_challenge(data.challenge.trim_end_matches('='))?;
    if !party.allows(&data.origin) {
        return Err(Refusal::Origin);
    }
    if data.cross_origin == Some(true) || data.top_origin.is_some() {
        return Err(Refusal::CrossOrigin);
    }
    Ok(())
}
