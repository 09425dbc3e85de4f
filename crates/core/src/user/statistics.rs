//! How somebody has used their account.

use super::{LinkedIdentity, User};
use crate::time::Timestamp;

/// How somebody has used their account so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// When they authenticated last.
    pub last_login: Option<Timestamp>,
    /// From which address.
    pub last_ip: Option<String>,
    /// How often.
    pub logins_count: i64,
    /// When they changed their password last, if ever.
    pub last_password_reset: Option<Timestamp>,
}

/// A user as those who run the tenant see them.
#[derive(Clone, Debug)]
pub struct UserRecord {
    /// The user.
    pub user: User,
    /// What is counted about them.
    pub statistics: Statistics,
    /// The accounts that were linked to theirs, the earliest first.
    pub linked: Vec<LinkedIdentity>,
}
