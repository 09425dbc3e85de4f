//! Client assertions: a client proves who it is with a key (RFC 7523 §3, contract 03 §6.2).

use jsonwebtoken::{Algorithm, DecodingKey, Validation, dangerous, decode, decode_header};
use serde::Deserialize;

use super::{AssertionAlgorithm, Client, ClientAuthError, Credential, PublicKey};
use crate::app::App;
use crate::call::Call;
use crate::id::ClientId;
use crate::secret::HandleHash;
use crate::time::Timestamp;

/// `client_assertion_type`.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Sizes worth looking at.
const MAX_ASSERTION: usize = 2048;
const MAX_NAME: usize = 64;
/// Seconds an assertion may be good for, and how far the client's clock may be ahead.
const LIFETIME: f64 = 300.0;
const SKEW: f64 = 10.0;

/// An assertion that nobody has verified.
#[derive(Clone, Debug)]
pub(super) struct Unverified<'a> {
    text: &'a str,
    kid: Option<String>,
    alg: AssertionAlgorithm,
    /// Who it says it is by.
    pub client_id: ClientId,
}

/// Instants may have fractions (RFC 7519 §2).
#[derive(Clone, Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audiences,
    exp: f64,
    iat: Option<f64>,
    nbf: Option<f64>,
    jti: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Audiences {
    One(String),
    Many(Vec<String>),
}

/// Takes an assertion apart.
///
/// # Errors
/// [`ClientAuthError::Malformed`] if it is none.
pub(super) fn parse(text: &str) -> Result<Unverified<'_>, ClientAuthError> {
    let malformed = ClientAuthError::Malformed("client_assertion is not valid");
    if text.len() > MAX_ASSERTION {
        return Err(malformed);
    }
    let (Ok(header), Ok(data)) =
        (decode_header(text), dangerous::insecure_decode_claims::<Claims>(text))
    else {
        return Err(malformed);
    };
    let names = [&data.iss, &data.sub, &data.jti];
    let are_sound = names.iter().all(|name| (1..=MAX_NAME).contains(&name.len()));
    let alg = AssertionAlgorithm::ALL.into_iter().find(|own| jose(*own) == header.alg);
    match alg {
        Some(alg) if are_sound && data.iss == data.sub && header.crit.is_none() => {
            Ok(Unverified { text, kid: header.kid, alg, client_id: ClientId::from_raw(data.sub) })
        }
        _ => Err(malformed),
    }
}

/// Verifies an assertion and uses it up.
///
/// # Errors
/// [`ClientAuthError::Refused`], whatever is wrong.
pub(super) async fn verify(
    app: &App,
    call: &Call,
    client: &Client,
    assertion: &Unverified<'_>,
) -> Result<(), ClientAuthError> {
    let claims = client
        .settings
        .assertion_keys(call.now)
        .filter(|key| key.alg == assertion.alg)
        .filter(|key| assertion.kid.as_ref().is_none_or(|kid| *kid == key.kid))
        .find_map(|key| signed(assertion.text, key))
        .ok_or(ClientAuthError::Refused)?;
    if !is_for_us(call, &claims.aud) || !is_in_time(app.clock().wall(), &claims) {
        return Err(ClientAuthError::Refused);
    }
    let id = HandleHash::of(format!("assertion|{}|{}", client.id, claims.jti).as_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "a few minutes")]
    let until = call.now.plus_seconds((LIFETIME + 2.0 * SKEW) as i64);
    let mut tx = app.write_passing(&call.tenant.id).await?;
    let is_first = tx.spend_once(&id, until).await?;
    tx.commit().await?;
    if is_first { Ok(()) } else { Err(ClientAuthError::Refused) }
}

/// The claims, if `key` signed them.
fn signed(text: &str, key: &Credential) -> Option<Claims> {
    let verifier = match &key.public_key {
        PublicKey::Rsa { n, e } => DecodingKey::from_rsa_components(n, e),
        PublicKey::P256 { x, y } => DecodingKey::from_ec_components(x, y),
    };
    let mut validation = Validation::new(jose(key.alg));
    // Times and audiences are checked against the call, not against the machine.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    decode::<Claims>(text, &verifier.ok()?, &validation).map(|data| data.claims).ok()
}

fn jose(alg: AssertionAlgorithm) -> Algorithm {
    match alg {
        AssertionAlgorithm::RS256 => Algorithm::RS256,
        AssertionAlgorithm::RS384 => Algorithm::RS384,
        AssertionAlgorithm::PS256 => Algorithm::PS256,
        AssertionAlgorithm::ES256 => Algorithm::ES256,
    }
}

/// The issuer that was called or the tenant's own, or the token endpoint of either.
fn is_for_us(call: &Call, audiences: &Audiences) -> bool {
    let issuers = [call.issuer.clone(), call.canonical_issuer()];
    let is_ours = |audience: &String| {
        issuers.iter().any(|issuer| {
            let path = audience.strip_prefix(issuer.as_str());
            path.is_some_and(|path| path.is_empty() || path == "oauth/token")
        })
    };
    match audiences {
        Audiences::One(own) => is_ours(own),
        Audiences::Many(all) => all.iter().any(is_ours),
    }
}

/// By the machine's clock: in dev mode a test moves the server's, and never the client's.
fn is_in_time(wall: Timestamp, claims: &Claims) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "exact for many thousand years")]
    let now = wall.as_seconds() as f64;
    let has_begun = |at: Option<f64>| at.is_none_or(|at| at <= now + SKEW);
    let lifetime = claims.exp - claims.iat.unwrap_or(now);
    now < claims.exp
        && lifetime <= LIFETIME
        && claims.exp <= now + LIFETIME + SKEW
        && has_begun(claims.iat)
        && has_begun(claims.nbf)
}
