//! Reading: the list, one method, and how a path names a method (contract 01 §3).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{AccountError, Caller};
use crate::factor::{AuthenticationMethod, FactorType};
use crate::port::Account;
use crate::time::Timestamp;
use crate::user::Password;

/// A stored method as it is listed.
#[derive(Clone, Debug)]
pub enum Listed {
    /// Any method with a row of its own.
    Method(AuthenticationMethod),
    /// The password of the user's identity.
    Password {
        /// The identity.
        identity_user_id: String,
        /// The password.
        password: Password,
    },
}

impl Listed {
    pub(super) fn password(account: &Account) -> Option<Self> {
        let password = account.password.clone()?;
        let identity_user_id = account.user.identity_id().to_owned();
        Some(Self::Password { identity_user_id, password })
    }

    /// The full id, `{type}|{suffix}`.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Method(method) => method.full_id(),
            Self::Password { identity_user_id, .. } => {
                format!("password|{}", URL_SAFE_NO_PAD.encode(identity_user_id))
            }
        }
    }

    fn created_at(&self) -> Timestamp {
        match self {
            Self::Method(method) => method.created_at,
            Self::Password { password, .. } => password.created_at,
        }
    }
}

/// A method as a path names it: `{type}|{suffix}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodRef {
    /// Before the bar.
    pub factor: FactorType,
    /// Behind it.
    pub suffix: String,
}

impl MethodRef {
    /// The suffix of enrolments that have no stored method yet.
    pub const NEW: &'static str = "new";

    /// Reads a decoded path segment.
    #[must_use]
    pub fn parse(segment: &str) -> Option<Self> {
        let (factor, suffix) = segment.split_once('|')?;
        let factor = FactorType::parse(factor)?;
        (!suffix.is_empty() && !suffix.contains('|'))
            .then(|| Self { factor, suffix: suffix.to_owned() })
    }

    /// The caller's method of that name.
    pub(super) fn find(&self, account: &Account) -> Option<Listed> {
        let wanted = format!("{}|{}", self.factor, self.suffix);
        all(account).into_iter().find(|method| method.id() == wanted)
    }

    /// The caller's method of that name, unless it is the password, which has no row.
    pub(super) fn find_method(&self, account: &Account) -> Option<AuthenticationMethod> {
        match self.find(account)? {
            Listed::Method(method) => Some(method),
            Listed::Password { .. } => None,
        }
    }
}

fn all(account: &Account) -> Vec<Listed> {
    let methods = account.methods.iter().cloned().map(Listed::Method);
    let mut listed: Vec<_> = Listed::password(account).into_iter().chain(methods).collect();
    listed.sort_by_key(Listed::created_at);
    listed
}

/// The caller's methods, oldest first; of one factor if given.
#[must_use]
pub fn list(caller: &Caller, only: Option<FactorType>) -> Vec<Listed> {
    let factor_of = |method: &Listed| match method {
        Listed::Method(method) => method.kind.factor(),
        Listed::Password { .. } => FactorType::Password,
    };
    all(&caller.account)
        .into_iter()
        .filter(|method| only.is_none_or(|only| factor_of(method) == only))
        .collect()
}

/// One of the caller's methods.
///
/// # Errors
/// [`AccountError::NotFound`] for anything else, somebody else's methods included.
pub fn get(caller: &Caller, segment: &str) -> Result<Listed, AccountError> {
    MethodRef::parse(segment)
        .and_then(|method| method.find(&caller.account))
        .ok_or(AccountError::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_methods() {
        let parsed = MethodRef::parse("totp|dev_1").expect("well-formed");
        assert_eq!((parsed.factor, parsed.suffix.as_str()), (FactorType::Totp, "dev_1"));
        for nonsense in ["", "totp", "totp|", "|dev_1", "sms|dev_1", "totp|a|b", "TOTP|x"] {
            assert_eq!(MethodRef::parse(nonsense), None, "{nonsense}");
        }
    }
}
