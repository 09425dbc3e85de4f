//! WebAuthn's JSON, in and out: options as browsers and SDKs take them, responses as they post them
//! (WebAuthn L3 §5.1, §5.4, §5.5). One form for the My Account API, the token plane and the pages.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use housekey_core::account::Violation;
use housekey_core::factor::webauthn::{
    Algorithm, AuthenticationResponse, CreationOptions, RegistrationResponse, RequestOptions,
};
use serde_json::{Map, Value, json};

/// Milliseconds a person has; one SDK cannot do without the number.
const TIMEOUT: u32 = 60_000;
/// With and without padding: both are sent.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Longest id, attestation object, client data and transport, in characters (contract 01 §4.3).
const MAX_ID: usize = 1364;
const MAX_ATTESTATION: usize = 2000;
const MAX_CLIENT_DATA: usize = 1000;
const MAX_TRANSPORT: usize = 100;
/// Transports are few; more are no list of them.
const MAX_TRANSPORTS: usize = 16;
/// Longest authenticator data, signature and user handle: those of large RSA keys.
const MAX_ASSERTION: usize = 4096;

/// `PublicKeyCredentialCreationOptionsJSON`.
pub(crate) fn creation_options(options: &CreationOptions) -> Value {
    let algorithms: Vec<_> = Algorithm::ALL
        .into_iter()
        .map(|algorithm| json!({ "type": "public-key", "alg": algorithm.number() }))
        .collect();
    let mut json = json!({
        "challenge": options.challenge,
        "timeout": TIMEOUT,
        "rp": { "id": options.rp_id, "name": options.rp_name },
        "user": {
            "id": URL_SAFE_NO_PAD.encode(&options.user_handle),
            "name": options.user_name,
            "displayName": options.user_display_name,
        },
        "pubKeyCredParams": algorithms,
        "authenticatorSelection": { "residentKey": "required", "userVerification": "preferred" },
    });
    if let Some(exclude) = &options.exclude {
        let credentials = exclude.iter().map(|credential| {
            let mut json = json!({ "id": credential.id, "type": "public-key" });
            if !credential.transports.is_empty() {
                json["transports"] = json!(credential.transports);
            }
            json
        });
        json["excludeCredentials"] = credentials.collect();
    }
    json
}

/// `PublicKeyCredentialRequestOptionsJSON`: any passkey of the relying party will do.
pub(crate) fn request_options(options: &RequestOptions) -> Value {
    json!({
        "challenge": options.challenge,
        "timeout": TIMEOUT,
        "rpId": options.rp_id,
        "userVerification": "preferred",
    })
}

/// A `RegistrationResponseJSON`; with `strict`, `response` has no members but the documented ones.
///
/// # Errors
/// Everything that is wrong with it, by pointers from its own root.
pub(crate) fn registration(
    value: &Value,
    strict: bool,
) -> Result<RegistrationResponse, Vec<Violation>> {
    let mut reader = Reader::default();
    let id = reader.id(value);
    let response = reader.response(value);
    let attestation_object = reader.bytes(response, "attestationObject", MAX_ATTESTATION);
    let client_data_json = reader.bytes(response, "clientDataJSON", MAX_CLIENT_DATA);
    let transports = reader.transports(response);
    if strict {
        reader.only(response, &["attestationObject", "clientDataJSON", "transports"]);
    }
    reader.attachment(value);
    reader.finish(RegistrationResponse { id, attestation_object, client_data_json, transports })
}

/// An `AuthenticationResponseJSON`.
///
/// # Errors
/// As [`registration`].
pub(crate) fn authentication(value: &Value) -> Result<AuthenticationResponse, Vec<Violation>> {
    let mut reader = Reader::default();
    let id = reader.id(value);
    let response = reader.response(value);
    let authenticator_data = reader.bytes(response, "authenticatorData", MAX_ASSERTION);
    let client_data_json = reader.bytes(response, "clientDataJSON", MAX_CLIENT_DATA);
    let signature = reader.bytes(response, "signature", MAX_ASSERTION);
    let user_handle = match response.and_then(|response| response.get("userHandle")) {
        None | Some(Value::Null) => None,
        // Some clients send an empty text for none.
        Some(Value::String(text)) if text.is_empty() => None,
        Some(_) => Some(reader.bytes(response, "userHandle", MAX_ASSERTION)),
    };
    let cross_platform = reader.attachment(value) == Some("cross-platform");
    reader.finish(AuthenticationResponse {
        id,
        authenticator_data,
        client_data_json,
        signature,
        user_handle,
        cross_platform,
    })
}

/// Whether a response is that of a registration, by the member only those have.
pub(crate) fn is_registration(value: &Value) -> bool {
    value.pointer("/response/attestationObject").is_some()
}

/// Reads members and notes what is wrong with them, in the wording of JSON Schema validators.
#[derive(Default)]
struct Reader(Vec<Violation>);

impl Reader {
    fn refuse(&mut self, pointer: &str, rule: &str) {
        self.0.push(Violation::new(pointer, rule));
    }

    fn id(&mut self, value: &Value) -> Vec<u8> {
        let Some(members) = value.as_object() else {
            self.refuse("", "must be object");
            return Vec::new();
        };
        let kind = self.required(members, "", "type");
        if kind.is_some_and(|kind| kind.as_str() != Some("public-key")) {
            self.refuse("/type", "must be equal to constant");
        }
        let id = self.encoded(members, "", "id", MAX_ID);
        let raw = self.encoded(members, "", "rawId", MAX_ID);
        if id != raw {
            self.refuse("/rawId", "must be equal to id");
        }
        id
    }

    fn response<'a>(&mut self, value: &'a Value) -> Option<&'a Map<String, Value>> {
        let response = self.required(value.as_object()?, "", "response")?;
        if !response.is_object() {
            self.refuse("/response", "must be object");
        }
        response.as_object()
    }

    fn attachment<'a>(&mut self, value: &'a Value) -> Option<&'a str> {
        let attachment = value.get("authenticatorAttachment").filter(|own| !own.is_null())?;
        let known = attachment.as_str().filter(|own| matches!(*own, "platform" | "cross-platform"));
        if known.is_none() {
            self.refuse("/authenticatorAttachment", "must be equal to one of the allowed values");
        }
        known
    }

    fn transports(&mut self, response: Option<&Map<String, Value>>) -> Vec<String> {
        let sent = response.and_then(|response| response.get("transports"));
        let Some(sent) = sent.filter(|sent| !sent.is_null()) else { return Vec::new() };
        let Some(items) = sent.as_array().filter(|items| items.len() <= MAX_TRANSPORTS) else {
            self.refuse("/response/transports", "must be a short array");
            return Vec::new();
        };
        let texts = items.iter().map(|item| {
            item.as_str().filter(|text| text.chars().count() <= MAX_TRANSPORT).map(str::to_owned)
        });
        let transports: Option<Vec<_>> = texts.collect();
        if transports.is_none() {
            let rule = format!("must have texts of at most {MAX_TRANSPORT} characters");
            self.refuse("/response/transports", &rule);
        }
        transports.unwrap_or_default()
    }

    fn only(&mut self, response: Option<&Map<String, Value>>, known: &[&str]) {
        let mut names = response.into_iter().flat_map(Map::keys);
        if names.any(|name| !known.contains(&name.as_str())) {
            self.refuse("/response", "must NOT have additional properties");
        }
    }

    fn bytes(&mut self, response: Option<&Map<String, Value>>, name: &str, most: usize) -> Vec<u8> {
        response.map_or_else(Vec::new, |response| self.encoded(response, "/response", name, most))
    }

    fn required<'a>(
        &mut self,
        members: &'a Map<String, Value>,
        at: &str,
        name: &str,
    ) -> Option<&'a Value> {
        let value = members.get(name).filter(|value| !value.is_null());
        if value.is_none() {
            self.refuse(at, &format!("must have required property '{name}'"));
        }
        value
    }

    fn encoded(
        &mut self,
        members: &Map<String, Value>,
        at: &str,
        name: &str,
        most: usize,
    ) -> Vec<u8> {
        let Some(value) = self.required(members, at, name) else { return Vec::new() };
        let pointer = format!("{at}/{name}");
        let Some(text) = value.as_str() else {
            self.refuse(&pointer, "must be string");
            return Vec::new();
        };
        if text.len() > most {
            self.refuse(&pointer, &format!("must NOT have more than {most} characters"));
            return Vec::new();
        }
        let bytes = BASE64URL.decode(text).unwrap_or_default();
        if bytes.is_empty() {
            self.refuse(&pointer, "must be base64url");
        }
        bytes
    }

    fn finish<T>(self, value: T) -> Result<T, Vec<Violation>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Value {
        json!({
            "id": "AQID",
            "rawId": "AQID",
            "type": "public-key",
            "response": { "attestationObject": "oA", "clientDataJSON": "e30=", "transports": ["usb"] },
        })
    }

    fn refused(pointer: &str, value: Value) -> Vec<String> {
        let mut sample = sample();
        match pointer.rsplit_once('/') {
            Some((parent, name)) => sample.pointer_mut(parent).expect("is there")[name] = value,
            None => sample = value,
        }
        let violations = registration(&sample, true).map(drop).err().unwrap_or_default();
        violations.into_iter().map(|one| format!("{} {}", one.at, one.detail)).collect()
    }

    #[test]
    fn both_paddings_are_read() {
        let parsed = registration(&sample(), true).expect("well-formed");
        assert_eq!(parsed.id, [1, 2, 3]);
        assert_eq!(parsed.client_data_json, b"{}");
        assert_eq!(parsed.transports, ["usb"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let long = "A".repeat(2004);
        for (pointer, value, expected) in [
            ("", json!([]), " must be object"),
            ("/id", json!(1), "/id must be string"),
            ("/rawId", json!("AQIE"), "/rawId must be equal to id"),
            ("/type", json!("password"), "/type must be equal to constant"),
            ("/response", json!(7), "/response must be object"),
            (
                "/response/clientDataJSON",
                Value::Null,
                "/response must have required property 'clientDataJSON'",
            ),
            (
                "/response/attestationObject",
                json!("!"),
                "/response/attestationObject must be base64url",
            ),
            (
                "/response/attestationObject",
                json!(long),
                "/response/attestationObject must NOT have more than 2000 characters",
            ),
            ("/response/transports", json!("usb"), "/response/transports must be a short array"),
            ("/response/more", json!(1), "/response must NOT have additional properties"),
            (
                "/authenticatorAttachment",
                json!("none"),
                "/authenticatorAttachment must be equal to one of the allowed values",
            ),
        ] {
            let refused = refused(pointer, value);
            assert!(refused.iter().any(|own| own == expected), "{pointer}: {refused:?}");
        }
    }
}
