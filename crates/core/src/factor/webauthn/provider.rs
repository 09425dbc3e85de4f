//! What keeps a passkey, by the model number it states. The name tells a person with several
//! passkeys which is which; nothing relies on it, and nobody attests it.

use super::{Aaguid, Credential};

/// Password managers and platforms, from the list their makers keep together
/// (`passkeydeveloper/passkey-authenticator-aaguids`), and common security keys.
const PROVIDERS: &[(&str, &str)] = &[
    ("08987058-cadc-4b81-b6e1-30de50dcbe96", "Windows Hello"),
    ("0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6", "Keeper"),
    ("2fc0579f-8113-47ea-b116-5bb5a8db9202", "YubiKey 5"),
    ("50726f74-6f6e-5061-7373-50726f746f6e", "Proton Pass"),
    ("531126d6-e717-415c-9320-3d9aa6981239", "Dashlane"),
    ("53414d53-554e-4700-0000-000000000000", "Samsung Pass"),
    ("6028b017-b1d4-4c02-b4b3-afcdafc96bb2", "Windows Hello"),
    ("771b48fd-d3d4-4f74-9232-fc157ab0507a", "Edge on Mac"),
    ("9ddd1817-af5a-4672-a2b9-3e3dd95000a9", "Windows Hello"),
    ("adce0002-35bc-c60a-648b-0b25f1f05503", "Chrome on Mac"),
    ("b5397666-4885-aa6b-cebf-e52262a439a2", "Chromium"),
    ("b78a0a55-6ef8-d246-a042-ba0f6d55050c", "LastPass"),
    ("b84e4048-15dc-4dd0-8640-f4f60813c8af", "NordPass"),
    ("bada5566-a7aa-401f-bd96-45619a55120d", "1Password"),
    ("d3452668-01fd-4c12-926c-83a4204853aa", "Microsoft Password Manager"),
    ("d548826e-79b4-db40-a3d8-11116f7e8349", "Bitwarden"),
    ("dd4ec289-e01d-41c9-bb89-70fa845d4bf2", "iCloud Keychain"),
    ("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "Google Password Manager"),
    ("ee882879-721c-4913-9775-3dfcce97072a", "YubiKey 5"),
    ("f3809540-7f14-49c1-a8b3-8f813b225541", "Enpass"),
    ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "Apple Passwords"),
    ("fdb141b2-5d84-443e-8a35-4698c205a502", "KeePassXC"),
];

/// The name a new passkey gets: what keeps it, or else where it was made.
#[must_use]
pub fn default_name(credential: &Credential) -> Option<String> {
    let known = provider(credential.aaguid).map(ToOwned::to_owned);
    let is_key = credential.transports.iter().any(|own| matches!(own.as_str(), "usb" | "nfc"));
    known
        .or_else(|| is_key.then(|| "Security key".to_owned()))
        .or_else(|| credential.user_agent.as_deref().map(short))
}

fn provider(aaguid: Aaguid) -> Option<&'static str> {
    let text = aaguid.to_string();
    PROVIDERS.iter().find(|(own, _)| *own == text).map(|(_, name)| *name)
}

/// "Chrome on Mac OS X" from "Chrome 131.0.0 / Mac OS X 10.15.7".
fn short(user_agent: &str) -> String {
    let without_version = |part: &str| {
        let words = part.split(' ').filter(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
        words.collect::<Vec<_>>().join(" ")
    };
    user_agent.split(" / ").map(without_version).collect::<Vec<_>>().join(" on ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_uuids_in_order() {
        for (aaguid, name) in PROVIDERS {
            let parsed = Aaguid::try_from((*aaguid).to_owned()).expect("a UUID");
            assert_eq!(provider(parsed), Some(*name));
        }
        assert!(PROVIDERS.is_sorted());
    }

    #[test]
    fn versions_are_dropped_from_names() {
        assert_eq!(short("Chrome 131.0.0 / Mac OS X 10.15.7"), "Chrome on Mac OS X");
        assert_eq!(short("Firefox 130.0"), "Firefox");
    }
}
