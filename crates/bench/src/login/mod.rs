//! A person's way through the sign-in pages, without a browser: authorization code flow with PKCE
//! as a single-page application starts it, forms filled in and posted as a browser would.

#[cfg(test)]
mod tests;

use anyhow::{Context, Result, anyhow, bail, ensure};
use aws_lc_rs::{digest, rand};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{Request, StatusCode, Uri, header, request};
use http_body_util::Full;
use serde::Deserialize;

use crate::{
    client::{self, Answer, Client, Origin},
    cookies::Jar,
    form,
    server::DevFile,
};

/// Callback of the seeded single-page application; nothing listens there, the code is read from
/// the redirect.
const REDIRECT_URI: &str = "http://localhost:3000";
/// More pages and redirects than any login needs.
const MAX_STEPS: usize = 12;

/// Who signs in where.
#[derive(Clone)]
pub struct Account {
    /// The server.
    pub origin: Origin,
    /// The application's client id.
    pub client_id: String,
    audience: String,
    /// Whom it signs in.
    pub email: String,
    password: String,
}

impl Account {
    /// The seeded user in the seeded single-page application.
    pub fn of(dev: &DevFile) -> Result<Self> {
        Ok(Self {
            origin: Origin::of(&dev.issuer)?,
            client_id: dev.clients.spa.client_id.clone(),
            audience: dev.my_account_audience.clone(),
            email: dev.user.email.clone(),
            password: dev.user.password.clone(),
        })
    }

    /// Somebody else there with the same password.
    pub fn of_another(&self, email: String) -> Self {
        Self { email, ..self.clone() }
    }
}

/// The token endpoint's answer, as far as it is needed here.
#[derive(Deserialize)]
pub struct Tokens {
    /// Access token.
    #[serde(rename = "access_token")]
    pub access: String,
    /// ID token; every exchange here asks for `openid`.
    #[serde(rename = "id_token")]
    pub id: String,
    /// Refresh token.
    #[serde(rename = "refresh_token")]
    pub refresh: Option<String>,
}

impl Tokens {
    /// Reads a successful answer, which must hold the two signatures that are accounted for.
    pub fn read(answer: Answer) -> Result<Self> {
        let answer = answer.expect(StatusCode::OK, "token endpoint")?;
        let tokens: Self =
            serde_json::from_slice(&answer.body).context("cannot understand the token endpoint")?;
        ensure!(
            is_signed(&tokens.access) && is_signed(&tokens.id),
            "the token endpoint gave a token that is no signed JWT"
        );
        Ok(tokens)
    }
}

/// Whether a token has the three parts of a signed JWT (RFC 7515 §7.1).
fn is_signed(token: &str) -> bool {
    let mut parts = token.split('.');
    parts.by_ref().take(3).filter(|part| !part.is_empty()).count() == 3 && parts.next().is_none()
}

/// Signs in with an empty cookie jar and returns the tokens for My Account with these scopes.
pub async fn login(client: &mut Client, account: &Account, scope: &str) -> Result<Tokens> {
    let verifier = random_text()?;
    let state = random_text()?;
    let path = authorize_path(account, scope, &verifier, &state)?;
    let mut visit = Visit { client, account, jar: Jar::default() };
    let callback = visit.walk(path).await?;
    let code = authorization_code(&callback, &state)?;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", &account.client_id),
        ("code", &code),
        ("code_verifier", &verifier),
        ("redirect_uri", REDIRECT_URI),
    ];
    // The application exchanges the code, not the browser: no cookies here.
    let (request, body) = client::post_form("/oauth/token", &fields)?;
    Tokens::read(client.send(request.body(body)?).await?)
}

fn authorize_path(account: &Account, scope: &str, verifier: &str, state: &str) -> Result<String> {
    let query = serde_urlencoded::to_string([
        ("client_id", account.client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT_URI),
        ("audience", &account.audience),
        ("scope", scope),
        ("state", state),
        ("nonce", &random_text()?),
        ("code_challenge", &challenge(verifier)),
        ("code_challenge_method", "S256"),
    ])?;
    Ok(format!("/authorize?{query}"))
}

/// The S256 challenge of a PKCE verifier (RFC 7636 §4.2).
fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// 32 random bytes as 43 characters: a PKCE verifier (RFC 7636 §4.1), a `state`, a `nonce`.
fn random_text() -> Result<String> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| anyhow!("no random bytes"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The `code` of a callback URL that answers this very request.
fn authorization_code(callback: &str, state: &str) -> Result<String> {
    let (_, query) = callback.split_once('?').context("the callback has no parameters")?;
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)?;
    let value = |name| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if value("state") != Some(state) {
        bail!("the callback answers another request: {query}");
    }
    let code = value("code").with_context(|| format!("the login was refused: {query}"))?;
    Ok(code.to_owned())
}

/// One browser's visit to the sign-in pages.
struct Visit<'a> {
    client: &'a mut Client,
    account: &'a Account,
    jar: Jar,
}

impl Visit<'_> {
    /// Follows redirects and fills in forms until the server sends the browser to the callback.
    async fn walk(&mut self, mut path: String) -> Result<String> {
        let mut answer = self.send(client::get(&path), &path, Full::default()).await?;
        for _ in 0..MAX_STEPS {
            if answer.status.is_redirection() {
                let location = location(&answer)?;
                if location.starts_with(REDIRECT_URI) {
                    return Ok(location);
                }
                path = self.own_path(&location)?;
                answer = self.send(client::get(&path), &path, Full::default()).await?;
            } else {
                let page = answer.expect(StatusCode::OK, screen(&path))?;
                let (request, body) = client::post_form(&path, &self.fill_in(&path, &page.body)?)?;
                answer = self.send(request, &path, body).await?;
            }
        }
        bail!("the login did not end; the last page was {}", screen(&path))
    }

    async fn send(
        &mut self,
        mut request: request::Builder,
        path: &str,
        body: Full<bytes::Bytes>,
    ) -> Result<Answer> {
        if let Some(cookies) = self.jar.header_for(path) {
            request = request.header(header::COOKIE, cookies);
        }
        let request: Request<_> = request.header(header::ACCEPT, "text/html").body(body)?;
        let answer = self.client.send(request).await?;
        self.jar.store(&answer.headers);
        Ok(answer)
    }

    /// The fields of the page's form, with what the person types.
    fn fill_in(&self, path: &str, page: &[u8]) -> Result<Vec<(String, String)>> {
        let html = std::str::from_utf8(page).context("a page that is not UTF-8")?;
        let screen = screen(path);
        let mut fields = form::primary_form(html)
            .with_context(|| format!("{screen} shows no form to fill in"))?;
        let Account { email, password, .. } = self.account;
        let typed: &[(&str, &str)] = match screen {
            "/u/login/identifier" => &[("username", email)],
            "/u/login/password" | "/u/login" => &[("username", email), ("password", password)],
            _ => bail!("{screen} is no page of a plain password login"),
        };
        fields.retain(|(name, _)| typed.iter().all(|(typed, _)| name != typed));
        let typed = typed.iter().chain(&[("action", "default")]);
        fields.extend(typed.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Ok(fields)
    }

    /// The path of a redirect that stays on the server.
    fn own_path(&self, location: &str) -> Result<String> {
        let url: Uri = location.parse().with_context(|| format!("redirect to {location}"))?;
        if url.authority().is_some() && !self.account.origin.owns(&url) {
            bail!("the login left the server for {location}");
        }
        Ok(url.path_and_query().context("a redirect without a path")?.to_string())
    }
}

/// A path without its query, which says nothing to a reader.
fn screen(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

fn location(answer: &Answer) -> Result<String> {
    let location = answer.headers.get(header::LOCATION).context("a redirect without Location")?;
    Ok(location.to_str()?.to_owned())
}
