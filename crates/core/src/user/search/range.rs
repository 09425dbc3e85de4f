//! Ranges of numbers and instants. An end that names a day, a month or a year means all of it.

use time::{Date, Month, OffsetDateTime, format_description::well_known::Rfc3339};

use super::NumberField;

/// From one number up to, but not including, another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first number in it; none is the least.
    pub from: Option<i64>,
    /// The first number behind it; none is the greatest.
    pub to: Option<i64>,
}

impl Range {
    /// Everything.
    pub const ALL: Self = Self { from: None, to: None };

    /// Whether a number lies in it.
    #[must_use]
    pub fn contains(&self, number: i64) -> bool {
        self.from.is_none_or(|from| number >= from) && self.to.is_none_or(|to| number < to)
    }
}

/// What a text stands for in a field, from its first number to the first behind it; none if it is
/// no number or date.
pub(super) fn span(field: NumberField, text: &str) -> Option<(i64, i64)> {
    match field {
        NumberField::LoginsCount => {
            let number: i64 = text.parse().ok()?;
            Some((number, number.checked_add(1)?))
        }
        NumberField::CreatedAt | NumberField::LastLogin | NumberField::UpdatedAt => instants(text),
    }
}

fn instants(text: &str) -> Option<(i64, i64)> {
    if let Ok(instant) = OffsetDateTime::parse(text, &Rfc3339) {
        let from = milliseconds(instant)?;
        let length = if text.contains('.') { 1 } else { 1000 };
        return Some((from, from + length));
    }
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month =
        parts.next().map(|text| number(text, 2)).map_or(Some(None), |part| part.map(Some))?;
    let day = parts.next().map(|text| number(text, 2)).map_or(Some(None), |part| part.map(Some))?;
    if parts.next().is_some() {
        return None;
    }
    let from = date(year, month.unwrap_or(1), day.unwrap_or(1))?;
    let to = match (month, day) {
        (Some(_), Some(_)) => from.next_day()?,
        (Some(12), None) | (None, _) => date(year + 1, 1, 1)?,
        (Some(month), None) => date(year, month + 1, 1)?,
    };
    let midnight = |date: Date| milliseconds(date.midnight().assume_utc());
    Some((midnight(from)?, midnight(to)?))
}

fn number(text: &str, digits: usize) -> Option<i32> {
    let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
}

fn milliseconds(instant: OffsetDateTime) -> Option<i64> {
    i64::try_from(instant.unix_timestamp_nanos() / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_last_as_long_as_they_say() {
        const DAY: i64 = 86_400_000;
        let length = |text: &str| instants(text).map(|(from, to)| to - from);
        assert_eq!(length("2026"), Some(365 * DAY));
        assert_eq!(length("2026-12"), Some(31 * DAY));
        assert_eq!(length("2026-02"), Some(28 * DAY));
        assert_eq!(length("2026-02-03"), Some(DAY));
        assert_eq!(length("2026-02-03T10:00:00Z"), Some(1000));
        assert_eq!(length("2026-02-03T10:00:00.123Z"), Some(1));
        assert_eq!(instants("2026-01-01").map(|(from, _)| from), Some(1_767_225_600_000));
        for nonsense in
            ["", "x", "26", "2026-", "2026-13", "2026-02-30", "2026-1-1", "2026-01-01-01"]
        {
            assert_eq!(instants(nonsense), None, "{nonsense}");
        }
    }
}
