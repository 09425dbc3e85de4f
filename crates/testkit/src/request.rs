//! One request through the router, and what came back.

use axum::body::Body;
use axum::extract::ConnectInfo;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tower::ServiceExt;
use url::Url;

use crate::app::TestApp;
use crate::rules;

/// A request being put together.
pub struct Request<'a> {
    app: &'a TestApp,
    method: String,
    host: String,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
    peer: SocketAddr,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as text.
    pub body: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(app: &'a TestApp, method: &str, host: &str, path: &str) -> Self {
        Self {
            app,
            method: method.to_owned(),
            host: host.to_owned(),
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            peer: TestApp::peer(),
        }
    }

    /// To another host.
    #[must_use]
    pub fn host(self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self }
    }

    /// From another address.
    #[must_use]
    pub fn from(self, peer: &str) -> Self {
        let ip = peer.parse().expect("an address");
        Self { peer: SocketAddr::new(ip, 40_000), ..self }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header's value");
        self.headers.append(name, value);
        self
    }

    /// With a bearer token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With HTTP Basic, both halves form-encoded first (RFC 6749 §2.3.1).
    #[must_use]
    pub fn basic(self, id: &str, secret: &str) -> Self {
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encode(id), encode(secret));
        self.header("authorization", &format!("Basic {}", STANDARD.encode(pair)))
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// With a form body.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = encode_pairs(fields);
        self.header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    /// With any body.
    #[must_use]
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Sends it. Whatever comes back keeps the rules that hold for every answer.
    pub async fn send(self) -> Reply {
        let mut request = http::Request::builder()
            .method(self.method.as_str())
            .uri(&self.path)
            .body(Body::from(self.body))
            .expect("a well-formed request");
        let host = HeaderValue::from_str(&self.host).expect("a host");
        *request.headers_mut() = self.headers;
        request.headers_mut().entry(header::HOST).or_insert(host);
        let agent = HeaderValue::from_static("Test/1.0");
        request.headers_mut().entry(header::USER_AGENT).or_insert(agent);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response =
            self.app.router.clone().oneshot(request).await.expect("the router never fails");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("the body arrives").to_bytes();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        let reply =
            Reply { status: parts.status, headers: parts.headers, body, bytes: bytes.into() };
        rules::check(self.app.validator, &self.method, &self.path, &reply);
        reply
    }
}

/// Pairs as a form or a query string.
#[must_use]
pub fn encode_pairs(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

impl Reply {
    /// Fails the test unless the status is `status`.
    #[track_caller]
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{error} in {}", self.body),
        }
    }

    /// A text of the JSON body.
    #[track_caller]
    #[must_use]
    pub fn text(&self, pointer: &str) -> String {
        let json = self.json();
        match json.pointer(pointer).and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None => panic!("no text {pointer} in {json}"),
        }
    }

    /// Status, the headers clients act on, and the body: what a snapshot shows.
    #[must_use]
    pub fn seen(&self) -> Value {
        const TELLING: [&str; 5] = [
            "location",
            "retry-after",
            "www-authenticate",
            "x-ratelimit-limit",
            "x-auth0-error-kind",
        ];
        let mut seen = json!({ "status": self.status.as_u16() });
        for name in TELLING {
            if let Some(value) = self.header(name) {
                seen[name] = value.into();
            }
        }
        if !self.body.is_empty() {
            seen["body"] = self.json();
        }
        seen
    }

    /// Where it redirects to, as it stands there.
    #[track_caller]
    #[must_use]
    pub fn location(&self) -> &str {
        match self.header("location") {
            Some(location) => location,
            None => panic!("{} leads nowhere: {}", self.status, self.body),
        }
    }

    /// A parameter of the URL it redirects to, in the query or the fragment.
    #[track_caller]
    #[must_use]
    pub fn answered(&self, name: &str) -> Option<String> {
        parameter(&Url::parse(self.location()).expect("a whole URL"), name)
    }

    /// What it sets as cookie `name`, attributes included.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let values = self.headers.get_all(header::SET_COOKIE).iter();
        let mut texts = values.filter_map(|value| value.to_str().ok());
        texts.find(|text| text.split('=').next() == Some(name))
    }
}

/// A parameter of a URL, in the query or the fragment.
#[must_use]
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    let fragment = url.fragment().unwrap_or_default();
    url.query_pairs()
        .chain(url::form_urlencoded::parse(fragment.as_bytes()))
        .find(|(own, _)| own == name)
        .map(|(_, value)| value.into_owned())
}
