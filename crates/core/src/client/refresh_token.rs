//! How an application's refresh tokens live (contract 03 §9.1).

use serde::{Deserialize, Serialize};

/// How an application's refresh tokens live. Lifetimes are in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent settings, as administrators see them"
)]
pub struct RefreshTokenSettings {
    /// Each exchange replaces the token.
    pub rotating: bool,
    /// Tokens end. Without it neither lifetime counts.
    pub expiring: bool,
    /// How long a replaced token may be replayed.
    pub leeway: i64,
    /// Until a family ends for good.
    pub token_lifetime: i64,
    /// Until an unused family ends.
    pub idle_token_lifetime: i64,
    /// There is no end for good.
    pub infinite_token_lifetime: bool,
    /// Being unused ends nothing.
    pub infinite_idle_token_lifetime: bool,
    /// Other APIs for which a refresh token is good.
    pub policies: Vec<RefreshTokenPolicy>,
}

/// An API for which a refresh token that was issued for another is good (contract 03 §9.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshTokenPolicy {
    /// Its identifier.
    pub audience: String,
    /// The scopes it is good for.
    #[serde(default)]
    pub scope: Vec<String>,
}

impl RefreshTokenSettings {
    /// Seconds until a family ends for good; none is never.
    #[must_use]
    pub fn absolute(&self) -> Option<i64> {
        (self.expiring && !self.infinite_token_lifetime).then_some(self.token_lifetime)
    }

    /// Seconds until an unused family ends; none is never.
    #[must_use]
    pub fn idle(&self) -> Option<i64> {
        (self.expiring && !self.infinite_idle_token_lifetime).then_some(self.idle_token_lifetime)
    }
}

const LIFETIME: i64 = 2_592_000;

impl Default for RefreshTokenSettings {
    fn default() -> Self {
        Self {
            rotating: false,
            expiring: true,
            leeway: 0,
            token_lifetime: LIFETIME,
            idle_token_lifetime: LIFETIME,
            infinite_token_lifetime: false,
            infinite_idle_token_lifetime: false,
            policies: Vec::new(),
        }
    }
}

/// The stored form. At first a lifetime that was `null` meant that there is none.
#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    rotating: bool,
    expiring: Option<bool>,
    #[serde(default)]
    leeway: i64,
    #[serde(default = "some_lifetime")]
    token_lifetime: Option<i64>,
    #[serde(default = "some_lifetime")]
    idle_token_lifetime: Option<i64>,
    infinite_token_lifetime: Option<bool>,
    infinite_idle_token_lifetime: Option<bool>,
    #[serde(default)]
    policies: Vec<RefreshTokenPolicy>,
}

#[expect(clippy::unnecessary_wraps, reason = "the type of what it is the default of")]
fn some_lifetime() -> Option<i64> {
    Some(LIFETIME)
}

impl From<Stored> for RefreshTokenSettings {
    fn from(stored: Stored) -> Self {
        let is_infinite =
            |flag: Option<bool>, lifetime: Option<i64>| flag.unwrap_or_else(|| lifetime.is_none());
        Self {
            rotating: stored.rotating,
            expiring: stored.expiring.unwrap_or(true),
            leeway: stored.leeway,
            infinite_token_lifetime: is_infinite(
                stored.infinite_token_lifetime,
                stored.token_lifetime,
            ),
            infinite_idle_token_lifetime: is_infinite(
                stored.infinite_idle_token_lifetime,
                stored.idle_token_lifetime,
            ),
            token_lifetime: stored.token_lifetime.unwrap_or(LIFETIME),
            idle_token_lifetime: stored.idle_token_lifetime.unwrap_or(LIFETIME),
            policies: stored.policies,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> RefreshTokenSettings {
        serde_json::from_str(text).expect("reads")
    }

    #[test]
    fn settings_of_an_older_version_read_back() {
        let never =
            read(r#"{"rotating":true,"leeway":3,"token_lifetime":null,"idle_token_lifetime":9}"#);
        assert_eq!((never.absolute(), never.idle()), (None, Some(9)));
        assert!(never.rotating && never.leeway == 3);
        assert_eq!(read("{}"), RefreshTokenSettings::default());
    }

    #[test]
    fn what_does_not_expire_has_no_end() {
        let settings = RefreshTokenSettings { expiring: false, ..RefreshTokenSettings::default() };
        assert_eq!((settings.absolute(), settings.idle()), (None, None));
        let stored = serde_json::to_string(&settings).expect("writes");
        assert_eq!(read(&stored), settings);
    }
}
