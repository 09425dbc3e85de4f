//! An application: asks for authorization, exchanges codes and refresh tokens.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use housekey_core::port::Random;

use crate::app::{PASSWORD, TestApp};
use crate::browser::{Browser, Page};
use crate::request::{Reply, encode_pairs};
use crate::seed::{HOST, SPA, WEB};

/// Every scope of the My Account API that this version has an operation for.
pub const ME: &str = "read:me:factors read:me:authentication_methods \
                      create:me:authentication_methods update:me:authentication_methods \
                      delete:me:authentication_methods read:me:consents \
                      read:me:organizations";

/// A request for authorization, to be changed before it is sent.
#[derive(Clone, Debug)]
pub struct Authorize {
    host: String,
    params: Vec<(String, String)>,
    verifier: String,
}

/// What the token endpoint answered.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The application they were issued to.
    pub client_id: String,
    /// The access token.
    pub access: String,
    /// The ID token; empty without `openid`.
    pub id: String,
    /// The refresh token; empty without `offline_access`.
    pub refresh: String,
    /// The granted scopes.
    pub scope: String,
}

impl TestApp {
    /// The request of the single-page application for its own API: the My Account API.
    #[must_use]
    pub fn authorize(&self, scope: &str) -> Authorize {
        self.authorize_on(HOST, SPA, scope)
    }

    /// The request of an application on a host, for the My Account API of that host.
    #[must_use]
    pub fn authorize_on(&self, host: &str, client: &str, scope: &str) -> Authorize {
        let verifier = self.dice.base64url(32);
        let challenge = digest::digest(&digest::SHA256, verifier.as_bytes());
        Authorize { host: host.to_owned(), params: Vec::new(), verifier }
            .with("client_id", client)
            .with("redirect_uri", &format!("https://{client}.example/callback"))
            .with("response_type", "code")
            .with("scope", scope)
            .with("audience", &format!("{}me/", self.issuer_of(host)))
            .with("state", &self.dice.base64url(16))
            .with("nonce", &self.dice.base64url(16))
            .with("code_challenge", &URL_SAFE_NO_PAD.encode(challenge))
            .with("code_challenge_method", "S256")
    }

    /// Exchanges a code that answers `request`.
    pub async fn exchange(&self, request: &Authorize, code: &str) -> Reply {
        let mut fields = request.token_fields(code);
        let secret = match request.get("client_id").unwrap_or_default() {
            WEB => self.secret_of(WEB).await,
            _ => String::new(),
        };
        fields.push(("client_secret", &secret));
        self.post("/oauth/token").host(&request.host).form(&fields).send().await
    }

    /// Exchanges a refresh token of a public client.
    pub async fn refresh(&self, client: &str, token: &str) -> Reply {
        let fields =
            [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)];
        self.post("/oauth/token").form(&fields).send().await
    }
}

impl Authorize {
    /// Sends `name` with another value, or none if that is empty.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.params.retain(|(own, _)| own != name);
        if !value.is_empty() {
            self.params.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Sends a parameter once more.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.params.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The PKCE verifier behind the challenge.
    #[must_use]
    pub fn verifier(&self) -> &str {
        &self.verifier
    }

    /// The parameters as a query or form.
    #[must_use]
    pub fn query(&self) -> String {
        let pairs: Vec<_> =
            self.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        encode_pairs(&pairs)
    }

    /// Path and query.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/authorize?{}", self.query())
    }

    /// What an exchange of `code` sends, client authentication aside.
    #[must_use]
    pub fn token_fields<'a>(&'a self, code: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.get("client_id").unwrap_or_default()),
            ("code", code),
            ("redirect_uri", self.get("redirect_uri").unwrap_or_default()),
            ("code_verifier", &self.verifier),
        ]
    }

    /// The host it is sent to.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl Browser<'_> {
    /// Is sent to `/authorize` by an application.
    pub async fn authorize(&self, request: &Authorize) -> Page {
        let issuer = self.app().issuer_of(request.host());
        self.open(&format!("{}{}", issuer.trim_end_matches('/'), request.path())).await
    }

    /// Goes through the login pages, from the one that asks who it is.
    pub async fn log_in(&self, page: &Page, email: &str, password: &str) -> Page {
        let page = self.submit(page, &[("username", email)]).await;
        assert_eq!(page.screen(), "login-password");
        self.submit(&page, &[("password", password)]).await
    }

    /// Is sent to `/authorize`, and logs in with [`PASSWORD`] if asked to.
    pub async fn authorize_as(&self, request: &Authorize, email: &str) -> Page {
        let page = self.authorize(request).await;
        if page.left { page } else { self.log_in(&page, email, PASSWORD).await }
    }
}

impl Tokens {
    /// Reads a token answer.
    #[must_use]
    pub fn read(client_id: &str, reply: &Reply) -> Self {
        let body = reply.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Self {
            client_id: client_id.to_owned(),
            access: text("access_token"),
            id: text("id_token"),
            refresh: text("refresh_token"),
            scope: text("scope"),
        }
    }
}
