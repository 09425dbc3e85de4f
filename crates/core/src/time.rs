//! Instants as the domain sees them: milliseconds since the Unix epoch, handed in from outside.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// An instant in milliseconds since the Unix epoch (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The instant `seconds` later (earlier when negative).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Whole seconds since the epoch, as JWT's `NumericDate` wants them (RFC 7519 §2).
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Whole seconds since the epoch, never before the instant.
    #[must_use]
    pub const fn rounded_up(self) -> i64 {
        self.0.saturating_add(999).div_euclid(1000)
    }

    /// Seconds passed since `earlier`, rounded down; negative if `earlier` lies ahead.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1000)
    }

    /// RFC 3339 in UTC with exactly three fraction digits: `2026-01-01T00:00:00.000Z`.
    ///
    /// Native clients refuse dates without the fraction (contract 01 §3.3).
    #[must_use]
    pub fn rfc3339(self) -> String {
        let format = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|instant| instant.format(format).ok())
            .unwrap_or_else(|| "1970-01-01T00:00:00.000Z".to_owned())
    }

    /// Reads an instant (RFC 3339).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let instant = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(instant.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
    }

    /// For people, to the minute: `1 January 2026, 00:00 UTC`.
    #[must_use]
    pub fn in_words(self) -> String {
        let format =
            format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|instant| instant.format(format).ok())
            .unwrap_or_else(|| self.rfc3339())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_with_milliseconds_and_z() {
        assert_eq!(Timestamp(1_767_225_600_007).rfc3339(), "2026-01-01T00:00:00.007Z");
    }

    #[test]
    fn people_read_minutes() {
        assert_eq!(Timestamp(1_767_225_600_007).in_words(), "1 January 2026, 00:00 UTC");
    }

    #[test]
    fn seconds_round_towards_the_past() {
        assert_eq!(Timestamp(1_999).as_seconds(), 1);
        assert_eq!(Timestamp(-1).as_seconds(), -1);
        assert_eq!([1000, 1001, 2000].map(|ms| Timestamp(ms).rounded_up()), [1, 2, 2]);
        assert_eq!(Timestamp(10_000).seconds_since(Timestamp(9_001)), 0);
    }
}
