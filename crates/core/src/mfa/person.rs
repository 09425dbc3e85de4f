//! Whoever gives or enrols a second factor, as they are now.

use super::{Choice, SecondFactors, Way};
use crate::call::Call;
use crate::factor::{AuthenticationMethod, MethodKind};
use crate::id::UserId;
use crate::port::{StoreError, Tx};
use crate::user::User;

/// Somebody and their methods.
pub(crate) struct Person {
    /// Who.
    pub user: User,
    /// All methods, oldest first, unconfirmed ones included.
    pub methods: Vec<AuthenticationMethod>,
}

impl Person {
    /// The person of that id; none if they are gone or blocked.
    pub(crate) async fn read(tx: &mut dyn Tx, id: &UserId) -> Result<Option<Self>, StoreError> {
        let Some(user) = tx.user(id).await?.filter(|user| !user.blocked) else { return Ok(None) };
        let methods = tx.methods(id).await?;
        Ok(Some(Self { user, methods }))
    }

    /// The same; nobody else changes them until the transaction ends.
    pub(crate) async fn locked(tx: &mut dyn Tx, id: &UserId) -> Result<Option<Self>, StoreError> {
        tx.lock_user(id).await?;
        Self::read(tx, id).await
    }

    /// What they can prove a second factor with.
    pub(crate) fn factors(&self, call: &Call) -> SecondFactors {
        SecondFactors::of(call, &self.user, &self.methods)
    }

    /// The method of a choice.
    pub(crate) fn method(&self, choice: &Choice) -> Option<&AuthenticationMethod> {
        self.methods.iter().find(|method| Some(&method.id) == choice.method.as_ref())
    }

    /// Where a code goes, or which device is asked. Whoever only knows the password learns no
    /// address here.
    pub(crate) fn masked_target(&self, choice: &Choice) -> String {
        match (choice.way, self.method(choice).map(|method| &method.kind)) {
            (Way::Email, Some(MethodKind::Email { address })) => masked_address(address),
            (Way::Email, _) => {
                self.user.profile.email.as_deref().map(masked_address).unwrap_or_default()
            }
            (Way::Sms | Way::Voice, Some(MethodKind::Phone { number, .. })) => number.masked(),
            (Way::PushNotification | Way::Otp, _) => {
                self.method(choice).and_then(|method| method.name.clone()).unwrap_or_default()
            }
            _ => String::new(),
        }
    }
}

fn masked_address(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String =
        local.chars().take(2.min(local.chars().count().saturating_sub(1))).collect();
    let (name, rest) = domain.split_once('.').unwrap_or((domain, ""));
    let initial: String = name.chars().take(1).collect();
    format!("{first}****@{initial}***.{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_recognised_by_their_owner_alone() {
        assert_eq!(masked_address("ada.lovelace@example.com"), "ad****@e***.com");
        assert_eq!(masked_address("a@b.example"), "****@b***.example");
    }
}
