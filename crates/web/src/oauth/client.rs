//! What a client authenticates with: the Basic header, or members of the body (RFC 6749 §2.3.1,
//! RFC 7523 §2.2).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use housekey_core::client::ClientCredentials;
use http::{HeaderMap, header};

pub(super) fn credentials(
    headers: &HeaderMap,
    parameters: &BTreeMap<String, String>,
) -> ClientCredentials {
    // Parameters without a value count as absent (RFC 6749 §3.2).
    let sent = |name: &str| parameters.get(name).filter(|value| !value.is_empty()).cloned();
    basic(headers).unwrap_or_else(|| ClientCredentials {
        client_id: sent("client_id"),
        client_secret: sent("client_secret"),
        assertion_type: sent("client_assertion_type"),
        assertion: sent("client_assertion"),
    })
}

/// Both halves are form-encoded before they are joined.
fn basic(headers: &HeaderMap) -> Option<ClientCredentials> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some(ClientCredentials {
        client_id: Some(form_decode(id)),
        client_secret: Some(form_decode(secret)),
        ..ClientCredentials::default()
    })
}

fn form_decode(text: &str) -> String {
    url::form_urlencoded::parse(format!("v={}", text.replace('&', "%26")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(id: &str, secret: &str) -> ClientCredentials {
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = STANDARD.encode(format!("{}:{}", encode(id), encode(secret)));
        let mut headers = HeaderMap::new();
        let value = format!("bAsIc {pair}").parse().expect("a header value");
        headers.insert(header::AUTHORIZATION, value);
        credentials(&headers, &BTreeMap::new())
    }

    #[test]
    fn basic_survives_every_character() {
        let parsed = parse("id", "a:b%c+d e&f=ü");
        assert_eq!(parsed.client_id.as_deref(), Some("id"));
        assert_eq!(parsed.client_secret.as_deref(), Some("a:b%c+d e&f=ü"));
    }
}
