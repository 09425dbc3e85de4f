//! Verifying what was issued here.

use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::SigningAlgorithm;
use super::claims::{AccessClaims, ClientClaims, OneOrMany, WireClaims, open_opaque};
use crate::app::App;
use crate::call::Call;
use crate::id::ClientId;

/// A token that is not good here; why is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidToken;

/// Checks signature, algorithm, key, issuer, audience and expiry of an access token.
///
/// # Errors
/// [`InvalidToken`], whatever is wrong.
pub fn verify_access_token(
    call: &Call,
    token: &str,
    audience: &str,
) -> Result<AccessClaims, InvalidToken> {
    let claims: WireClaims = verify_signature(call, token)?;
    check(call, &claims, |aud| aud.contains(audience))?;
    Ok(claims.into_domain())
}

/// The same for `/userinfo`, which also takes opaque tokens.
///
/// # Errors
/// [`InvalidToken`], whatever is wrong.
pub fn verify_for_userinfo(
    app: &App,
    call: &Call,
    token: &str,
) -> Result<AccessClaims, InvalidToken> {
    let claims = match open_opaque(app, call, token) {
        Some(claims) => claims,
        None => verify_signature(call, token)?,
    };
    let own = format!("{}userinfo", call.issuer);
    check(call, &claims, |aud| aud.contains(&call.userinfo_audience()) || aud.contains(&own))?;
    Ok(claims.into_domain())
}

/// Why a token of an application that acts for itself is not good here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientTokenError {
    /// It was.
    Expired,
    /// It was made or changed by somebody else.
    BadSignature,
    /// Anything else.
    Invalid,
}

/// Checks the access token of an application that acts for itself, for an API of ours.
///
/// # Errors
/// See [`ClientTokenError`].
pub fn verify_client_token(
    call: &Call,
    token: &str,
    audience: &str,
) -> Result<ClientClaims, ClientTokenError> {
    if decode_header(token).is_err() {
        return Err(ClientTokenError::Invalid);
    }
    let claims: WireClaims =
        verify_signature(call, token).map_err(|InvalidToken| ClientTokenError::BadSignature)?;
    // Whoever manages calls any host of the tenant with the token of any other (contract 05 M19).
    if !call.is_issuer(&claims.iss) || !claims.aud.contains(audience) {
        return Err(ClientTokenError::Invalid);
    }
    if call.now.as_seconds() >= claims.exp {
        return Err(ClientTokenError::Expired);
    }
    claims.into_client().ok_or(ClientTokenError::Invalid)
}

fn check(
    call: &Call,
    claims: &WireClaims,
    for_us: impl Fn(&OneOrMany) -> bool,
) -> Result<(), InvalidToken> {
    let good = claims.iss == call.issuer
        && for_us(&claims.aud)
        && call.now.as_seconds() < claims.exp
        && !claims.is_client();
    if good { Ok(()) } else { Err(InvalidToken) }
}

/// The claims of an ID token that come back in `id_token_hint`.
#[derive(Clone, Debug, Deserialize)]
pub struct HintClaims {
    /// The user.
    pub sub: String,
    /// The application.
    pub aud: String,
    /// The session.
    pub sid: Option<String>,
    iss: String,
    exp: Option<i64>,
}

/// An ID token issued here, expired or not.
///
/// # Errors
/// [`InvalidToken`], whatever is wrong.
pub fn verify_id_token_hint(
    app: &App,
    call: &Call,
    token: &str,
) -> Result<HintClaims, InvalidToken> {
    let claims = verified_id_token(app, call, token)?;
    if claims.iss == call.issuer { Ok(claims) } else { Err(InvalidToken) }
}

fn verified_id_token(app: &App, call: &Call, token: &str) -> Result<HintClaims, InvalidToken> {
    let header = decode_header(token).map_err(|_| InvalidToken)?;
    match header.alg {
        Algorithm::HS256 => verify_shared(app, call, token),
        _ => verify_signature(call, token),
    }
}

/// An ID token that some host of the tenant issued to one of its applications, and that holds.
///
/// # Errors
/// [`InvalidToken`], whatever is wrong.
pub fn verify_id_token(app: &App, call: &Call, token: &str) -> Result<HintClaims, InvalidToken> {
    let claims = verified_id_token(app, call, token)?;
    let holds = claims.exp.is_some_and(|end| call.now.as_seconds() < end);
    let is_for_client = call.tenant.client(&ClientId::from_raw(&claims.aud)).is_some();
    if call.is_issuer(&claims.iss) && holds && is_for_client {
        Ok(claims)
    } else {
        Err(InvalidToken)
    }
}

/// An ID token under the secret of the application it says it is for, if that one's are made so.
fn verify_shared(app: &App, call: &Call, token: &str) -> Result<HintClaims, InvalidToken> {
    let said: HintClaims = insecure_decode(token).map_err(|_| InvalidToken)?.claims;
    let client = call.tenant.client(&ClientId::from_raw(&said.aud));
    let client = client.filter(|client| client.settings.id_token_alg == SigningAlgorithm::Hs256);
    let secret = client.and_then(|client| client.reveal_secret(app, &call.tenant.id).ok()?);
    let secret = secret.ok_or(InvalidToken)?;
    verify(token, &DecodingKey::from_secret(secret.as_bytes()), Algorithm::HS256)
}

/// Only RSA under a published key of the tenant; the header chooses among these, nothing else.
fn verify_signature<T: DeserializeOwned + Clone>(
    call: &Call,
    token: &str,
) -> Result<T, InvalidToken> {
    let header = decode_header(token).map_err(|_| InvalidToken)?;
    if !matches!(header.alg, Algorithm::RS256 | Algorithm::RS512 | Algorithm::PS256) {
        return Err(InvalidToken);
    }
    let key = header.kid.and_then(|kid| call.tenant.key(&kid)).ok_or(InvalidToken)?;
    verify(token, &key.verifier, header.alg)
}

fn verify<T: DeserializeOwned + Clone>(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
) -> Result<T, InvalidToken> {
    let mut validation = Validation::new(algorithm);
    // Times and audiences are checked by the caller, against the clock of the call.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    decode::<T>(token, key, &validation).map(|data| data.claims).map_err(|_| InvalidToken)
}
