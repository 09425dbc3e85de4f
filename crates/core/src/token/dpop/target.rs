//! `htu`: which URL a proof is for (RFC 9449 §4.3).

use url::{Position, Url};

use crate::percent;

/// Whether `htu` is the URL that was called, however its characters are encoded: clients encode
/// the bar in ids each in their own way (contract 01 §7). Query and fragment do not count.
pub(super) fn is_same(htu: &str, called: &str) -> bool {
    match (parts(htu), parts(called)) {
        (Some(claimed), Some(called)) => claimed == called,
        _ => false,
    }
}

/// Scheme and authority, lower-case and without a default port, and the decoded path.
fn parts(text: &str) -> Option<(String, Vec<u8>)> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.has_host() && url.username().is_empty() && url.password().is_none();
    let origin = url[..Position::BeforePath].to_owned();
    is_plain.then_some(())?;
    Some((origin, percent::decode(url.path())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLED: &str = "https://acme.example/me/v1/authentication-methods/totp%7Cdev_1";

    #[test]
    fn encodings_of_one_url_are_the_same() {
        for htu in [
            CALLED,
            "HTTPS://ACME.example:443/me/v1/authentication-methods/totp%7cdev_1",
            "https://acme.example/me/v1/authentication-methods/totp|dev_1",
            "https://acme.example/me/v1/authentication-methods/totp%7Cdev_1?type=totp#x",
            "https://acme.example/me/v1/authentication%2Dmethods/totp%7Cdev_1",
        ] {
            assert!(is_same(htu, CALLED), "{htu}");
        }
    }

    #[test]
    fn other_urls_are_not() {
        for htu in [
            "",
            "/me/v1/authentication-methods/totp%7Cdev_1",
            "http://acme.example/me/v1/authentication-methods/totp%7Cdev_1",
            "https://acme.example:8443/me/v1/authentication-methods/totp%7Cdev_1",
            "https://other.example/me/v1/authentication-methods/totp%7Cdev_1",
            "https://acme.example@other.example/me/v1/authentication-methods/totp%7Cdev_1",
            "https://user@acme.example/me/v1/authentication-methods/totp%7Cdev_1",
            "https://acme.example/me/v1/authentication-methods/totp%7Cdev_1/",
            "https://acme.example/me/v1/authentication-methods/totp%257Cdev_1",
            "https://acme.example/ME/v1/authentication-methods/totp%7Cdev_1",
            "https://acme.example/me/authentication-methods/totp%7Cdev_1",
        ] {
            assert!(!is_same(htu, CALLED), "{htu}");
        }
    }
}
