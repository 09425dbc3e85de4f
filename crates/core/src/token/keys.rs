//! Signing keys: RSA 2048, which RS256, the one signature every SDK accepts, needs (contract 03 §2.2).

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Serialize;

use super::algorithm::{SigningAlgorithm, compact};
use crate::error::Fault;
use crate::id::{KeyId, TenantId};
use crate::port::Random;
use crate::seal::{Place, Sealer};
use crate::time::Timestamp;

/// Where a key stands in its life: next → current → previous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Signs.
    Current,
    /// Published, signs after the next rotation.
    Next,
    /// Published, so that what it signed still verifies.
    Previous,
}

impl KeyState {
    /// The name in storage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Next => "next",
            Self::Previous => "previous",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Current, Self::Next, Self::Previous].into_iter().find(|own| own.as_str() == name)
    }
}

/// A key as stored: its private part sealed.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// `kid`.
    pub id: KeyId,
    /// Where it stands.
    pub state: KeyState,
    /// PKCS #8, sealed.
    pub sealed_private: Vec<u8>,
    /// Self-signed certificate, DER, for `x5c`.
    pub certificate: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it signed.
    pub reign: Reign,
}

/// From when until when a key was the current one, as far as that came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reign {
    /// From.
    pub since: Option<Timestamp>,
    /// Until.
    pub until: Option<Timestamp>,
}

/// What is left of a key whose tokens are no longer accepted.
#[derive(Clone, Debug)]
pub struct RevokedKey {
    /// `kid`.
    pub id: KeyId,
    /// Self-signed certificate, DER.
    pub certificate: Vec<u8>,
    /// When it signed.
    pub reign: Reign,
    /// When it was revoked.
    pub revoked_at: Timestamp,
}

/// A key ready for use.
pub struct SigningKey {
    /// `kid`.
    pub id: KeyId,
    /// Where it stands.
    pub state: KeyState,
    /// When it signed.
    pub reign: Reign,
    /// Self-signed certificate, DER.
    pub certificate: Vec<u8>,
    /// Modulus, base64url.
    pub modulus: String,
    /// Public exponent, base64url.
    pub exponent: String,
    /// For verification.
    pub verifier: DecodingKey,
    pair: RsaKeyPair,
}

fn place<'a>(tenant: &'a TenantId, id: &'a KeyId) -> Place<'a> {
    Place { tenant: tenant.as_str(), table: "signing_keys", row: id.as_str() }
}

impl SigningKey {
    /// Opens a stored key.
    ///
    /// # Errors
    /// If it was sealed under another master key or is damaged.
    pub fn open(tenant: &TenantId, stored: &StoredKey, sealer: &Sealer) -> Result<Self, Fault> {
        let private = sealer.open(place(tenant, &stored.id), &stored.sealed_private)?;
        let pair = RsaKeyPair::from_pkcs8(&private).map_err(|error| {
            Fault::new(format!("signing key {} is damaged: {error}", stored.id))
        })?;
        let public = pair.public_key();
        let modulus = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
        let exponent = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
        let verifier = DecodingKey::from_rsa_components(&modulus, &exponent).map_err(Fault::new)?;
        Ok(Self {
            id: stored.id.clone(),
            state: stored.state,
            reign: stored.reign,
            certificate: stored.certificate.clone(),
            modulus,
            exponent,
            verifier,
            pair,
        })
    }

    /// SHA-1 of the certificate, by which people and older protocols call it.
    #[must_use]
    pub fn fingerprint(&self) -> Vec<u8> {
        fingerprint(&self.certificate)
    }

    /// `x5t`: the fingerprint in base64url (RFC 7517 §4.8).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.fingerprint())
    }

    /// A compact JWS over `claims`.
    ///
    /// # Errors
    /// If the algorithm is none of keys, or the claims do not serialise.
    pub fn sign_as(
        &self,
        algorithm: SigningAlgorithm,
        typ: &str,
        claims: &impl Serialize,
    ) -> Result<String, Fault> {
        let encoding = algorithm.of_keys().ok_or_else(|| Fault::new("keys do not sign so"))?;
        compact(algorithm, typ, Some(self.id.as_str()), claims, |text| {
            let mut signature = vec![0; self.pair.public_modulus_len()];
            self.pair
                .sign(encoding, &SystemRandom::new(), text, &mut signature)
                .map_err(|_| Fault::new("signing failed"))?;
            Ok(signature)
        })
    }
}

/// SHA-1 of a certificate, by which people and older protocols call it.
#[must_use]
pub fn fingerprint(certificate: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate).as_ref().to_vec()
}

/// Makes a new key with a self-signed certificate for `host`. Takes a good part of a second.
///
/// # Errors
/// If the cryptographic library fails.
pub fn generate_key(
    tenant: &TenantId,
    host: &str,
    state: KeyState,
    sealer: &Sealer,
    random: &dyn Random,
    now: Timestamp,
) -> Result<StoredKey, Fault> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048)
        .map_err(|_| Fault::new("generating an RSA key failed"))?;
    let private: Pkcs8V1Der<'_> =
        pair.as_der().map_err(|_| Fault::new("encoding an RSA key failed"))?;
    let id = KeyId::generate(random);
    let certificate = self_signed(private.as_ref(), host)?;
    let sealed_private = sealer.seal(place(tenant, &id), private.as_ref(), random)?;
    let since = (state == KeyState::Current).then_some(now);
    let reign = Reign { since, until: None };
    Ok(StoredKey { id, state, sealed_private, certificate, created_at: now, reign })
}

fn self_signed(private: &[u8], host: &str) -> Result<Vec<u8>, Fault> {
    let name = host.split(':').next().unwrap_or(host);
    let key =
        rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&private.into(), &rcgen::PKCS_RSA_SHA256)
            .map_err(Fault::new)?;
    let mut params = rcgen::CertificateParams::new(Vec::new()).map_err(Fault::new)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    Ok(params.self_signed(&key).map_err(Fault::new)?.der().to_vec())
}

/// One rotation at `now`: next becomes current, current becomes previous, `fresh` is the new next.
/// Previous keys stay published until they are revoked, so live tokens keep verifying.
#[must_use]
pub fn rotate(mut keys: Vec<StoredKey>, fresh: StoredKey, now: Timestamp) -> Vec<StoredKey> {
    let mut promoted = false;
    for key in &mut keys {
        key.state = match key.state {
            // Two processes may each have made a next key; only one of them can sign.
            KeyState::Next if promoted => KeyState::Next,
            KeyState::Next => {
                promoted = true;
                key.reign.since = Some(now);
                KeyState::Current
            }
            KeyState::Current => {
                key.reign.until = Some(now);
                KeyState::Previous
            }
            KeyState::Previous => KeyState::Previous,
        };
    }
    keys.push(fresh);
    keys
}
