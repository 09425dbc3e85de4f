//! Signing out (contract 03 §11.3, §11.4).

use serde_json::Map;

use super::session::current_session;
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, tenant_allows_logout_url};
use crate::error::Fault;
use crate::id::ClientId;
use crate::log::{LogKind, LogSubject, record};
use crate::secret::Handle;
use crate::session::{Ending, Session, end};
use crate::token::verify_id_token_hint;

/// What a logout request says.
#[derive(Clone, Debug, Default)]
pub struct LogoutHints {
    /// `client_id`.
    pub client_id: Option<String>,
    /// `returnTo` or `post_logout_redirect_uri`.
    pub return_to: Option<String>,
    /// `id_token_hint`.
    pub id_token_hint: Option<String>,
    /// `logout_hint`: a `sid`.
    pub logout_hint: Option<String>,
    /// `state`.
    pub state: Option<String>,
}

/// What a logout request leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum LogoutOutcome {
    /// Signed out; nowhere to go.
    Done,
    /// Signed out; go there.
    Redirect(String),
    /// Ask the person first.
    Confirm,
    /// The URL to return to is not registered.
    BadReturn(String),
    /// A hint is not one of ours, or contradicts `client_id`.
    BadHint,
}

/// `/v2/logout`: ends the session and goes to a registered URL.
///
/// # Errors
/// If the database is not available.
pub async fn logout_v2(
    app: &App,
    call: &Call,
    hints: &LogoutHints,
    cookie: Option<&Handle>,
) -> Result<LogoutOutcome, Fault> {
    let client = client_of(call, hints.client_id.as_deref());
    let target = match (&hints.return_to, client) {
        (Some(url), client) => {
            let allowed = match client {
                Some(client) => client.allows_logout_url(url, &call.issuer),
                None => {
                    tenant_allows_logout_url(&call.tenant.settings.allowed_logout_urls, url, false)
                }
            };
            if !allowed {
                return Ok(LogoutOutcome::BadReturn(url.clone()));
            }
            Some(url.clone())
        }
        (None, Some(client)) => client.first_logout_url(&call.issuer),
        (None, None) => None,
    };
    end_session(app, call, cookie).await?;
    Ok(target.map_or(LogoutOutcome::Done, LogoutOutcome::Redirect))
}

/// `/oidc/logout` (OpenID Connect RP-Initiated Logout): asks first unless a hint shows that the
/// application means this session. `confirmed` says the person was asked and agreed.
///
/// # Errors
/// If the database is not available.
pub async fn logout_oidc(
    app: &App,
    call: &Call,
    hints: &LogoutHints,
    cookie: Option<&Handle>,
    confirmed: bool,
) -> Result<LogoutOutcome, Fault> {
    let Some(hinted) = Hinted::read(app, call, hints) else { return Ok(LogoutOutcome::BadHint) };
    let client = client_of(call, hinted.client_id.as_deref());
    let target = match &hints.return_to {
        None => None,
        Some(url) => {
            let allowed = match client {
                Some(client) => client.allows_post_logout_redirect(url, &call.issuer),
                None => {
                    tenant_allows_logout_url(&call.tenant.settings.allowed_logout_urls, url, true)
                }
            };
            if !allowed {
                return Ok(LogoutOutcome::BadReturn(url.clone()));
            }
            Some(with_state(url, hints.state.as_deref()))
        }
    };
    let session = current_session(app, call, cookie).await?;
    let asks = call.tenant.settings.oidc_logout_prompt_enabled && !confirmed;
    if asks && session.as_ref().is_some_and(|session| !hinted.means(session, client)) {
        return Ok(LogoutOutcome::Confirm);
    }
    end_session(app, call, cookie).await?;
    Ok(target.map_or(LogoutOutcome::Done, LogoutOutcome::Redirect))
}

/// Which session an application means.
struct Hinted {
    client_id: Option<String>,
    sid: Option<String>,
}

impl Hinted {
    fn read(app: &App, call: &Call, hints: &LogoutHints) -> Option<Self> {
        let Some(token) = &hints.id_token_hint else {
            return Some(Self {
                client_id: hints.client_id.clone(),
                sid: hints.logout_hint.clone(),
            });
        };
        let claims = verify_id_token_hint(app, call, token).ok()?;
        let agrees = hints.client_id.as_ref().is_none_or(|id| *id == claims.aud);
        agrees.then(|| Self {
            client_id: Some(claims.aud),
            sid: claims.sid.or_else(|| hints.logout_hint.clone()),
        })
    }

    /// Without a hint, an application that is the session's only one means that session.
    fn means(&self, session: &Session, client: Option<&Client>) -> bool {
        match &self.sid {
            Some(sid) => *sid == session.id.as_str(),
            None => client.is_some_and(|client| session.clients == [client.id.clone()]),
        }
    }
}

fn client_of<'a>(call: &'a Call, id: Option<&str>) -> Option<&'a Client> {
    call.tenant.client(&ClientId::from_raw(id?)).map(|client| &**client)
}

fn with_state(url: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return url.to_owned() };
    let separator = if url.contains('?') { '&' } else { '?' };
    let state: String = url::form_urlencoded::byte_serialize(state.as_bytes()).collect();
    format!("{url}{separator}state={state}")
}

/// Ends the browser's session, if it has one.
///
/// # Errors
/// If the database is not available.
pub async fn end_session(app: &App, call: &Call, cookie: Option<&Handle>) -> Result<(), Fault> {
    let Some(session) = current_session(app, call, cookie).await? else { return Ok(()) };
    let mut tx = app.write(&call.tenant.id).await?;
    end(app, call, &mut *tx, &session, Ending::RpLogout).await?;
    let user = tx.user(&session.user_id).await?;
    let subject = LogSubject { user: user.as_ref(), ..LogSubject::default() };
    record(app, call, &mut *tx, LogKind::Logout, subject, Map::new()).await?;
    Ok(tx.commit().await?)
}
