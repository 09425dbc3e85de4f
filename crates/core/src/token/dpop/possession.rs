//! Access tokens at a resource: those that are bound come with a proof, and only those
//! (RFC 9449 §7, contract 03 §12.4).

use super::{Binding, NonceRule, PresentedProof, Proof, ProofError, verify};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;

/// The authentication scheme of an access token, which is also its `token_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenScheme {
    /// Whoever has it may use it (RFC 6750).
    Bearer,
    /// Only who has the key may (RFC 9449).
    Dpop,
}

impl TokenScheme {
    /// The name on the wire. Clients compare it whatever its case, and send it back as it is.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }

    /// The scheme of that name, in any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Bearer, Self::Dpop].into_iter().find(|own| own.as_str().eq_ignore_ascii_case(name))
    }
}

/// An access token as a request presents it.
#[derive(Clone, Debug)]
pub struct PresentedToken<'a> {
    /// As what.
    pub scheme: TokenScheme,
    /// The token.
    pub token: &'a str,
    /// What proves that it is the caller's.
    pub proof: Option<PresentedProof<'a>>,
}

/// Why a good token is not good as it was presented.
#[derive(Debug)]
pub enum PossessionError {
    /// The token does not go with the scheme; why.
    Scheme(&'static str),
    /// The proof does not hold.
    Proof(ProofError),
}

impl From<Fault> for PossessionError {
    fn from(fault: Fault) -> Self {
        Self::Proof(ProofError::Fault(fault))
    }
}

/// Checks that who presents a token has the key it is bound to. The proof that shows it is still to
/// be [spent](Proof::spend); a token without a binding needs none.
///
/// # Errors
/// See [`PossessionError`].
pub(crate) fn check_possession(
    app: &App,
    call: &Call,
    presented: &PresentedToken<'_>,
    binding: Option<&Binding>,
) -> Result<Option<Proof>, PossessionError> {
    let binding = match (presented.scheme, binding) {
        (TokenScheme::Bearer, None) => return Ok(None),
        (TokenScheme::Bearer, Some(_)) => {
            return Err(PossessionError::Scheme("The access token is bound to a key"));
        }
        (TokenScheme::Dpop, None) => {
            return Err(PossessionError::Scheme("The access token is not bound to a key"));
        }
        (TokenScheme::Dpop, Some(binding)) => binding,
    };
    let nonce = if call.tenant.settings.dpop_nonce_at_resources {
        NonceRule::Required
    } else {
        NonceRule::IfSent
    };
    let presented_proof = presented.proof.as_ref();
    let presented_proof =
        presented_proof.ok_or(PossessionError::Proof(ProofError::Invalid(super::MISSING)))?;
    let proof = verify(app, call, presented_proof, Some(presented.token), nonce)
        .map_err(PossessionError::Proof)?;
    if proof.binding == *binding {
        Ok(Some(proof))
    } else {
        let text = "The DPoP proof is not by the key of the access token";
        Err(PossessionError::Proof(ProofError::Invalid(text)))
    }
}

/// Uses up the proof that came with a token. After a few minutes it is worth nothing, so this does
/// not wait for the disk.
///
/// # Errors
/// [`PossessionError::Proof`] if somebody did before.
pub(crate) async fn spend_at_resource(
    app: &App,
    call: &Call,
    proof: &Proof,
) -> Result<(), PossessionError> {
    let mut tx = app.write_passing(&call.tenant.id).await?;
    proof.spend(call, &mut *tx).await.map_err(PossessionError::Proof)?;
    tx.commit().await.map_err(Fault::from)?;
    Ok(())
}
