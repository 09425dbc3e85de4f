//! What tokens are signed with (RFC 7518 §3.1).

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaSignatureEncoding,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::error::Fault;

/// The algorithm of an application's ID tokens or an API's access tokens. The stored form is the
/// one on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SigningAlgorithm {
    /// The one that every library knows.
    #[default]
    Rs256,
    /// With the longer hash.
    Rs512,
    /// With the better padding.
    Ps256,
    /// Under a secret that both sides know, instead of a key pair.
    Hs256,
}

impl SigningAlgorithm {
    /// `alg` of the header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Hs256 => "HS256",
        }
    }

    /// How a key of the tenant signs with it; none if keys do not.
    pub(super) fn of_keys(self) -> Option<&'static RsaSignatureEncoding> {
        match self {
            Self::Rs256 => Some(&RSA_PKCS1_SHA256),
            Self::Rs512 => Some(&RSA_PKCS1_SHA512),
            Self::Ps256 => Some(&RSA_PSS_SHA256),
            Self::Hs256 => None,
        }
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

/// A compact JWS (RFC 7515 §3.1) over `claims`.
///
/// Written here rather than with the JOSE library because that parses and checks the private key
/// anew for every signature, which costs more than the signature.
pub(super) fn compact(
    alg: SigningAlgorithm,
    typ: &str,
    kid: Option<&str>,
    claims: &impl Serialize,
    sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, Fault>,
) -> Result<String, Fault> {
    let header = Header { alg: alg.as_str(), typ, kid };
    let mut token = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header).map_err(Fault::new)?);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims).map_err(Fault::new)?, &mut token);
    let signature = sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// A token under a shared secret (HS256).
pub(super) fn sign_shared(
    secret: &str,
    typ: &str,
    claims: &impl Serialize,
) -> Result<String, Fault> {
    compact(SigningAlgorithm::Hs256, typ, None, claims, |text| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Ok(hmac::sign(&key, text).as_ref().to_vec())
    })
}
