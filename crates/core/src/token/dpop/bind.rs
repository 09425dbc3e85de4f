//! Whether the tokens of a request are bound (contract 03 §12.2).

use super::{Binding, MISSING, Proof, ProofError};
use crate::client::Client;
use crate::resource_server::{Possession, ResourceServer};

/// The key to bind the tokens to, if they are to be bound. `api` is the one they are for; none is
/// the userinfo endpoint alone.
///
/// # Errors
/// If the API or the application insists on bound tokens and these would not be.
pub(crate) fn bind<'a>(
    client: &Client,
    api: Option<&ResourceServer>,
    proof: Option<&'a Proof>,
) -> Result<Option<&'a Binding>, ProofError> {
    let possession = api.map_or(Possession::Optional, |api| api.possession_of(client));
    decide(possession, client.settings.require_proof_of_possession, proof.map(|own| &own.binding))
}

fn decide(
    possession: Possession,
    client_insists: bool,
    key: Option<&Binding>,
) -> Result<Option<&Binding>, ProofError> {
    match (possession, key) {
        (Possession::Unsupported, _) if client_insists => Err(ProofError::Invalid(
            "The client requires tokens bound to a key, which the API does not take",
        )),
        (Possession::Unsupported, _) => Ok(None),
        (_, Some(key)) => Ok(Some(key)),
        (Possession::Required, None) => Err(ProofError::Invalid(MISSING)),
        (Possession::Optional, None) if client_insists => Err(ProofError::Invalid(MISSING)),
        (Possession::Optional, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_table_of_the_contract() {
        use Possession::{Optional, Required, Unsupported};
        // What the API says, whether the client insists; without a proof, with one: none is refused.
        let rows = [
            (Unsupported, false, Some(false), Some(false)),
            (Unsupported, true, None, None),
            (Optional, false, Some(false), Some(true)),
            (Optional, true, None, Some(true)),
            (Required, false, None, Some(true)),
            (Required, true, None, Some(true)),
        ];
        let key = Binding::from_raw("key");
        for (possession, insists, without, with) in rows {
            let bound = |key| decide(possession, insists, key).ok().map(|bound| bound.is_some());
            assert_eq!(bound(None), without, "{possession:?} {insists} without");
            assert_eq!(bound(Some(&key)), with, "{possession:?} {insists} with");
        }
    }
}
