//! For which host credentials are made, and which pages and apps may use them (contract 04 §10.5,
//! §10.6).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::{Host, Url};

use crate::call::Call;
use crate::client::Client;

/// Who takes part in a ceremony beside the person.
#[derive(Clone, Copy)]
pub enum Callers<'a> {
    /// Housekey's own sign-in pages alone.
    OwnPages,
    /// Any page under the relying party id, and the client's apps: whoever has a token may enrol
    /// (contract 01 §4.3).
    Token(&'a Client),
    /// The client's registered origins, and its apps.
    Client(&'a Client),
}

/// A relying party as one host is one.
#[derive(Clone)]
pub struct RelyingParty<'a> {
    /// `rp.id`.
    pub id: String,
    issuer: String,
    callers: Callers<'a>,
}

impl<'a> RelyingParty<'a> {
    /// The relying party on the host that was called.
    #[must_use]
    pub fn of(call: &Call, callers: Callers<'a>) -> Self {
        Self::at(&call.tenant.relying_party_id(&call.host), &call.issuer, callers)
    }

    pub(super) fn at(id: &str, issuer: &str, callers: Callers<'a>) -> Self {
        Self { id: id.to_owned(), issuer: issuer.to_owned(), callers }
    }

    /// Whether credentials of this relying party may be used at `origin`.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        if origin == self.issuer.trim_end_matches('/') {
            return true;
        }
        match self.callers {
            Callers::OwnPages => false,
            Callers::Token(client) => {
                self.is_app(client, origin) || self.is_loopback(origin) || self.is_beneath(origin)
            }
            Callers::Client(client) => {
                self.is_app(client, origin)
                    || self.is_loopback(origin)
                    || (self.is_beneath(origin) && client.allows_origin(origin, &self.issuer))
            }
        }
    }

    /// Android apps have an origin of their own; those of Apple have the relying party's.
    fn is_app(&self, client: &Client, origin: &str) -> bool {
        origin == format!("https://{}", self.id) || android_origins(client).any(|app| app == origin)
    }

    /// Applications under development, beside a server on the same machine.
    fn is_loopback(&self, origin: &str) -> bool {
        self.id == "localhost" && origin_host(origin).is_some_and(|(_, host)| host == "localhost")
    }

    fn is_beneath(&self, origin: &str) -> bool {
        origin_host(origin).is_some_and(|(scheme, host)| {
            let beneath = host
                .strip_suffix(&self.id)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
            scheme == "https" && beneath
        })
    }
}

/// Scheme and host of an origin that is nothing but one.
fn origin_host(origin: &str) -> Option<(String, String)> {
    let url = Url::parse(origin).ok()?;
    let Some(Host::Domain(host)) = url.host() else { return None };
    (url.origin().ascii_serialization() == origin)
        .then(|| (url.scheme().to_owned(), host.to_owned()))
}

/// `android:apk-key-hash:` and the base64url of the signing certificate's SHA-256, of which
/// clients have the hexadecimal form with colons.
fn android_origins(client: &Client) -> impl Iterator<Item = String> {
    let apps = client.settings.mobile.android.iter();
    apps.flat_map(|app| &app.sha256_cert_fingerprints).filter_map(|fingerprint| {
        let bytes: Option<Vec<u8>> = fingerprint
            .split(':')
            .map(|pair| u8::from_str_radix(pair, 16).ok().filter(|_| pair.len() == 2))
            .collect();
        let bytes = bytes.filter(|bytes| bytes.len() == 32)?;
        Some(format!("android:apk-key-hash:{}", URL_SAFE_NO_PAD.encode(bytes)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{AndroidApp, ClientSettings, MobileSettings};
    use crate::id::ClientId;
    use crate::time::Timestamp;

    fn client() -> Client {
        let fingerprint = (0..32).map(|n| format!("{n:02X}")).collect::<Vec<_>>().join(":");
        let android = AndroidApp {
            app_package_name: "com.example.app".to_owned(),
            sha256_cert_fingerprints: vec!["nonsense".to_owned(), fingerprint],
        };
        let settings = ClientSettings {
            web_origins: vec!["https://app.example.org".into(), "https://elsewhere.example".into()],
            mobile: MobileSettings { android: Some(android), ios: None },
            ..ClientSettings::default()
        };
        let id = ClientId::from_raw("c");
        Client { id, sealed_secret: None, settings, created_at: Timestamp(0) }
    }

    const ISSUER: &str = "https://login.example.org:8443/";
    const ANDROID: &str = "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn allows(id: &str, callers: Callers<'_>, origin: &str) -> bool {
        RelyingParty::at(id, ISSUER, callers).allows(origin)
    }

    #[test]
    fn pages_use_their_own_origin_alone() {
        assert!(allows("example.org", Callers::OwnPages, "https://login.example.org:8443"));
        for origin in ["https://login.example.org", "https://example.org", ANDROID, "null", ""] {
            assert!(!allows("example.org", Callers::OwnPages, origin), "{origin}");
        }
    }

    #[test]
    fn a_client_uses_registered_origins_under_the_party() {
        let client = client();
        let callers = Callers::Client(&client);
        for origin in ["https://app.example.org", "https://example.org", ANDROID] {
            assert!(allows("example.org", callers, origin), "{origin}");
        }
        for origin in [
            "https://other.example.org",
            "https://elsewhere.example",
            "http://app.example.org",
            "https://app.example.org/",
            "https://app.example.org.evil.example",
            "https://evilexample.org",
            "android:apk-key-hash:AAAA",
            "http://localhost:3000",
        ] {
            assert!(!allows("example.org", callers, origin), "{origin}");
        }
    }

    #[test]
    fn a_token_is_good_on_every_page_under_the_party() {
        let client = client();
        let callers = Callers::Token(&client);
        assert!(allows("example.org", callers, "https://other.example.org"));
        assert!(!allows("example.org", callers, "https://evilexample.org"));
        assert!(!allows("example.org", callers, "http://other.example.org"));
        assert!(allows("localhost", callers, "http://localhost:3000"));
        assert!(!allows("localhost", callers, "http://localhost.example:3000"));
    }
}
