//! How long a tenant's sessions live, and in which cookies.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How sessions live. Minutes, stored in hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionSettings {
    /// Until a session ends for good.
    #[serde(rename = "session_lifetime_hours", with = "hours")]
    pub lifetime: i64,
    /// Until an unused session ends.
    #[serde(rename = "idle_session_lifetime_hours", with = "hours")]
    pub idle_lifetime: i64,
    /// The same of sessions whose cookie ends with the browser.
    #[serde(rename = "ephemeral_session_lifetime_hours", with = "hours")]
    pub ephemeral_lifetime: i64,
    /// The same of sessions whose cookie ends with the browser.
    #[serde(rename = "idle_ephemeral_session_lifetime_hours", with = "hours")]
    pub idle_ephemeral_lifetime: i64,
    /// Which cookie a session has.
    #[serde(rename = "session_cookie_mode")]
    pub cookie: CookieMode,
}

/// When a browser forgets a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CookieMode {
    /// When the session ends.
    #[default]
    Persistent,
    /// When it is closed.
    NonPersistent,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            lifetime: 168 * 60,
            idle_lifetime: 72 * 60,
            ephemeral_lifetime: 72 * 60,
            idle_ephemeral_lifetime: 24 * 60,
            cookie: CookieMode::Persistent,
        }
    }
}

impl SessionSettings {
    /// Seconds until a new session ends for good.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        60 * match self.cookie {
            CookieMode::Persistent => self.lifetime,
            CookieMode::NonPersistent => self.ephemeral_lifetime,
        }
    }

    /// Seconds until a session ends that is not used.
    #[must_use]
    pub fn idle_seconds(&self) -> i64 {
        60 * match self.cookie {
            CookieMode::Persistent => self.idle_lifetime,
            CookieMode::NonPersistent => self.idle_ephemeral_lifetime,
        }
    }
}

/// Minutes that are written in hours.
mod hours {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields so")]
    #[expect(clippy::cast_precision_loss, reason = "nobody lives so many minutes")]
    pub(super) fn serialize<S: Serializer>(minutes: &i64, to: S) -> Result<S::Ok, S::Error> {
        if minutes % 60 == 0 {
            (minutes / 60).serialize(to)
        } else {
            (*minutes as f64 / 60.0).serialize(to)
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        Ok((f64::deserialize(from)? * 60.0).round() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_minute_reads_back_from_hours() {
        for minutes in (1..20_000).chain([525_600]) {
            let settings = SessionSettings { lifetime: minutes, ..SessionSettings::default() };
            let stored = serde_json::to_string(&settings).expect("writes");
            let read: SessionSettings = serde_json::from_str(&stored).expect("reads");
            assert_eq!(read, settings, "{stored}");
        }
    }

    #[test]
    fn what_an_older_version_stored_is_read() {
        let stored = r#"{"session_lifetime_hours":3,"idle_session_lifetime_hours":1}"#;
        let read: SessionSettings = serde_json::from_str(stored).expect("reads");
        assert_eq!((read.seconds(), read.idle_seconds()), (3 * 3600, 3600));
    }
}
