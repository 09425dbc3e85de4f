//! Codes by text message or call.

use serde::{Deserialize, Serialize};

use super::MethodKind;

/// How a code reaches a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhoneChannel {
    /// A text message.
    Sms,
    /// A call that reads the code aloud.
    Voice,
}

impl PhoneChannel {
    /// The wire name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Voice => "voice",
        }
    }

    /// The channel of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Sms, Self::Voice].into_iter().find(|channel| channel.as_str() == name)
    }
}

/// A telephone number as E.164 writes it: `+` and 7 to 15 digits, beginning with a country code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

/// The shortest numbers in use have four digits behind a country code of three.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

impl PhoneNumber {
    /// Reads what somebody typed. Spaces, dashes and parentheses are left out; without a leading
    /// `+` the number is one of the country with `calling_code`.
    #[must_use]
    pub fn parse(typed: &str, calling_code: Option<&str>) -> Option<Self> {
        let plain: String =
            typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')')).collect();
        let digits = match plain.strip_prefix('+') {
            Some(digits) => digits.to_owned(),
            None => international(&plain, calling_code?),
        };
        let well_formed = DIGITS.contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        well_formed.then(|| Self(format!("+{digits}")))
    }

    /// Takes over a number that was stored.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::parse(text, None).filter(|number| number.0 == text)
    }

    /// The last four digits. How many there are is nobody's business either (contract 04 §11.6).
    #[must_use]
    pub fn masked(&self) -> String {
        format!("XXXXXXXX{}", &self.0[self.0.len() - 4..])
    }

    /// Without the country's calling code.
    #[must_use]
    pub fn national(&self) -> &str {
        let digits = self.0.trim_start_matches('+');
        digits.get(calling_code_length(digits)..).unwrap_or_default()
    }

    /// The number with its `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many digits of a number are its country's calling code (E.164 annex, ITU-T list of codes).
fn calling_code_length(digits: &str) -> usize {
    const TWO: [&str; 43] = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46",
        "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
        "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95",
    ];
    match digits.get(..2) {
        _ if digits.starts_with(['1', '7']) => 1,
        Some(begin) if TWO.contains(&begin) || begin == "98" => 2,
        _ => 3,
    }
}

/// Whether `text` can be a country's calling code (E.164 §6.2.1): one to three digits.
#[must_use]
pub fn is_calling_code(text: &str) -> bool {
    (1..=3).contains(&text.len())
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Most countries put a zero before a number that is dialled at home. Italy's zero belongs to it.
fn international(national: &str, calling_code: &str) -> String {
    let significant = match national.strip_prefix('0') {
        Some(rest) if calling_code != "39" => rest,
        _ => national,
    };
    format!("{calling_code}{significant}")
}

/// The method for a number.
#[must_use]
pub fn begin(number: PhoneNumber, channel: PhoneChannel) -> MethodKind {
    MethodKind::Phone { number, channel }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str, calling_code: Option<&str>) -> Option<String> {
        PhoneNumber::parse(typed, calling_code).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for (typed, number) in [
            ("+4930123456", "+4930123456"),
            (" +49 (30) 123-456 ", "+4930123456"),
            ("+1\u{a0}202 555 0100", "+12025550100"),
            ("+6834000", "+6834000"),
        ] {
            assert_eq!(read(typed, None).as_deref(), Some(number), "{typed}");
        }
    }

    #[test]
    fn numbers_are_shown_in_part() {
        let number = |text: &str| PhoneNumber::parse(text, None).expect("a number");
        assert_eq!(number("+4930123456").masked(), "XXXXXXXX3456");
        assert_eq!(number("+4930123456").national(), "30123456");
        assert_eq!(number("+12025550100").national(), "2025550100");
        assert_eq!(number("+35312345678").national(), "12345678");
        assert_eq!(number("+989123456789").national(), "9123456789");
    }

    #[test]
    fn everything_else_is_refused() {
        for typed in [
            "",
            "+",
            "030123456",
            "+0301234567",
            "+49301",
            "+1234567890123456",
            "+49 30 12a456",
            "++4930123456",
            "+4930123456+",
            "+４９30123456",
        ] {
            assert_eq!(read(typed, None), None, "{typed}");
        }
    }

    #[test]
    fn a_default_country_completes_national_numbers() {
        assert_eq!(read("030 123456", Some("49")).as_deref(), Some("+4930123456"));
        assert_eq!(read("(202) 555-0100", Some("1")).as_deref(), Some("+12025550100"));
        assert_eq!(read("06 1234567", Some("39")).as_deref(), Some("+39061234567"));
        assert_eq!(read("+43 1 234567", Some("49")).as_deref(), Some("+431234567"));
        assert_eq!(read("", Some("49")), None);
    }

    #[test]
    fn stored_numbers_are_taken_as_they_are() {
        assert!(PhoneNumber::from_stored("+4930123456").is_some());
        assert!(PhoneNumber::from_stored("+49 30123456").is_none());
        assert!(is_calling_code("49") && is_calling_code("1") && is_calling_code("683"));
        assert!(!is_calling_code("") && !is_calling_code("049") && !is_calling_code("+49"));
    }
}
