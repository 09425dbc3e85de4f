//! One proof: read, verified, compared with its request (RFC 9449 §4.3), and used up.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Binding, nonce, target};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::port::{StoreError, Tx};
use crate::secret::{HandleHash, constant_time_eq};

/// Seconds a proof may be old, and how far the client's clock may be ahead.
const AGE: i64 = 300;
const AHEAD: i64 = 30;
/// The longest proof, and the longest `jti`, that are worth looking at.
const MAX_PROOF: usize = 4096;
const MAX_JTI: usize = 256;
/// Members of a JWK that only a private or symmetric key has (RFC 7518 §6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// What is told where a proof is needed and there is none.
pub(crate) const MISSING: &str = "A DPoP proof is required";

/// What a request carries as proof.
#[derive(Clone, Debug)]
pub struct PresentedProof<'a> {
    /// The values of its `DPoP` headers.
    pub headers: Vec<&'a str>,
    /// Its method.
    pub method: &'a str,
    /// The path that was called, as it was sent.
    pub path: &'a str,
}

/// Why a proof does not do.
#[derive(Debug)]
pub enum ProofError {
    /// It is missing or does not hold; why.
    Invalid(&'static str),
    /// It has to be made anew with a nonce of this server.
    NonceWanted,
    /// Not the client's fault.
    Fault(Fault),
}

impl From<StoreError> for ProofError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// What is expected of the nonce of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NonceRule {
    /// It does not matter: sending the client back would cost more than it is worth.
    Ignored,
    /// If there is one it is ours.
    IfSent,
    /// There is one, and it is ours.
    Required,
}

/// A proof that holds.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    /// Whose it is.
    pub binding: Binding,
    /// Its `jti`, for this key.
    id: HandleHash,
}

impl Proof {
    /// Uses the proof up.
    ///
    /// # Errors
    /// [`ProofError::Invalid`] if somebody did before.
    pub(crate) async fn spend(&self, call: &Call, tx: &mut dyn Tx) -> Result<(), ProofError> {
        // After that its `iat` is too old.
        let until = call.now.plus_seconds(AGE + AHEAD);
        if tx.spend_once(&self.id, until).await? {
            Ok(())
        } else {
            Err(ProofError::Invalid("The DPoP proof was used before"))
        }
    }
}

#[derive(Clone, Deserialize)]
struct Claims {
    htm: String,
    htu: String,
    /// Some clients tell fractions of seconds (RFC 7519 §2).
    iat: f64,
    jti: String,
    nonce: Option<String>,
    ath: Option<String>,
}

/// Checks all there is to check about a proof but whether it was used before. With `token` it has
/// to be for that access token.
///
/// # Errors
/// See [`ProofError`].
pub(crate) fn verify(
    app: &App,
    call: &Call,
    presented: &PresentedProof<'_>,
    token: Option<&str>,
    rule: NonceRule,
) -> Result<Proof, ProofError> {
    let [text] = presented.headers[..] else {
        return Err(ProofError::Invalid("There must be exactly one DPoP header"));
    };
    let (key, claims) = signed(text).ok_or(ProofError::Invalid("The DPoP proof is not valid"))?;
    check_request(call, presented, &claims)?;
    check_age(app, claims.iat)?;
    if let Some(token) = token {
        check_token(token, claims.ath.as_deref())?;
    }
    check_nonce(app, call, claims.nonce.as_deref(), rule)?;
    let thumbprint = key.thumbprint(ThumbprintHash::SHA256);
    let thumbprint = thumbprint.map_err(|error| ProofError::Fault(Fault::new(error)))?;
    let id = HandleHash::of(format!("dpop|{thumbprint}|{}", claims.jti).as_bytes());
    Ok(Proof { binding: Binding::from_raw(thumbprint), id })
}

/// The key and the claims, if the key in the header signed them.
fn signed(text: &str) -> Option<(Jwk, Claims)> {
    if text.len() > MAX_PROOF {
        return None;
    }
    let header = decode_header(text).ok()?;
    let is_proof = header.typ.as_deref() == Some("dpop+jwt")
        && header.alg == Algorithm::ES256
        && header.crit.is_none();
    let key = header.jwk.filter(|_| is_proof && !shows_private_key(text))?;
    let AlgorithmParameters::EllipticCurve(point) = &key.algorithm else { return None };
    if point.curve != EllipticCurve::P256 {
        return None;
    }
    let verifier = DecodingKey::from_ec_components(&point.x, &point.y).ok()?;
    let mut validation = Validation::new(Algorithm::ES256);
    // Times are checked against the machine's clock as the application sees it.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = decode::<Claims>(text, &verifier, &validation).ok()?.claims;
    let is_sound = !claims.jti.is_empty() && claims.jti.len() <= MAX_JTI && claims.iat.is_finite();
    is_sound.then_some((key, claims))
}

/// Whether the header's key has members that must never travel. The type of a JWK drops them, so
/// the header is looked at once more.
fn shows_private_key(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Header {
        jwk: Map<String, Value>,
    }
    let header = text.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header = header.and_then(|json| serde_json::from_slice::<Header>(&json).ok());
    header.is_none_or(|header| PRIVATE.iter().any(|name| header.jwk.contains_key(*name)))
}

fn check_request(
    call: &Call,
    presented: &PresentedProof<'_>,
    claims: &Claims,
) -> Result<(), ProofError> {
    if claims.htm != presented.method {
        return Err(ProofError::Invalid("The htm of the DPoP proof is not the method"));
    }
    let called = format!("{}{}", call.issuer, presented.path.trim_start_matches('/'));
    if target::is_same(&claims.htu, &called) {
        Ok(())
    } else {
        Err(ProofError::Invalid("The htu of the DPoP proof is not the URL"))
    }
}

/// By the machine's clock: in dev mode a test moves the server's, and never the client's.
fn check_age(app: &App, iat: f64) -> Result<(), ProofError> {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and then it is out of range")]
    let age = app.clock().wall().as_seconds().saturating_sub(iat.floor() as i64);
    if (-AHEAD..=AGE).contains(&age) {
        Ok(())
    } else {
        Err(ProofError::Invalid("The iat of the DPoP proof is not recent"))
    }
}

fn check_token(token: &str, ath: Option<&str>) -> Result<(), ProofError> {
    let hash = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, token.as_bytes()));
    if ath.is_some_and(|ath| constant_time_eq(ath.as_bytes(), hash.as_bytes())) {
        Ok(())
    } else {
        Err(ProofError::Invalid("The ath of the DPoP proof is not that of the access token"))
    }
}

fn check_nonce(
    app: &App,
    call: &Call,
    sent: Option<&str>,
    rule: NonceRule,
) -> Result<(), ProofError> {
    let is_enough = match (rule, sent) {
        (NonceRule::Ignored, _) | (NonceRule::IfSent, None) => true,
        (NonceRule::Required, None) => false,
        (_, Some(nonce)) => nonce::is_ours(app, call, nonce),
    };
    if is_enough { Ok(()) } else { Err(ProofError::NonceWanted) }
}
