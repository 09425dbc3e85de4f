//! `User-Agent` in words: "Chrome 131.0.0 / Mac OS X 10.15.7".

/// Tokens that name a browser. Browsers name their ancestors, too, so the most specific is first.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];

/// Texts that name a system, each followed by its version.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone OS ", "iOS"),
    ("CPU OS ", "iPadOS"),
    ("Mac OS X ", "Mac OS X"),
    ("Windows NT 10.0", "Windows"),
    ("Windows NT ", "Windows NT"),
    ("Android ", "Android"),
    ("CrOS ", "Chrome OS"),
    ("Linux", "Linux"),
];

/// The browser and its version, if it is known.
#[must_use]
pub fn browser(user_agent: &str) -> Option<(&'static str, String)> {
    find(user_agent, BROWSERS)
}

/// The system and its version, if it is known.
#[must_use]
pub fn system(user_agent: &str) -> Option<(&'static str, String)> {
    find(user_agent, SYSTEMS)
}

/// Whether it is a phone or a tablet.
#[must_use]
pub fn is_mobile(user_agent: &str) -> bool {
    ["Mobile", "Android", "iPhone", "iPad"].iter().any(|word| user_agent.contains(word))
}

/// Browser and system with their versions; none if neither is known.
#[must_use]
pub fn describe(user_agent: &str) -> Option<String> {
    let browser = browser(user_agent).map(|(name, version)| {
        let mut parts = version.split('.').filter(|part| !part.is_empty());
        // Three parts identify a release; what follows is the build.
        let version = parts.by_ref().take(3).collect::<Vec<_>>().join(".");
        joined(name, &version)
    });
    let system = system(user_agent).map(|(name, version)| joined(name, &version));
    match (browser, system) {
        (Some(browser), Some(system)) => Some(format!("{browser} / {system}")),
        (one, other) => one.or(other),
    }
}

fn joined(name: &str, version: &str) -> String {
    if version.is_empty() { name.to_owned() } else { format!("{name} {version}") }
}

fn find(user_agent: &str, known: &[(&str, &'static str)]) -> Option<(&'static str, String)> {
    known.iter().find_map(|(token, name)| {
        let (_, rest) = user_agent.split_once(token)?;
        let is_version = |c: &char| c.is_ascii_digit() || matches!(c, '.' | '_');
        let version: String = rest.chars().take_while(is_version).take(20).collect();
        Some((*name, version.replace('_', ".").trim_matches('.').to_owned()))
    })
}

/// The same for a sentence: what it calls itself, if nothing is known of it.
#[must_use]
pub fn in_words(user_agent: &str) -> String {
    match describe(user_agent) {
        Some(known) => known,
        None if user_agent.is_empty() => "an unknown program".to_owned(),
        None => user_agent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_browsers_are_named() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like \
                 Gecko) Chrome/131.0.0.0 Safari/537.36",
                Some("Chrome 131.0.0 / Mac OS X 10.15.7"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/130.0.0.0 Safari/537.36 Edg/130.0.2849.46",
                Some("Edge 130.0.2849 / Windows"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                Some("Safari 17.5 / iOS 17.5"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
                Some("Firefox 130.0 / Linux"),
            ),
            ("okhttp/4.12.0", None),
            ("", None),
        ] {
            assert_eq!(describe(user_agent).as_deref(), expected, "{user_agent}");
        }
    }
}
