//! A cookie jar for one server.

use http::{HeaderMap, header};

/// The cookies a server has set, as a browser would send them back to it.
///
/// RFC 6265 as far as one host on loopback needs it: name, value, path, and removal by `Max-Age=0`.
#[derive(Debug, Default)]
pub struct Jar(Vec<Cookie>);

#[derive(Debug)]
struct Cookie {
    name: String,
    value: String,
    path: String,
}

impl Jar {
    /// Takes over every `Set-Cookie` of an answer.
    pub fn store(&mut self, headers: &HeaderMap) {
        for header in headers.get_all(header::SET_COOKIE) {
            if let Some((cookie, is_removal)) = header.to_str().ok().and_then(parse) {
                self.0.retain(|kept| (&kept.name, &kept.path) != (&cookie.name, &cookie.path));
                if !is_removal {
                    self.0.push(cookie);
                }
            }
        }
    }

    /// The `Cookie` header for a request to `path`; none if no cookie applies.
    pub fn header_for(&self, path: &str) -> Option<String> {
        let pairs: Vec<String> = self
            .0
            .iter()
            .filter(|cookie| path_matches(path, &cookie.path))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// A `Set-Cookie` value, and whether it removes the cookie.
fn parse(header: &str) -> Option<(Cookie, bool)> {
    let mut parts = header.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let mut path = "/";
    let mut is_removal = false;
    for (key, attribute) in parts.filter_map(|part| part.split_once('=')) {
        if key.eq_ignore_ascii_case("path") {
            path = attribute;
        } else if key.eq_ignore_ascii_case("max-age") {
            is_removal = attribute.parse::<i64>().is_ok_and(|seconds| seconds <= 0);
        }
    }
    let cookie = Cookie { name: name.into(), value: value.into(), path: path.into() };
    Some((cookie, is_removal))
}

/// RFC 6265 §5.1.4.
fn path_matches(path: &str, cookie_path: &str) -> bool {
    path.strip_prefix(cookie_path).is_some_and(|rest| {
        rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with(['/', '?'])
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn jar(lines: &[&'static str]) -> Jar {
        let mut jar = Jar::default();
        for line in lines {
            let mut headers = HeaderMap::new();
            headers.append(header::SET_COOKIE, HeaderValue::from_static(line));
            jar.store(&headers);
        }
        jar
    }

    #[test]
    fn the_last_value_of_a_cookie_is_sent_back() {
        let jar = jar(&["a=1; Path=/; HttpOnly", "b=2", "a=3; Path=/; SameSite=Lax"]);
        assert_eq!(jar.header_for("/u/login").as_deref(), Some("b=2; a=3"));
    }

    #[test]
    fn a_removed_cookie_is_gone() {
        let jar = jar(&["a=1; Path=/", "a=; Path=/; Max-Age=0"]);
        assert_eq!(jar.header_for("/"), None);
    }

    #[test]
    fn a_cookie_stays_below_its_path() {
        let jar = jar(&["tx=1; Path=/u"]);
        assert_eq!(jar.header_for("/u?state=s").as_deref(), Some("tx=1"));
        assert_eq!(jar.header_for("/u/login").as_deref(), Some("tx=1"));
        assert_eq!(jar.header_for("/userinfo"), None);
    }

    #[test]
    fn nonsense_is_ignored() {
        assert_eq!(jar(&["", "novalue"]).header_for("/"), None);
    }
}
