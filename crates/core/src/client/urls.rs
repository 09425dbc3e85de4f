//! Matching redirect URIs, logout URLs and origins (contract 03 §3.4, §11.3, §13). Strict: a
//! registered URL matches itself, and one `*` in the leftmost label matches within that label.

use url::Url;

use super::Client;

/// A URL cut into what is compared case-insensitively and what is not.
struct Parts<'a> {
    scheme: String,
    authority: String,
    rest: &'a str,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let (scheme, after) = url.split_once("://")?;
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, rest) = after.split_at(end);
        Some(Self {
            scheme: scheme.to_ascii_lowercase(),
            authority: authority.to_ascii_lowercase(),
            rest,
        })
    }

    /// Path and query, with the root spelled `/`: SDKs derive `http://h/` from `http://h`.
    fn path_and_query(&self) -> String {
        if self.rest.starts_with('/') { self.rest.to_owned() } else { format!("/{}", self.rest) }
    }
}

fn authority_matches(registered: &Parts<'_>, presented: &Parts<'_>) -> bool {
    if registered.authority == presented.authority {
        return true;
    }
    let web = matches!(registered.scheme.as_str(), "http" | "https");
    let (Some((pattern, parent)), Some((label, presented_parent))) =
        (registered.authority.split_once('.'), presented.authority.split_once('.'))
    else {
        return false;
    };
    let Some((prefix, suffix)) = pattern.split_once('*') else { return false };
    // A wildcard directly below a top-level name would cover strangers' domains.
    web && parent.contains('.')
        && parent == presented_parent
        && !parent.contains('*')
        && !suffix.contains('*')
        && label.len() > prefix.len() + suffix.len()
        && label.starts_with(prefix)
        && label.ends_with(suffix)
        && !label.contains(['@', ':', '*'])
}

/// Whether `presented` is the registered redirect URI.
#[must_use]
pub fn same_redirect_uri(registered: &str, presented: &str) -> bool {
    if presented.contains('#') || presented.contains(char::is_control) {
        return false;
    }
    if registered == presented {
        return true;
    }
    let (Some(registered), Some(presented)) = (Parts::of(registered), Parts::of(presented)) else {
        return false;
    };
    registered.scheme == presented.scheme
        && authority_matches(&registered, &presented)
        && registered.path_and_query() == presented.path_and_query()
}

/// Whether `presented` is the registered logout URL, query and fragment aside.
fn same_logout_url(registered: &str, presented: &str) -> bool {
    let bare = |url: &str| url.split(['?', '#']).next().unwrap_or_default().to_owned();
    same_redirect_uri(&bare(registered), &bare(presented))
}

/// The origin of a URL (`scheme://host[:port]`, default port dropped), for web schemes.
#[must_use]
pub fn origin_of(url: &str) -> Option<String> {
    let origin = Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

fn same_origin(registered: &str, origin: &str) -> bool {
    let (Some(registered), Some(presented)) = (Parts::of(registered), Parts::of(origin)) else {
        return false;
    };
    (origin_of(&format!("{}://{}", registered.scheme, registered.authority)).as_deref()
        == Some(origin))
        || (registered.scheme == presented.scheme && authority_matches(&registered, &presented))
}

impl Client {
    /// The registered callbacks as they read on `issuer`.
    pub(crate) fn callbacks<'a>(&'a self, issuer: &'a str) -> impl Iterator<Item = String> + 'a {
        self.settings.callbacks.iter().map(|url| self.expand(url, issuer))
    }

    /// Housekey's own applications live on whatever host they are called on.
    fn expand(&self, url: &str, issuer: &str) -> String {
        if self.settings.is_system { url.replace("{issuer}", issuer) } else { url.to_owned() }
    }

    /// Whether `uri` is one of the registered callbacks.
    #[must_use]
    pub fn allows_callback(&self, uri: &str, issuer: &str) -> bool {
        self.callbacks(issuer).any(|registered| same_redirect_uri(&registered, uri))
    }

    /// The callback, if there is exactly one.
    #[must_use]
    pub fn only_callback(&self, issuer: &str) -> Option<String> {
        let mut callbacks = self.callbacks(issuer);
        callbacks.next().filter(|_| callbacks.next().is_none())
    }

    /// The first URL logout may lead to.
    #[must_use]
    pub fn first_logout_url(&self, issuer: &str) -> Option<String> {
        self.settings.allowed_logout_urls.first().map(|url| self.expand(url, issuer))
    }

    /// Whether `/v2/logout` may lead to `url`.
    #[must_use]
    pub fn allows_logout_url(&self, url: &str, issuer: &str) -> bool {
        self.settings
            .allowed_logout_urls
            .iter()
            .any(|registered| same_logout_url(&self.expand(registered, issuer), url))
    }

    /// Whether `/oidc/logout` may lead to `url`: exactly, query included.
    #[must_use]
    pub fn allows_post_logout_redirect(&self, url: &str, issuer: &str) -> bool {
        self.settings
            .allowed_logout_urls
            .iter()
            .any(|registered| same_redirect_uri(&self.expand(registered, issuer), url))
    }

    /// Whether `origin` is one of the web origins, which may use `web_message`.
    #[must_use]
    pub fn has_web_origin(&self, origin: &str) -> bool {
        self.settings.web_origins.iter().any(|registered| same_origin(registered, origin))
    }

    /// Whether scripts of `origin` may call with this client's tokens or id.
    #[must_use]
    pub fn allows_origin(&self, origin: &str, issuer: &str) -> bool {
        let settings = &self.settings;
        settings
            .allowed_origins
            .iter()
            .chain(&settings.web_origins)
            .any(|registered| same_origin(registered, origin))
            || self.callbacks(issuer).any(|callback| same_origin(&callback, origin))
    }
}

/// Whether one of a tenant's own URLs allows logout to lead to `url`.
#[must_use]
pub fn tenant_allows_logout_url(allowed: &[String], url: &str, exact: bool) -> bool {
    allowed.iter().any(|registered| {
        if exact { same_redirect_uri(registered, url) } else { same_logout_url(registered, url) }
    })
}

/// Whether only the machine it runs on, or any app claiming the scheme, can receive an answer
/// there: such a callback does not show who the application is (RFC 8252 §8.6).
#[must_use]
pub fn is_non_verifiable(redirect_uri: &str) -> bool {
    let Some(parts) = Parts::of(redirect_uri) else { return true };
    let host = parts.authority.rsplit_once('@').map_or(parts.authority.as_str(), |(_, host)| host);
    let bare = host.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(':');
    let loopback = matches!(bare, "localhost" | "[::1]") || host.starts_with("127.");
    !matches!(parts.scheme.as_str(), "http" | "https") || loopback
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_match_exactly() {
        for (registered, presented) in [
            ("https://app.example/cb", "https://app.example/cb"),
            ("https://app.example/cb", "HTTPS://APP.example/cb"),
            ("http://localhost:3000", "http://localhost:3000/"),
            ("http://localhost:3000/", "http://localhost:3000"),
            ("com.app://host/android/com.app/callback", "com.app://host/android/com.app/callback"),
            ("https://*.example.com/cb", "https://a.example.com/cb"),
            ("https://app-*.example.com/cb", "https://app-1.example.com/cb"),
        ] {
            assert!(same_redirect_uri(registered, presented), "{registered} {presented}");
        }
    }

    #[test]
    fn redirect_uris_do_not_match_loosely() {
        for (registered, presented) in [
            ("https://app.example/cb", "https://app.example/cb/"),
            ("https://app.example/cb", "https://app.example/CB"),
            ("https://app.example/cb", "https://app.example/cb?x=1"),
            ("https://app.example/cb", "https://app.example/cb#x"),
            ("https://app.example/cb", "http://app.example/cb"),
            ("https://app.example/cb", "https://app.example:8443/cb"),
            ("https://app.example/cb", "https://app.example@evil.example/cb"),
            ("https://app.example", "https://app.example.evil.example"),
            ("https://*.example.com/cb", "https://example.com/cb"),
            ("https://*.example.com/cb", "https://a.b.example.com/cb"),
            ("https://*.example.com/cb", "https://evil@a.example.com/cb"),
            ("https://*.com/cb", "https://evil.com/cb"),
            ("https://*/cb", "https://evil.example/cb"),
            ("http://localhost:3000", "http://localhost:3001"),
        ] {
            assert!(!same_redirect_uri(registered, presented), "{registered} {presented}");
        }
    }

    #[test]
    fn logout_urls_ignore_the_query() {
        assert!(same_logout_url("https://app.example/bye", "https://app.example/bye?x=1#y"));
        assert!(!same_logout_url("https://app.example/bye", "https://app.example/hi"));
    }

    #[test]
    fn origins_match_by_scheme_host_and_port() {
        assert!(same_origin("https://app.example/deep/path", "https://app.example"));
        assert!(same_origin("https://app.example:443", "https://app.example"));
        assert!(same_origin("https://*.example.com", "https://a.example.com"));
        assert!(!same_origin("https://app.example", "https://app.example:8443"));
        assert!(!same_origin("https://app.example", "null"));
    }

    #[test]
    fn loopback_and_custom_schemes_are_not_verifiable() {
        for uri in ["http://localhost:3000/x", "http://127.0.0.1/", "http://[::1]:1/", "app://x/y"]
        {
            assert!(is_non_verifiable(uri), "{uri}");
        }
        assert!(!is_non_verifiable("https://app.example/cb"));
        assert!(!is_non_verifiable("https://localhost.example/cb"));
    }
}
