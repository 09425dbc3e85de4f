//! How a tenant wards off those who guess (contract 05 §17).

use serde::{Deserialize, Serialize};

use crate::guard::Limit;

/// How long until one more wrong password is forgiven, in milliseconds.
const FORGIVEN_AFTER_MS: i64 = 360_000;

/// How a tenant wards off those who guess.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AttackProtection {
    /// Against guessing one person's password.
    pub brute_force: BruteForce,
    /// Against addresses that try many.
    pub suspicious_ip: SuspiciousIp,
}

/// Against guessing one person's password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BruteForce {
    /// Whether anything is counted.
    pub enabled: bool,
    /// What is done about it.
    pub shields: Vec<Shield>,
    /// Addresses and networks that are let be.
    pub allowlist: Vec<String>,
    /// What is counted together.
    pub mode: CountMode,
    /// Wrong passwords before it is done.
    pub max_attempts: u32,
}

/// Against addresses that try many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SuspiciousIp {
    /// Whether anything is counted.
    pub enabled: bool,
    /// What is done about it.
    pub shields: Vec<Shield>,
    /// Addresses and networks that are let be.
    pub allowlist: Vec<String>,
    /// Wrong passwords of one address.
    pub pre_login: Stage,
    /// Accounts made from one address.
    pub pre_user_registration: Stage,
    /// Kept: token exchange with profiles is not built.
    pub pre_custom_token_exchange: Stage,
}

/// So many attempts, and how fast there are more again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// At once.
    pub max_attempts: u32,
    /// Milliseconds until there is one more.
    pub rate: i64,
}

/// What is done about an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shield {
    /// Administrators can see it, in the log.
    AdminNotification,
    /// No more attempts for a while.
    Block,
    /// The person is told by mail.
    UserNotification,
}

/// What is counted together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountMode {
    /// Attempts at one name, wherever they come from.
    CountPerIdentifier,
    /// Attempts at one name from one address.
    #[default]
    CountPerIdentifierAndIp,
}

impl Default for BruteForce {
    fn default() -> Self {
        Self {
            enabled: true,
            shields: vec![Shield::Block, Shield::UserNotification],
            allowlist: Vec::new(),
            mode: CountMode::default(),
            max_attempts: 10,
        }
    }
}

impl Default for SuspiciousIp {
    fn default() -> Self {
        Self {
            enabled: true,
            shields: vec![Shield::AdminNotification, Shield::Block],
            allowlist: Vec::new(),
            pre_login: Stage { max_attempts: 100, rate: 864_000 },
            pre_user_registration: Stage { max_attempts: 50, rate: 1200 },
            pre_custom_token_exchange: Stage { max_attempts: 10, rate: 600_000 },
        }
    }
}

impl BruteForce {
    /// Wrong passwords at once, and how they are forgiven.
    #[must_use]
    pub fn limit(&self) -> Limit {
        Stage { max_attempts: self.max_attempts, rate: FORGIVEN_AFTER_MS }.limit()
    }
}

impl Stage {
    /// The same as a limit.
    #[must_use]
    pub fn limit(self) -> Limit {
        Limit { requests: self.max_attempts, period_ms: i64::from(self.max_attempts) * self.rate }
    }
}
