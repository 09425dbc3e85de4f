//! What somebody uses, for the device's screen. It helps a person to recognise their own login;
//! nothing is decided by it.

use serde::{Deserialize, Serialize};

use crate::user_agent;

/// A browser on an operating system; empty where unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// `Firefox`.
    pub browser: String,
    /// `131.0`.
    pub browser_version: String,
    /// `Mac OS X`.
    pub system: String,
    /// `10.15.7`.
    pub system_version: String,
}

impl Source {
    /// Reads a `User-Agent` header.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let (browser, browser_version) = user_agent::browser(user_agent).unwrap_or_default();
        let (system, system_version) = user_agent::system(user_agent).unwrap_or_default();
        Self {
            browser: browser.to_owned(),
            browser_version,
            system: system.to_owned(),
            system_version,
        }
    }

    /// In words, for a message.
    #[must_use]
    pub fn in_words(&self) -> String {
        let known = |text: &str, otherwise: &str| {
            if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
        };
        let browser = known(&self.browser, "an unknown program");
        format!("{browser} on {}", known(&self.system, "an unknown system"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_told_and_the_rest_is_unknown() {
        let firefox = Source::of("Mozilla/5.0 (Android 14; Mobile; rv:133.0) Firefox/133.0");
        assert_eq!(firefox.in_words(), "Firefox on Android");
        assert_eq!(
            (firefox.browser_version.as_str(), firefox.system_version.as_str()),
            ("133.0", "14")
        );
        assert_eq!(Source::of("curl/8").in_words(), "an unknown program on an unknown system");
        assert_eq!(Source::of(""), Source::default());
    }
}
