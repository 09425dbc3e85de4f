//! `GET /factors`: what the person could enrol (contract 01 §3.6).

use super::Caller;
use crate::call::Call;
use crate::factor::FactorType;

/// Whether this version can enrol the factor through the My Account API.
fn is_built(factor: FactorType) -> bool {
    match factor {
        FactorType::Email
        | FactorType::Passkey
        | FactorType::Password
        | FactorType::Phone
        | FactorType::PushNotification
        | FactorType::RecoveryCode
        | FactorType::Totp => true,
        FactorType::WebauthnPlatform | FactorType::WebauthnRoaming => false,
    }
}

/// Whether people of this tenant may enrol the factor: it is on, and what it needs is there.
pub(super) fn is_available(call: &Call, factor: FactorType) -> bool {
    let settings = &call.tenant.settings;
    let is_configured = factor != FactorType::PushNotification || settings.push.is_configured();
    is_built(factor) && settings.factors.allow(factor) && is_configured
}

/// The factors that are on, in the order screens draw them. A factor stays listed once enrolled;
/// `password` never is: Android draws unknown factors as authenticator apps.
#[must_use]
pub fn factors(call: &Call, caller: &Caller) -> Vec<FactorType> {
    let connection = call.tenant.connection(&caller.account.user.connection_id);
    let passkeys = connection.is_some_and(|own| own.options.passkey.enabled);
    FactorType::ALL
        .into_iter()
        .filter(|factor| *factor != FactorType::Password)
        .filter(|factor| is_available(call, *factor))
        .filter(|factor| *factor != FactorType::Passkey || passkeys)
        .collect()
}
