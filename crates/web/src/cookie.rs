//! Cookies (contract 03 §15). Over TLS they travel cross-site, for silent authentication in
//! frames; plain HTTP cannot have that, so there they stay same-site.

use housekey_core::Call;
use housekey_core::login::{Cookies, NewCookies, SessionCookie};
use housekey_core::secret::Handle;
use http::{HeaderMap, HeaderValue, header};

/// The session's handle.
const SESSION: &str = "auth0";
/// The handle that ties login transactions to a browser.
const BROWSER: &str = "housekey_tx";
/// What spares a second factor for a while (contract 04 §9.4).
const REMEMBERED: &str = "auth0-mf";
/// Handles are 43 characters; nothing longer is looked at.
const MAX_LEN: usize = 128;

/// Everything the browser sent that signing in depends on.
pub(crate) fn all(headers: &HeaderMap) -> Cookies {
    Cookies {
        session: session(headers),
        browser: browser(headers),
        remembered: find(headers, REMEMBERED),
    }
}

/// Sets what became of the cookies.
pub(crate) fn set_new(headers: &mut HeaderMap, call: &Call, cookies: &NewCookies) {
    if let Some(session) = &cookies.session {
        set_session(headers, call, session);
    }
    if let Some(handle) = &cookies.remembered {
        let value =
            set(call, REMEMBERED, handle.expose(), Some(call.tenant.settings.remembering.lifetime));
        headers.append(header::SET_COOKIE, value);
    }
}

/// The session's handle, if the browser sent one.
pub(crate) fn session(headers: &HeaderMap) -> Option<Handle> {
    find(headers, SESSION)
}

/// The transaction cookie's handle, if the browser sent one.
pub(crate) fn browser(headers: &HeaderMap) -> Option<Handle> {
    find(headers, BROWSER)
}

fn find(headers: &HeaderMap, name: &str) -> Option<Handle> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(own, value)| *own == name && !value.is_empty() && value.len() <= MAX_LEN)
        .map(|(_, value)| Handle::presented(value))
}

fn set(call: &Call, name: &str, value: &str, max_age: Option<i64>) -> HeaderValue {
    let site = if call.is_secure() { "Secure; SameSite=None" } else { "SameSite=Lax" };
    let age = max_age.map(|age| format!("; Max-Age={age}")).unwrap_or_default();
    HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; {site}{age}"))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Sets the session cookie.
fn set_session(headers: &mut HeaderMap, call: &Call, cookie: &SessionCookie) {
    let value = set(call, SESSION, cookie.handle.expose(), cookie.max_age);
    headers.append(header::SET_COOKIE, value);
}

/// Removes the session cookie.
pub(crate) fn clear_session(headers: &mut HeaderMap, call: &Call) {
    headers.append(header::SET_COOKIE, set(call, SESSION, "", Some(0)));
}

/// Sets the transaction cookie; it ends with the browser.
pub(crate) fn set_browser(headers: &mut HeaderMap, call: &Call, handle: &Handle) {
    headers.append(header::SET_COOKIE, set(call, BROWSER, handle.expose(), None));
}
