//! What somebody uses, as far as the `User-Agent` tells. It helps a person to recognise their own
//! login; nothing is decided by it.

use serde::{Deserialize, Serialize};

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

/// What a browser writes before its version. Later ones also write what earlier ones do.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];

/// The same for systems. Android also says Linux.
const SYSTEMS: [(&str, &str); 6] = [
    ("Windows NT ", "Windows"),
    ("iPhone OS ", "iOS"),
    ("CPU OS ", "iPadOS"),
    ("Mac OS X ", "Mac OS X"),
    ("Android ", "Android"),
    ("Linux", "Linux"),
];

impl Source {
    /// Reads a `User-Agent` header.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let (browser, browser_version) = find(user_agent, &BROWSERS);
        let (system, system_version) = find(user_agent, &SYSTEMS);
        Self { browser, browser_version, system, system_version }
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

fn find(text: &str, known: &[(&str, &str)]) -> (String, String) {
    known
        .iter()
        .find_map(|(mark, name)| {
            let (_, rest) = text.split_once(mark)?;
            let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '_'));
            let version = rest[..end.unwrap_or(rest.len())].replace('_', ".");
            Some(((*name).to_owned(), version))
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(user_agent: &str) -> [String; 4] {
        let source = Source::of(user_agent);
        [source.browser, source.browser_version, source.system, source.system_version]
    }

    #[test]
    fn common_browsers_are_recognised() {
        let chrome = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 \
            (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
        assert_eq!(told(chrome), ["Chrome", "131.0.0.0", "Mac OS X", "10.15.7"]);
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like \
            Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51";
        assert_eq!(told(edge), ["Edge", "131.0.2903.51", "Windows", "10.0"]);
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 \
            (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1";
        assert_eq!(told(safari), ["Safari", "17.2", "iOS", "17.2"]);
        let firefox = "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0";
        assert_eq!(told(firefox), ["Firefox", "133.0", "Android", "14"]);
    }

    #[test]
    fn anything_else_is_unknown_and_harmless() {
        for odd in ["", "curl/8.5.0", "Ünï", "Chrome/", "Version/é"] {
            let source = Source::of(odd);
            assert!(!source.in_words().is_empty(), "{odd}");
        }
        assert_eq!(Source::of("curl/8").in_words(), "an unknown program on an unknown system");
    }
}
