//! A browser without JavaScript: keeps cookies per host, follows redirects inside Housekey, fills
//! in forms.

use std::collections::BTreeMap;

use tokio::sync::Mutex;
use url::Url;

use crate::app::TestApp;
use crate::html::{self, Form};
use crate::request::{Reply, Request, encode_pairs, parameter};

/// Redirects before a loop is suspected.
const MAX_REDIRECTS: usize = 10;

/// A browser, used by one person.
pub struct Browser<'a> {
    app: &'a TestApp,
    peer: Option<String>,
    cookies: Mutex<BTreeMap<(String, String), Cookie>>,
}

#[derive(Clone)]
struct Cookie {
    value: String,
    secure: bool,
}

/// Where a browser ended up.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address bar.
    pub url: Url,
    /// What is shown there, or, outside Housekey, the redirect that led there.
    pub reply: Reply,
    /// Whether it left Housekey: for an application's callback, say.
    pub left: bool,
}

impl TestApp {
    /// A browser nobody has used.
    #[must_use]
    pub fn browser(&self) -> Browser<'_> {
        Browser { app: self, peer: None, cookies: Mutex::default() }
    }
}

impl<'a> Browser<'a> {
    /// What it talks to.
    pub(crate) fn app(&self) -> &'a TestApp {
        self.app
    }

    /// The same at another address.
    #[must_use]
    pub fn at(self, peer: &str) -> Self {
        Self { peer: Some(peer.to_owned()), ..self }
    }

    /// Opens a URL of [`crate::seed::HOST`] or a whole one.
    pub async fn open(&self, url: &str) -> Page {
        let base = Url::parse(&self.app.issuer()).expect("an issuer is a URL");
        self.follow(base.join(url).expect("a URL"), None).await
    }

    /// Fills in the form of a page and presses the button `action`.
    pub async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let form = page.form();
        let mut all: Vec<(&str, &str)> = Vec::new();
        for (name, value) in &form.hidden {
            if !fields.iter().any(|(own, _)| own == name) {
                all.push((name, value));
            }
        }
        all.extend_from_slice(fields);
        self.post(page, &all).await
    }

    /// Posts just these fields to where the form of a page does.
    pub async fn post(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let action = page.form().action.unwrap_or_default();
        let url = page.url.join(&action).expect("a URL");
        self.follow(url, Some(encode_pairs(fields))).await
    }

    /// The value of a cookie of a host.
    pub async fn cookie(&self, host: &str, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().await;
        cookies.get(&(host.to_owned(), name.to_owned())).map(|cookie| cookie.value.clone())
    }

    /// Puts a cookie there.
    pub async fn set_cookie(&self, host: &str, name: &str, value: &str) {
        let cookie = Cookie { value: value.to_owned(), secure: true };
        self.cookies.lock().await.insert((host.to_owned(), name.to_owned()), cookie);
    }

    /// One request with this browser's cookies, not followed further.
    pub async fn send(&self, request: Request<'_>, url: &Url) -> Reply {
        let host = authority(url);
        let mut request = request.host(&host);
        if let Some(peer) = &self.peer {
            request = request.from(peer);
        }
        let cookies = self.cookie_header(&host, url.scheme() == "https").await;
        if !cookies.is_empty() {
            request = request.header("cookie", &cookies);
        }
        let reply = request.send().await;
        self.keep(&host, &reply).await;
        reply
    }

    async fn follow(&self, mut url: Url, mut body: Option<String>) -> Page {
        for _ in 0..MAX_REDIRECTS {
            let target = path_and_query(&url);
            let request = match body.take() {
                None => self.app.get(&target),
                Some(body) => self
                    .app
                    .post(&target)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(body),
            };
            let reply = self.send(request.header("accept", "text/html"), &url).await;
            if !reply.status.is_redirection() {
                return Page { url, reply, left: false };
            }
            let next = url.join(reply.location()).expect("a URL");
            if next.origin() != url.origin() {
                return Page { url: next, reply, left: true };
            }
            url = next;
        }
        panic!("{url} leads in circles");
    }

    async fn cookie_header(&self, host: &str, secure: bool) -> String {
        let cookies = self.cookies.lock().await;
        let own =
            cookies.iter().filter(|((own, _), cookie)| own == host && (secure || !cookie.secure));
        own.map(|((_, name), cookie)| format!("{name}={}", cookie.value))
            .collect::<Vec<_>>()
            .join("; ")
    }

    async fn keep(&self, host: &str, reply: &Reply) {
        let mut cookies = self.cookies.lock().await;
        for text in reply.headers.get_all("set-cookie") {
            let text = text.to_str().expect("cookies are ASCII");
            let mut parts = text.split(';').map(str::trim);
            let (name, value) =
                parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie has a name");
            let attributes: Vec<_> = parts.collect();
            let key = (host.to_owned(), name.to_owned());
            if attributes.contains(&"Max-Age=0") {
                cookies.remove(&key);
            } else {
                let secure = attributes.contains(&"Secure");
                cookies.insert(key, Cookie { value: value.to_owned(), secure });
            }
        }
    }
}

impl Page {
    /// Its form.
    #[must_use]
    pub fn form(&self) -> Form {
        html::form(&self.reply.body)
    }

    /// Which screen it is; fails the test if it is none.
    #[track_caller]
    #[must_use]
    pub fn screen(&self) -> String {
        match html::screen(&self.reply.body) {
            Some(screen) => screen,
            None => panic!("{} is not a screen: {}", self.url, self.reply.body),
        }
    }

    /// The keys of its errors.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        html::errors(&self.reply.body)
    }

    /// The link on it that contains `part`.
    #[track_caller]
    #[must_use]
    pub fn link(&self, part: &str) -> String {
        match html::link(&self.reply.body, part) {
            Some(link) => link,
            None => panic!("no link to {part}: {}", self.reply.body),
        }
    }

    /// A parameter of the address bar.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<String> {
        parameter(&self.url, name)
    }

    /// The code an application got; fails the test if it got none.
    #[track_caller]
    #[must_use]
    pub fn code(&self) -> String {
        match self.param("code") {
            Some(code) if self.left => code,
            _ => panic!("no code: {} {}", self.url, self.reply.body),
        }
    }

    /// The error an application got, and its description.
    #[must_use]
    pub fn error(&self) -> (String, String) {
        let get = |name| self.param(name).unwrap_or_default();
        (get("error"), get("error_description"))
    }
}

/// The path and query of a URL, as a request line has them.
#[must_use]
pub fn path_and_query(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}

fn authority(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}
