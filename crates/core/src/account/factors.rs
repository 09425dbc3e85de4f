//! `GET /factors`: what the person could enrol (contract 01 §3.6).

use crate::call::Call;
use crate::factor::FactorType;

/// Whether this version can enrol the factor through the My Account API.
pub(super) fn is_built(factor: FactorType) -> bool {
    match factor {
        FactorType::Email
        | FactorType::Password
        | FactorType::Phone
        | FactorType::RecoveryCode
        | FactorType::Totp => true,
        FactorType::Passkey
        | FactorType::PushNotification
        | FactorType::WebauthnPlatform
        | FactorType::WebauthnRoaming => false,
    }
}

/// The factors that are on, in the order screens draw them. A factor stays listed once enrolled;
/// `password` never is: Android draws unknown factors as authenticator apps.
#[must_use]
pub fn factors(call: &Call) -> Vec<FactorType> {
    let switches = call.tenant.settings.factors;
    FactorType::ALL
        .into_iter()
        .filter(|factor| *factor != FactorType::Password)
        .filter(|factor| is_built(*factor) && switches.allow(*factor))
        .collect()
}
