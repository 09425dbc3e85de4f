//! The filter `date`: a time in a form of strftime.

use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

/// The time in `value` by `form`; none if it is no time.
pub(super) fn format(value: &Value, form: &str, now: i64) -> Option<Value> {
    let at = match value {
        Value::String(text) => read(text.trim(), now)?,
        Value::Number(seconds) => OffsetDateTime::from_unix_timestamp(seconds.as_i64()?).ok()?,
        _ => return None,
    };
    let mut printed = String::new();
    let mut letters = form.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            printed.push(letter);
            continue;
        }
        let next = letters.next();
        let (is_bare, next) =
            if next == Some('-') { (true, letters.next()) } else { (false, next) };
        let part = part(at, next?);
        let short = part.trim_start_matches(['0', ' ']);
        printed.push_str(match (is_bare, short) {
            (false, _) => &part,
            (true, "") => "0",
            (true, short) => short,
        });
    }
    Some(printed.into())
}

fn read(text: &str, now: i64) -> Option<OffsetDateTime> {
    if matches!(text, "now" | "today") {
        return OffsetDateTime::from_unix_timestamp(now).ok();
    }
    if let Ok(at) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(at);
    }
    let mut parts = text.get(..10)?.splitn(3, '-').map(str::parse::<u16>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year.into(), month, u8::try_from(day).ok()?).ok()?;
    Some(PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_utc())
}

fn part(at: OffsetDateTime, letter: char) -> String {
    let month = at.month().to_string();
    let weekday = at.weekday().to_string();
    let hour = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    match letter {
        'Y' => at.year().to_string(),
        'y' => format!("{:02}", at.year().rem_euclid(100)),
        'm' => format!("{:02}", u8::from(at.month())),
        'd' => format!("{:02}", at.day()),
        'e' => format!("{:2}", at.day()),
        'j' => format!("{:03}", at.ordinal()),
        'H' => format!("{:02}", at.hour()),
        'I' => format!("{hour:02}"),
        'l' => format!("{hour:2}"),
        'M' => format!("{:02}", at.minute()),
        'S' => format!("{:02}", at.second()),
        'p' => (if at.hour() < 12 { "AM" } else { "PM" }).to_owned(),
        'B' => month,
        'b' | 'h' => month[..3].to_owned(),
        'A' => weekday,
        'a' => weekday[..3].to_owned(),
        'F' => format!("{}-{}-{}", part(at, 'Y'), part(at, 'm'), part(at, 'd')),
        'D' => format!("{}/{}/{}", part(at, 'm'), part(at, 'd'), part(at, 'y')),
        'T' => format!("{}:{}:{}", part(at, 'H'), part(at, 'M'), part(at, 'S')),
        'R' => format!("{}:{}", part(at, 'H'), part(at, 'M')),
        's' => at.unix_timestamp().to_string(),
        'Z' => "UTC".to_owned(),
        'z' => "+0000".to_owned(),
        '%' => "%".to_owned(),
        other => format!("%{other}"),
    }
}
