//! Connections of people who sign in with a code and no password (contract 04 §7, 05 §8.3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Connection, OptionsError, Strategy};
use crate::factor::code;

/// Where codes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passwordless {
    /// To a mailbox.
    Email,
    /// To a phone.
    Sms,
}

impl Passwordless {
    /// The name of the strategy, which is how ids of its people begin.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// What is set about the codes (`options.totp`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeOptions {
    /// Digits.
    pub length: usize,
    /// Seconds a code is good.
    pub lifetime: i64,
}

impl Default for CodeOptions {
    fn default() -> Self {
        Self { length: code::DIGITS, lifetime: 180 }
    }
}

impl Connection {
    /// Where codes go, if its people sign in with these.
    #[must_use]
    pub fn passwordless(&self) -> Option<Passwordless> {
        match &self.options.strategy {
            Strategy::Other(name) if name == "email" => Some(Passwordless::Email),
            Strategy::Other(name) if name == "sms" => Some(Passwordless::Sms),
            Strategy::Database | Strategy::Other(_) => None,
        }
    }
}

/// Reads what administrators set about codes; what is not set is as it comes.
///
/// # Errors
/// [`OptionsError::Invalid`] if it cannot be.
pub fn read_code_options(options: &Map<String, Value>) -> Result<CodeOptions, OptionsError> {
    let mut read = CodeOptions::default();
    let number = |name: &str| match options.get("totp").and_then(|totp| totp.get(name)) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or(OptionsError::Invalid(
            "options.totp.length and options.totp.time_step must be numbers",
        )),
    };
    if let Some(length) = number("length")? {
        read.length = usize::try_from(length)
            .ok()
            .filter(|length| (4..=12).contains(length))
            .ok_or(OptionsError::Invalid("options.totp.length must be between 4 and 12"))?;
    }
    if let Some(seconds) = number("time_step")? {
        if !(60..=86_400).contains(&seconds) {
            return Err(OptionsError::Invalid(
                "options.totp.time_step must be between 60 and 86400",
            ));
        }
        read.lifetime = seconds;
    }
    Ok(read)
}
