//! A client that authenticates by assertions (RFC 7523), written apart from what checks them.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use housekey_core::client::{AssertionAlgorithm, Credential, PublicKey};
use housekey_core::id::CredentialId;
use housekey_core::time::Timestamp;
use serde_json::{Value, json};

use crate::clock::BEGINNING;

/// `client_assertion_type`.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client's key.
pub enum SigningKey {
    /// RSA.
    Rsa(RsaKeyPair),
    /// On P-256.
    P256(EcdsaKeyPair),
}

impl SigningKey {
    /// One of two RSA keys, made once per process because that takes long.
    ///
    /// # Panics
    /// If there is no key of that number.
    pub fn rsa(number: usize) -> &'static Self {
        static KEYS: [OnceLock<SigningKey>; 2] = [OnceLock::new(), OnceLock::new()];
        KEYS[number].get_or_init(|| {
            Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key is made"))
        })
    }

    /// A new key on P-256.
    #[must_use]
    pub fn p256() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        Self::P256(pair.expect("a key is made"))
    }

    /// The public key, as administrators paste it.
    #[must_use]
    pub fn pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Rsa(pair) => pair.public_key().as_der().expect("encodes"),
            Self::P256(pair) => pair.public_key().as_der().expect("encodes"),
        };
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(pair) => {
                let key = pair.public_key();
                PublicKey::Rsa {
                    n: encode(key.modulus().big_endian_without_leading_zero()),
                    e: encode(key.exponent().big_endian_without_leading_zero()),
                }
            }
            Self::P256(pair) => {
                let point = pair.public_key().as_ref();
                PublicKey::P256 { x: encode(&point[1..33]), y: encode(&point[33..65]) }
            }
        }
    }

    /// The key as it is stored, under the name `kid` and its id `cred_{kid}`.
    #[must_use]
    pub fn credential(&self, kid: &str, alg: AssertionAlgorithm) -> Credential {
        Credential {
            id: CredentialId::from_raw(format!("cred_{kid}")),
            name: None,
            kid: kid.to_owned(),
            alg,
            public_key: self.public(),
            thumbprint_sha256: String::new(),
            created_at: BEGINNING,
            updated_at: BEGINNING,
            expires_at: None,
        }
    }

    /// A compact JWS over `claims`, under the algorithm the header names.
    ///
    /// # Panics
    /// If the key cannot sign that way.
    #[must_use]
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encode(header), encode(claims));
        let random = SystemRandom::new();
        let signature = match self {
            Self::P256(pair) => {
                pair.sign(&random, text.as_bytes()).expect("signs").as_ref().to_vec()
            }
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let scheme: &dyn aws_lc_rs::signature::RsaEncoding = match header["alg"].as_str() {
                    Some("RS384") => &RSA_PKCS1_SHA384,
                    Some("RS512") => &RSA_PKCS1_SHA512,
                    Some("PS256") => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                pair.sign(scheme, &random, text.as_bytes(), &mut signature).expect("signs");
                signature
            }
        };
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The claims of a good assertion, made now.
#[must_use]
pub fn claims(client: &str, audience: &str, jti: &str, now: Timestamp) -> Value {
    let now = now.as_seconds();
    json!({
        "iss": client, "sub": client, "aud": audience, "iat": now, "exp": now + 120, "jti": jti,
    })
}
