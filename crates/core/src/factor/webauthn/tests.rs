//! The standard's own test vectors, and whatever else may come in.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::attestation::AttestationObject;
use super::authenticator_data::AuthenticatorData;
use super::public_key::PublicKey;
use super::*;
use crate::id::TenantId;
use crate::port::SystemRandom;
use crate::seal::{MasterKey, Sealer};
use crate::time::Timestamp;

/// W3C Web Authentication Level 3 §16, as hexadecimal digits.
const VECTORS: &str = include_str!("vectors.json");

#[derive(Deserialize)]
struct Vector {
    registration: Step,
    authentication: Step,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    challenge: String,
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    #[serde(default)]
    attestation_object: String,
    #[serde(default)]
    authenticator_data: String,
    #[serde(default)]
    signature: String,
}

fn hex(text: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(digits).collect()
}

fn vectors() -> BTreeMap<String, Vector> {
    serde_json::from_str(VECTORS).expect("the vectors are JSON")
}

fn party() -> RelyingParty<'static> {
    RelyingParty::at("example.org", "https://example.org/", Callers::OwnPages)
}

fn expects(step: &Step) -> impl FnOnce(&str) -> Result<(), Refusal> {
    let expected = credential_id_text(&hex(&step.challenge));
    move |presented| if presented == expected { Ok(()) } else { Err(Refusal::Challenge) }
}

fn registered(step: &Step) -> Result<Credential, Refusal> {
    let attestation_object = hex(&step.attestation_object);
    let object = AttestationObject::parse(&attestation_object)?;
    let data = AuthenticatorData::parse(&object.authenticator_data)?;
    let id = data.attested.expect("a registration").credential_id.to_vec();
    let client_data_json = hex(&step.client_data_json);
    let response =
        RegistrationResponse { id, attestation_object, client_data_json, transports: Vec::new() };
    register(&party(), expects(step), b"user", response)
}

fn used(step: &Step, credential: &Credential) -> Result<Authenticated, Refusal> {
    let response = AuthenticationResponse {
        id: credential.id.clone(),
        authenticator_data: hex(&step.authenticator_data),
        client_data_json: hex(&step.client_data_json),
        signature: hex(&step.signature),
        user_handle: None,
        cross_platform: false,
    };
    authenticate(&party(), expects(step), credential, &response)
}

#[test]
fn the_standards_vectors_verify() {
    for (name, vector) in vectors() {
        let outcome = registered(&vector.registration)
            .and_then(|credential| used(&vector.authentication, &credential).map(drop));
        let expected = match name.as_str() {
            "none-es256-crossOrigin" | "none-es256-topOrigin" => Err(Refusal::CrossOrigin),
            "packed-es384" => Err(Refusal::Algorithm),
            _ => Ok(()),
        };
        assert_eq!(outcome, expected, "{name}");
    }
}

/// Every single flipped bit of what is signed, and of the signature, is noticed.
#[test]
fn no_bit_of_an_assertion_may_flip() {
    for name in ["none-es256", "packed-eddsa"] {
        let vector = &vectors()[name];
        let credential = registered(&vector.registration).expect("verifies");
        let step = &vector.authentication;
        let response = AuthenticationResponse {
            id: credential.id.clone(),
            authenticator_data: hex(&step.authenticator_data),
            client_data_json: hex(&step.client_data_json),
            signature: hex(&step.signature),
            user_handle: None,
            cross_platform: false,
        };
        let refused = |response: &AuthenticationResponse| {
            authenticate(&party(), |_| Ok(()), &credential, response).is_err()
        };
        assert!(!refused(&response));
        for bit in 0..response.signature.len() * 8 {
            let mut altered = response.clone();
            altered.signature[bit / 8] ^= 1 << (bit % 8);
            assert!(refused(&altered), "signature, bit {bit}");
        }
        for bit in 0..response.authenticator_data.len() * 8 {
            let mut altered = response.clone();
            altered.authenticator_data[bit / 8] ^= 1 << (bit % 8);
            assert!(refused(&altered), "authenticator data, bit {bit}");
        }
        for bit in 0..response.client_data_json.len() * 8 {
            let mut altered = response.clone();
            altered.client_data_json[bit / 8] ^= 1 << (bit % 8);
            assert!(refused(&altered), "client data, bit {bit}");
        }
    }
}

#[test]
fn challenges_belong_to_one_session_purpose_and_party() {
    let sealer = Sealer::new(&MasterKey::generate(&SystemRandom)).expect("keys derive");
    let tenant = TenantId::from_raw("acme");
    let end = Timestamp(1000);
    let own = Challenge {
        sealer: &sealer,
        tenant: &tenant,
        table: "enrollments",
        session: "s",
        purpose: Purpose::Create,
    };
    let text = own.issue(&party(), end);
    assert_eq!(own.check(&party(), &text, Timestamp(999)), Ok(()));
    assert_eq!(own.check(&party(), &text, end), Err(Refusal::Expired));
    let elsewhere = RelyingParty::at("example.com", "https://example.com/", Callers::OwnPages);
    let abroad = TenantId::from_raw("globex");
    let refused = [
        own.check(&elsewhere, &text, Timestamp(0)),
        Challenge { session: "t", ..own }.check(&party(), &text, Timestamp(0)),
        Challenge { tenant: &abroad, ..own }.check(&party(), &text, Timestamp(0)),
        Challenge { table: "logins", ..own }.check(&party(), &text, Timestamp(0)),
        Challenge { purpose: Purpose::Get, ..own }.check(&party(), &text, Timestamp(0)),
        own.check(&party(), &own.issue(&party(), Timestamp(5000)).replace('A', "B"), end),
        own.check(&party(), "", end),
        own.check(&party(), &text[..20], end),
        own.check(&party(), &"é".repeat(40), end),
    ];
    assert!(refused.iter().all(|outcome| *outcome == Err(Refusal::Challenge)), "{refused:?}");
}

#[test]
fn rsa_keys_must_be_long_enough() {
    let mut cose = hex("a401030339010020");
    cose.extend([0x58, 128]);
    cose.extend([0xff; 128]);
    cose.extend(hex("2143010001"));
    assert_eq!(PublicKey::parse(&cose).err(), Some(Refusal::Malformed("the public key")));
}

#[test]
fn deep_nesting_is_refused() {
    for opening in [0x81_u8, 0xa1, 0xc0, 0x9f, 0xbf] {
        let _ = AttestationObject::parse(&vec![opening; 200_000]).map(drop).expect_err("no map");
    }
    // A claim of 2^60 entries, of which none follows.
    for head in [0x9b_u8, 0xbb, 0x5b, 0x7b] {
        let bomb = [&[head, 0x10, 0, 0, 0, 0, 0, 0][..], &[0; 8]].concat();
        let _ = AttestationObject::parse(&bomb).map(drop).expect_err("cut short");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = AttestationObject::parse(&bytes);
        let _ = AuthenticatorData::parse(&bytes);
        let _ = PublicKey::parse(&bytes);
        let _ = client_data::check(&bytes, Purpose::Get, &party(), |_| Ok(()));
    }

    /// Real objects, cut, stretched and altered in a few places.
    #[test]
    fn altered_registrations_never_panic(
        name in prop::sample::select(vectors().into_keys().collect::<Vec<_>>()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        stretch in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let step = &vectors()[&name].registration;
        let mut object = hex(&step.attestation_object);
        for (at, byte) in edits {
            let at = at.index(object.len());
            object[at] = byte;
        }
        let cut_short = object[..cut.index(object.len())].to_vec();
        object.extend(stretch);
        for attestation_object in [object, cut_short] {
            if let Ok(parsed) = AttestationObject::parse(&attestation_object) {
                let _ = AuthenticatorData::parse(&parsed.authenticator_data);
            }
            let response = RegistrationResponse {
                id: vec![1],
                attestation_object,
                client_data_json: hex(&step.client_data_json),
                transports: Vec::new(),
            };
            let _ = register(&party(), |_| Ok(()), b"user", response);
        }
    }
}
