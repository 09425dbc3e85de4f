//! An authenticator and the browser around it, written from the standard apart from the server's
//! own code, so that the two check each other. Everything it says can be made wrong.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The kind of key an authenticator makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Ed25519.
    EdDsa,
    /// P-256.
    Es256,
    /// P-384, which nobody offers.
    Es384,
    /// RSA with 2048 bits.
    Rs256,
}

/// How a new credential is attested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attestation {
    /// Not at all.
    None,
    /// `none`, but with a statement.
    NoneWithStatement,
    /// `packed`, signed with the new key.
    SelfSigned,
    /// `packed`, with a signature that is wrong.
    SelfSignedWrongly,
    /// `packed`, with a certificate nobody knows.
    Certificate,
    /// A format made up.
    Unknown,
}

/// An authenticator with one credential.
pub struct Authenticator {
    key: Key,
    /// The credential id.
    pub credential_id: Vec<u8>,
    /// The relying party it says it spoke to; none is the one the options name.
    pub rp_id: Option<String>,
    /// The origin the browser says the page has.
    pub origin: String,
    /// Whether the page was in a frame of another origin.
    pub cross_origin: bool,
    /// How it attests.
    pub attestation: Attestation,
    /// The model.
    pub aaguid: [u8; 16],
    /// Signature counter; grows with each use unless it is zero.
    pub counter: u32,
    /// Flags UP, UV, BE and BS.
    pub flags: Flags,
    /// How it says it can be reached.
    pub transports: Vec<String>,
    user_handle: Vec<u8>,
}

/// The flags of authenticator data.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags")]
pub struct Flags {
    /// User present.
    pub up: bool,
    /// User verified.
    pub uv: bool,
    /// Backup eligible.
    pub be: bool,
    /// Backed up.
    pub bs: bool,
}

enum Key {
    EdDsa(Ed25519KeyPair),
    Es256(EcdsaKeyPair),
    Es384,
    Rs256(Box<rsa::KeyPair>),
}

impl Authenticator {
    /// An authenticator whose credential differs from those of other `number`s.
    #[must_use]
    pub fn new(kind: KeyKind, number: u8, origin: &str) -> Self {
        let key = match kind {
            KeyKind::EdDsa => {
                let seed = [number; 32];
                Key::EdDsa(Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes"))
            }
            KeyKind::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING);
                Key::Es256(pair.expect("a key"))
            }
            KeyKind::Es384 => Key::Es384,
            KeyKind::Rs256 => {
                Key::Rs256(Box::new(rsa::KeyPair::generate(KeySize::Rsa2048).expect("a key")))
            }
        };
        Self {
            key,
            credential_id: [&[number; 16][..], b"-credential"].concat(),
            rp_id: None,
            origin: origin.to_owned(),
            cross_origin: false,
            attestation: Attestation::None,
            aaguid: [0; 16],
            counter: 1,
            flags: Flags { up: true, uv: true, be: false, bs: false },
            transports: vec!["internal".to_owned()],
            user_handle: Vec::new(),
        }
    }

    /// `navigator.credentials.create()` with `authn_params_public_key`.
    pub fn create(&mut self, options: &Value) -> Value {
        let user = options["user"]["id"].as_str().expect("a user handle");
        self.user_handle = URL_SAFE_NO_PAD.decode(user).expect("base64url");
        let rp_id = options["rp"]["id"].as_str().expect("a relying party id");
        let client_data = self.client_data("webauthn.create", options);
        let attested = [
            &self.aaguid[..],
            &u16::try_from(self.credential_id.len()).expect("short").to_be_bytes(),
            &self.credential_id,
            &self.cose_key(),
        ]
        .concat();
        let data = [self.header(rp_id, 1 << 6), attested].concat();
        json!({
            "id": URL_SAFE_NO_PAD.encode(&self.credential_id),
            "rawId": URL_SAFE_NO_PAD.encode(&self.credential_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(&client_data),
                "attestationObject": URL_SAFE_NO_PAD.encode(self.attest(&data, &client_data)),
                "transports": self.transports,
            },
            "clientExtensionResults": {},
        })
    }

    /// `navigator.credentials.get()` with `authn_params_public_key`.
    pub fn get(&mut self, options: &Value) -> Value {
        if self.counter > 0 {
            self.counter += 1;
        }
        let rp_id = options["rpId"].as_str().expect("a relying party id");
        let client_data = self.client_data("webauthn.get", options);
        let data = self.header(rp_id, 0);
        let signature = self.sign(&data, &client_data);
        json!({
            "id": URL_SAFE_NO_PAD.encode(&self.credential_id),
            "rawId": URL_SAFE_NO_PAD.encode(&self.credential_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(&client_data),
                "authenticatorData": URL_SAFE_NO_PAD.encode(&data),
                "signature": URL_SAFE_NO_PAD.encode(signature),
                "userHandle": URL_SAFE_NO_PAD.encode(&self.user_handle),
            },
            "clientExtensionResults": {},
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        });
        data.to_string().into_bytes()
    }

    fn header(&self, rp_id: &str, more_flags: u8) -> Vec<u8> {
        let rp_id = self.rp_id.as_deref().unwrap_or(rp_id);
        let Flags { up, uv, be, bs } = self.flags;
        let flags = u8::from(up) | u8::from(uv) << 2 | u8::from(be) << 3 | u8::from(bs) << 4;
        let hash = digest::digest(&digest::SHA256, rp_id.as_bytes());
        [hash.as_ref(), &[flags | more_flags], &self.counter.to_be_bytes()].concat()
    }

    fn sign(&self, data: &[u8], client_data: &[u8]) -> Vec<u8> {
        let hash = digest::digest(&digest::SHA256, client_data);
        let message = [data, hash.as_ref()].concat();
        match &self.key {
            Key::EdDsa(pair) => pair.sign(&message).as_ref().to_vec(),
            Key::Es256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), &message);
                signature.expect("signs").as_ref().to_vec()
            }
            Key::Es384 => vec![0; 64],
            Key::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let random = SystemRandom::new();
                pair.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).expect("signs");
                signature
            }
        }
    }

    fn attest(&self, data: &[u8], client_data: &[u8]) -> Vec<u8> {
        let algorithm = (cbor::text("alg"), cbor::integer(self.algorithm()));
        let signature = |bytes: &[u8]| (cbor::text("sig"), cbor::bytes(bytes));
        let signed = || signature(&self.sign(data, client_data));
        let (format, statement) = match self.attestation {
            Attestation::None => ("none", vec![]),
            Attestation::NoneWithStatement => ("none", vec![algorithm]),
            Attestation::SelfSigned => ("packed", vec![algorithm, signed()]),
            Attestation::SelfSignedWrongly => ("packed", vec![algorithm, signature(&[7; 64])]),
            Attestation::Certificate => {
                let chain = (cbor::text("x5c"), cbor::array(&[cbor::bytes(b"certificate")]));
                ("packed", vec![algorithm, signature(&[7; 64]), chain])
            }
            Attestation::Unknown => ("made-up", vec![signature(&[7; 64])]),
        };
        cbor::map(&[
            (cbor::text("fmt"), cbor::text(format)),
            (cbor::text("attStmt"), cbor::map(&statement)),
            (cbor::text("authData"), cbor::bytes(data)),
        ])
    }

    fn algorithm(&self) -> i64 {
        match self.key {
            Key::EdDsa(_) => -8,
            Key::Es256(_) => -7,
            Key::Es384 => -35,
            Key::Rs256(_) => -257,
        }
    }

    fn cose_key(&self) -> Vec<u8> {
        let number = |label, value| (cbor::integer(label), cbor::integer(value));
        let bytes = |label, value: &[u8]| (cbor::integer(label), cbor::bytes(value));
        let algorithm = number(3, self.algorithm());
        match &self.key {
            Key::EdDsa(pair) => {
                let x = pair.public_key().as_ref();
                cbor::map(&[number(1, 1), algorithm, number(-1, 6), bytes(-2, x)])
            }
            Key::Es256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                cbor::map(&[number(1, 2), algorithm, number(-1, 1), bytes(-2, x), bytes(-3, y)])
            }
            Key::Es384 => {
                let coordinate = [1; 48];
                let (x, y) = (bytes(-2, &coordinate), bytes(-3, &coordinate));
                cbor::map(&[number(1, 2), algorithm, number(-1, 2), x, y])
            }
            Key::Rs256(pair) => {
                let n = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
                let e = pair.public_key().exponent().big_endian_without_leading_zero().to_vec();
                cbor::map(&[number(1, 3), algorithm, bytes(-1, &n), bytes(-2, &e)])
            }
        }
    }
}

/// As much of CBOR (RFC 8949) as an authenticator writes.
mod cbor {
    fn head(kind: u8, value: u64) -> Vec<u8> {
        let kind = kind << 5;
        if let Ok(value) = u8::try_from(value) {
            if value < 24 { vec![kind | value] } else { vec![kind | 0x18, value] }
        } else {
            let value = u16::try_from(value).expect("short");
            [&[kind | 0x19][..], &value.to_be_bytes()].concat()
        }
    }

    pub fn integer(value: i64) -> Vec<u8> {
        if value < 0 { head(1, value.unsigned_abs() - 1) } else { head(0, value.unsigned_abs()) }
    }

    pub fn bytes(value: &[u8]) -> Vec<u8> {
        [head(2, value.len() as u64), value.to_vec()].concat()
    }

    pub fn text(value: &str) -> Vec<u8> {
        [head(3, value.len() as u64), value.as_bytes().to_vec()].concat()
    }

    pub fn array(items: &[Vec<u8>]) -> Vec<u8> {
        [head(4, items.len() as u64), items.concat()].concat()
    }

    pub fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let entries: Vec<_> = entries.iter().flat_map(|(key, value)| [key, value]).collect();
        let mut encoded = head(5, entries.len() as u64 / 2);
        encoded.extend(entries.into_iter().flatten());
        encoded
    }
}
