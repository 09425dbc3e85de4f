//! From a stored account to the view the rule needs.

use super::{Credential, CredentialKey, Keeper, WaysIn};
use crate::call::Call;
use crate::factor::{AuthenticationMethod, FactorType, MethodKind};
use crate::port::Account;
use crate::tenant::{LoadedTenant, MfaPolicy};
use crate::user::{Identifier, User};

impl WaysIn {
    /// The ways into a stored account.
    #[must_use]
    pub fn of(call: &Call, account: &Account) -> Self {
        let user = &account.user;
        let password = account.password.is_some().then(Credential::password);
        let connection = call.tenant.connection(&user.connection_id);
        let takes_passkeys = connection.is_some_and(|own| own.options.passkey.enabled);
        let stored = account.methods.iter().map(|method| {
            let own = Credential::of(&call.tenant, method);
            let passkeys = own.kind != FactorType::Passkey || takes_passkeys;
            Credential { switched_on: own.switched_on && passkeys, ..own }
        });
        Self {
            credentials: password.into_iter().chain(stored).collect(),
            reset_paths: reset_paths(user),
            // In this version a password is what people of every connection sign up with, and
            // those that take passkeys keep it besides them (contract 01 §4.8).
            keeps_password: connection.is_some(),
            requires_second_factor: requires_second_factor(&call.tenant),
        }
    }
}

/// Whether people of the tenant must keep a second factor once they have one: because of the
/// tenant's policy, or because of that of the My Account API (contract 04 §8.1, §9.2).
fn requires_second_factor(tenant: &LoadedTenant) -> bool {
    let by_tenant = match tenant.settings.mfa_policy {
        MfaPolicy::AllApplications => true,
        MfaPolicy::ConfidenceScore | MfaPolicy::Never => false,
    };
    by_tenant || tenant.my_account().is_some_and(|api| api.settings.authorization_policy.is_some())
}

/// The mailbox of the profile, once mail was seen to arrive there.
fn reset_paths(user: &User) -> Vec<Keeper> {
    let address = user.profile.email.as_deref().filter(|_| user.profile.email_verified);
    address.and_then(mailbox).into_iter().collect()
}

fn mailbox(address: &str) -> Option<Keeper> {
    Identifier::email(address).map(|mailbox| Keeper::Mailbox(mailbox.value().to_owned()))
}

impl Credential {
    /// A stored method.
    #[must_use]
    pub fn of(tenant: &LoadedTenant, method: &AuthenticationMethod) -> Self {
        let key = CredentialKey::Method(method.id.clone());
        let kind = method.kind.factor();
        Self {
            kind,
            confirmed: method.confirmed,
            switched_on: tenant.settings.factors.allow(kind),
            keeper: keeper(&method.kind).unwrap_or_else(|| Keeper::Itself(key.clone())),
            key,
        }
    }

    /// The password.
    #[must_use]
    pub fn password() -> Self {
        Self {
            key: CredentialKey::Password,
            kind: FactorType::Password,
            confirmed: true,
            switched_on: true,
            keeper: Keeper::Itself(CredentialKey::Password),
        }
    }
}

/// The mailbox, phone or shared device behind a method, if it depends on one.
fn keeper(kind: &MethodKind) -> Option<Keeper> {
    match kind {
        MethodKind::Email { address } => mailbox(address),
        MethodKind::Phone { number, .. } => Some(Keeper::Phone(number.as_str().to_owned())),
        MethodKind::Passkey(_)
        | MethodKind::PushNotification { .. }
        | MethodKind::RecoveryCode { .. }
        | MethodKind::Totp { .. }
        | MethodKind::WebauthnPlatform(_)
        | MethodKind::WebauthnRoaming(_) => None,
    }
}
