//! Proof of possession on the wire: the proof, the token it comes with, and what is answered
//! (RFC 9449 §4.1, §7.1, §8.2).

use axum::response::Response;
use housekey_core::token::dpop::{
    ALGORITHM, PossessionError, PresentedProof, PresentedToken, ProofError, TokenScheme,
    fresh_nonce,
};
use housekey_core::{App, Call};
use http::{HeaderMap, HeaderValue};

use crate::headers::authorization;

const PROOF: &str = "dpop";

/// What a developer reads who has to send a nonce.
pub(crate) const NONCE_WANTED: &str = "Resource server requires nonce in DPoP proof";

/// The proof in the headers of a request, good or not.
pub(crate) fn proof<'a>(
    headers: &'a HeaderMap,
    method: &'a str,
    path: &'a str,
) -> Option<PresentedProof<'a>> {
    let values = headers.get_all(PROOF).iter();
    // What is not even text is no proof either, and is refused as such.
    let headers: Vec<_> = values.map(|value| value.to_str().unwrap_or_default()).collect();
    (!headers.is_empty()).then_some(PresentedProof { headers, method, path })
}

/// The access token in the headers of a request.
pub(crate) fn token<'a>(
    headers: &'a HeaderMap,
    method: &'a str,
    path: &'a str,
) -> Option<PresentedToken<'a>> {
    let (scheme, token) = authorization(headers)?;
    let scheme = TokenScheme::parse(scheme)?;
    Some(PresentedToken { scheme, token, proof: proof(headers, method, path) })
}

/// Gives whoever sent a proof, or a token that takes one, the nonce for the next.
pub(crate) fn offer_nonce(response: &mut Response, app: &App, call: &Call, request: &HeaderMap) {
    let is_scheme = |(scheme, _)| TokenScheme::parse(scheme) == Some(TokenScheme::Dpop);
    if !request.contains_key(PROOF) && !authorization(request).is_some_and(is_scheme) {
        return;
    }
    if let Ok(nonce) = HeaderValue::try_from(fresh_nonce(app, call)) {
        response.headers_mut().insert("dpop-nonce", nonce);
    }
}

/// The challenge that tells what was wrong with how a token was presented. Clients take the error
/// from the first parameter, which must come right after the scheme.
pub(crate) fn challenge(error: &PossessionError) -> String {
    let (code, text) = told(error);
    let algorithms = match error {
        PossessionError::Proof(ProofError::NonceWanted) => String::new(),
        _ => format!(", algs=\"{ALGORITHM}\""),
    };
    format!("DPoP error=\"{code}\", error_description=\"{text}\"{algorithms}")
}

/// The challenge that tells a client it might use bound tokens.
pub(crate) fn invitation() -> String {
    format!("DPoP algs=\"{ALGORITHM}\"")
}

/// Code and words of an error.
pub(crate) fn told(error: &PossessionError) -> (&'static str, &'static str) {
    match error {
        PossessionError::Scheme(why) => ("invalid_token", why),
        PossessionError::Proof(ProofError::Invalid(why)) => ("invalid_dpop_proof", why),
        PossessionError::Proof(ProofError::NonceWanted | ProofError::Fault(_)) => {
            ("use_dpop_nonce", NONCE_WANTED)
        }
    }
}
