//! Signing for Google (RS256) and Apple (ES256).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use housekey_core::port::DeliveryError;
use housekey_core::secret::SecretText;
use serde_json::Value;

use super::refused;

/// A token signed with an RSA key.
pub(super) fn rs256(
    header: &Value,
    claims: &Value,
    pem: &SecretText,
) -> Result<SecretText, DeliveryError> {
    let key = RsaKeyPair::from_pkcs8(&pkcs8(pem)?).map_err(|_| unusable())?;
    sign(header, claims, |text| {
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
        Some(signature)
    })
}

/// A token signed with a P-256 key.
pub(super) fn es256(
    header: &Value,
    claims: &Value,
    pem: &SecretText,
) -> Result<SecretText, DeliveryError> {
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8(pem)?);
    let key = key.map_err(|_| unusable())?;
    sign(header, claims, |text| {
        key.sign(&SystemRandom::new(), text).ok().map(|signature| signature.as_ref().to_vec())
    })
}

fn sign(
    header: &Value,
    claims: &Value,
    signature: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Result<SecretText, DeliveryError> {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let text = format!("{}.{}", encode(header), encode(claims));
    let signature = signature(text.as_bytes()).ok_or_else(unusable)?;
    Ok(SecretText::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
}

/// The key in a PEM file (RFC 7468): what stands between its first two lines of dashes.
fn pkcs8(pem: &SecretText) -> Result<Vec<u8>, DeliveryError> {
    let body: String = pem
        .expose()
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .skip(1)
        .take_while(|line| !line.starts_with("-----"))
        .map(str::trim)
        .collect();
    STANDARD.decode(body).ok().filter(|der| !der.is_empty()).ok_or_else(unusable)
}

fn unusable() -> DeliveryError {
    refused("the provider's private key cannot be used")
}
