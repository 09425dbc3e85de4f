//! Scopes (RFC 6749 §3.3): an ordered set, because answers keep the order of the request.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Scope values in the order asked for, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeSet(Vec<String>);

/// The scopes of OpenID Connect that need no API (contract 03 §3.7).
const OIDC: &[&str] = &[
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "offline_access",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "email_verified",
    "picture",
    "created_at",
    "identities",
];

/// Whether `scope` is one of OpenID Connect's, which skip an API's access rules.
#[must_use]
pub fn is_oidc(scope: &str) -> bool {
    OIDC.contains(&scope)
}

impl ScopeSet {
    /// Splits a space-separated list, dropping repetitions.
    #[must_use]
    pub fn parse(list: &str) -> Self {
        list.split_ascii_whitespace().collect()
    }

    /// Whether `scope` is among them.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|own| own == scope)
    }

    /// Whether every scope of `other` is among them.
    #[must_use]
    pub fn is_superset(&self, other: &Self) -> bool {
        other.iter().all(|scope| self.contains(scope))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Those for which `keep` holds, in the same order.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        self.iter().filter(|scope| keep(scope)).collect()
    }

    /// These and then those of `other` that are not yet among them.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }
}

impl<'a> FromIterator<&'a str> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(scopes: I) -> Self {
        let mut unique: Vec<String> = Vec::new();
        for scope in scopes {
            if !unique.iter().any(|own| own == scope) {
                unique.push(scope.to_owned());
            }
        }
        Self(unique)
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_drops_repetitions() {
        assert_eq!(ScopeSet::parse("b  a b\tc").to_string(), "b a c");
    }

    #[test]
    fn superset_and_union() {
        let granted = ScopeSet::parse("openid read:x");
        assert!(granted.is_superset(&ScopeSet::parse("read:x")));
        assert!(!granted.is_superset(&ScopeSet::parse("write:x")));
        assert_eq!(granted.union(&ScopeSet::parse("read:x a")).to_string(), "openid read:x a");
    }
}
