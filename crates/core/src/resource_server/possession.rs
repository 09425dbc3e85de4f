//! `proof_of_possession`: whether an API takes tokens that are bound to a key (contract 03 §12.2,
//! 05 §5.1).

use serde::{Deserialize, Serialize};

use super::{ResourceServer, ResourceServerKind};
use crate::client::Client;

/// What an API says about tokens that are bound to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofOfPossession {
    /// How they are bound.
    pub mechanism: PossessionMechanism,
    /// Whether it takes no others.
    pub required: bool,
    /// Of whom it takes no others; all, if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_for: Option<RequiredFor>,
}

/// `proof_of_possession.mechanism`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PossessionMechanism {
    /// A signed proof with every request (RFC 9449).
    Dpop,
    /// The certificate of the connection (RFC 8705). Kept for whoever set it; not served here.
    Mtls,
}

/// `proof_of_possession.required_for`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequiredFor {
    /// Applications without a secret.
    PublicClients,
    /// Everybody.
    AllClients,
}

/// What an API makes of the tokens of one application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Possession {
    /// They are not bound, proof or not.
    Unsupported,
    /// They are bound if there is a proof.
    Optional,
    /// There are none without a proof.
    Required,
}

impl ProofOfPossession {
    /// What the My Account API begins with (contract 05 §5.3).
    #[must_use]
    pub fn optional() -> Self {
        Self { mechanism: PossessionMechanism::Dpop, required: false, required_for: None }
    }

    fn of(self, is_public: bool) -> Possession {
        let is_meant = is_public || self.required_for != Some(RequiredFor::PublicClients);
        match self.mechanism {
            PossessionMechanism::Mtls => Possession::Unsupported,
            PossessionMechanism::Dpop if self.required && is_meant => Possession::Required,
            PossessionMechanism::Dpop => Possession::Optional,
        }
    }
}

impl ResourceServer {
    /// Whether it takes tokens that are bound to a key, of anybody.
    #[must_use]
    pub fn takes_proofs(&self) -> bool {
        self.settings.proof_of_possession.is_some_and(|own| own.of(true) != Possession::Unsupported)
    }

    /// What becomes of the tokens of `client` for this API. The Management API reads no proofs.
    #[must_use]
    pub fn possession_of(&self, client: &Client) -> Possession {
        let setting = self.settings.proof_of_possession;
        setting
            .filter(|_| self.kind != ResourceServerKind::Management)
            .map_or(Possession::Unsupported, |own| own.of(client.settings.is_public()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_required_of_whom_it_says() {
        use Possession::{Optional, Required, Unsupported};
        let dpop = PossessionMechanism::Dpop;
        let rows = [
            (dpop, false, None, Optional, Optional),
            (dpop, false, Some(RequiredFor::AllClients), Optional, Optional),
            (dpop, true, None, Required, Required),
            (dpop, true, Some(RequiredFor::AllClients), Required, Required),
            (dpop, true, Some(RequiredFor::PublicClients), Required, Optional),
            (PossessionMechanism::Mtls, true, None, Unsupported, Unsupported),
        ];
        for (mechanism, required, required_for, public, confidential) in rows {
            let setting = ProofOfPossession { mechanism, required, required_for };
            assert_eq!(
                (setting.of(true), setting.of(false)),
                (public, confidential),
                "{setting:?}"
            );
        }
    }
}
