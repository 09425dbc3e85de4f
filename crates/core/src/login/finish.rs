//! The end of a successful login: session, code, answer, in one transaction.

use serde_json::{Map, Value, json};

use super::authorize::not_granted;
use super::respond::Destination;
use super::scope::scope_for;
use super::session::{establish, raise, touch};
use super::{
    AuthorizationRequest, AuthorizationResponse, CODE_LIFETIME, LoginTransaction, NewCookies,
    OauthError, Prompt, SessionCookie,
};
use crate::access::AccessError;
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::FactorType;
use crate::id::{FamilyId, UserId};
use crate::log::{LogKind, LogSubject, record};
use crate::mfa::RememberedBrowser;
use crate::port::Tx;
use crate::scope::ScopeSet;
use crate::secret::{Handle, HandleHash};
use crate::session::{MethodEvent, Session, Usage, last_event, still_count};
use crate::time::Timestamp;
use crate::token::{Authorization, AuthorizationCode};

/// How somebody came to the end.
pub(super) struct Finish {
    /// The session they have.
    session: Option<Session>,
    /// What they proved in this transaction.
    proved: Option<(UserId, Vec<MethodEvent>)>,
    /// The transaction to end.
    transaction: Option<HandleHash>,
    /// The person wishes not to be asked for a second factor again in this browser.
    remember_browser: bool,
}

impl Finish {
    /// By a session that suffices, without a page.
    pub(super) fn by_session(session: Option<Session>) -> Self {
        Self { session, proved: None, transaction: None, remember_browser: false }
    }

    /// Through pages; `session` is the browser's present one.
    pub(super) fn through(
        transaction: &LoginTransaction,
        session: Option<Session>,
        proved: Option<(UserId, Vec<MethodEvent>)>,
    ) -> Self {
        let remember_browser = transaction.state.remember_browser;
        let transaction = Some(transaction.handle.clone());
        Self { session, proved, transaction, remember_browser }
    }

    /// Whether somebody signed in, or only proved more in a session they had.
    fn proved(&self, usage: Usage) -> bool {
        self.proved.as_ref().is_some_and(|(_, events)| last_event(events, usage).is_some())
    }

    /// Whose login it is.
    fn user(&self) -> Option<&UserId> {
        let proved = self.proved.as_ref().map(|(user, _)| user);
        proved.or(self.session.as_ref().map(|session| &session.user_id))
    }

    /// Whether what was proved in this transaction counts for somebody who was signed out
    /// everywhere then. A session that ended is found out when it is used.
    fn still_counts(&self, signed_out: Option<Timestamp>) -> bool {
        self.proved.as_ref().is_none_or(|(_, events)| still_count(events, signed_out))
    }
}

/// The answer and what becomes of the browser's cookies.
pub(super) struct Finished {
    pub response: AuthorizationResponse,
    pub cookies: NewCookies,
}

/// Ends a login: once per transaction, for a user who may still sign in.
pub(super) async fn finish(
    app: &App,
    call: &Call,
    request: &AuthorizationRequest,
    how: Finish,
) -> Result<Finished, Fault> {
    let destination = Destination::of(call, request);
    let mut tx = app.write(&call.tenant.id).await?;
    if let Some(handle) = &how.transaction
        && !tx.finish_login(handle).await?
    {
        let error = OauthError::new("access_denied", "This login was finished before");
        return Ok(refused(destination, error));
    }
    let silent = how.proved.is_none();
    let (signed_in, multi_factor) = (how.proved(Usage::Primary), how.proved(Usage::Secondary));
    let offered = call.tenant.settings.remembering.offered;
    let remember_browser = how.remember_browser && multi_factor && offered;
    let details = how.proved.as_ref().map_or_else(Map::new, |(_, events)| prompts(events));
    let (user, signed_out) = match how.user() {
        Some(id) => tx.user_and_sign_out(id).await?.unzip(),
        None => (None, None),
    };
    let has_session = if how.still_counts(signed_out.flatten()) {
        session_for(app, call, &mut *tx, request, how).await?
    } else {
        None
    };
    let Some((session, cookie)) = has_session else {
        let error = OauthError::login_required();
        return Ok(refused(destination, error));
    };
    let Some(user) = user.filter(|user| !user.blocked) else {
        tx.delete_session(&session.id).await?;
        tx.commit().await?;
        let error = OauthError::new("unauthorized", "user is blocked");
        return Ok(refused(destination, error));
    };
    let scope = match scope_for(call, &mut *tx, request, &user.id).await? {
        Ok(scope) => scope,
        Err(error) => {
            return Ok(refused(destination, refusal(call, request, error)));
        }
    };
    if signed_in {
        tx.count_login(&user.id, &call.ip, call.now).await?;
    }
    let code = Handle::generate(app.random());
    tx.insert_code(&AuthorizationCode {
        handle: code.hash(),
        family_id: FamilyId::generate(app.random()),
        authorization: authorization(call, request, &session, scope, multi_factor),
        expires_at: call.now.plus_seconds(CODE_LIFETIME),
    })
    .await?;
    let subject = LogSubject { client: Some(&request.client_id), user: Some(&user), name: None };
    let kind = if silent { LogKind::SilentLogin } else { LogKind::Login };
    record(app, call, &mut *tx, kind, subject, details).await?;
    let remembered =
        if remember_browser { Some(remember(app, call, &mut *tx, &user.id).await?) } else { None };
    tx.commit().await?;
    let cookies = NewCookies { session: cookie, remembered };
    Ok(Finished { response: destination.code(code.expose().to_owned()), cookies })
}

fn refused(destination: Destination, error: OauthError) -> Finished {
    Finished { response: destination.error(error), cookies: NewCookies::default() }
}

/// Has the browser be spared a second factor for a while (contract 04 §9.4).
async fn remember(app: &App, call: &Call, tx: &mut dyn Tx, user: &UserId) -> Result<Handle, Fault> {
    let handle = Handle::generate(app.random());
    let remembering = call.tenant.settings.remembering;
    tx.remember_browser(&RememberedBrowser {
        handle: handle.hash(),
        user_id: user.clone(),
        expires_at: call.now.plus_seconds(remembering.lifetime),
        idle_expires_at: call.now.plus_seconds(remembering.idle_lifetime),
    })
    .await?;
    Ok(handle)
}

/// How the person authenticated, as log events tell it (contract 04 §16.2).
fn prompts(events: &[MethodEvent]) -> Map<String, Value> {
    let amr = |factor: FactorType| match factor {
        FactorType::Password => vec!["pwd"],
        FactorType::Passkey => vec!["phr"],
        second => vec!["mfa", second.as_str()],
    };
    let prompts = events.iter().map(|event| {
        json!({
            "name": "prompt-authenticate",
            "performed_amr": amr(event.factor),
            "flow": match event.usage {
                Usage::Primary => "universal-login",
                Usage::Secondary => "universal-mfa",
            },
        })
    });
    let mut details = Map::new();
    details.insert("prompts".into(), prompts.collect());
    details
}

async fn session_for(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    request: &AuthorizationRequest,
    how: Finish,
) -> Result<Option<(Session, Option<SessionCookie>)>, Fault> {
    match (how.proved, how.session) {
        (Some((user, events)), present) if last_event(&events, Usage::Primary).is_none() => {
            let client = &request.client_id;
            let raised = raise(app, call, tx, present, &user, &events, client).await?;
            Ok(raised.map(|(session, cookie)| (session, Some(cookie))))
        }
        (Some((user, events)), present) => {
            let (session, cookie) =
                establish(app, call, tx, present, &user, &events, &request.client_id).await?;
            Ok(Some((session, Some(cookie))))
        }
        (None, Some(session)) => {
            let alive = touch(call, tx, session.clone(), &request.client_id).await?;
            Ok(alive.then_some((session, None)))
        }
        (None, None) => Ok(None),
    }
}

/// The API has closed itself to the application since it asked.
fn refusal(call: &Call, request: &AuthorizationRequest, error: AccessError) -> OauthError {
    let audience = request.audience.as_ref().map_or("", |audience| audience.value.as_str());
    match call.tenant.client(&request.client_id) {
        Some(client) => not_granted(client, audience, error),
        None => OauthError::new("unauthorized_client", "The application is gone"),
    }
}

fn authorization(
    call: &Call,
    request: &AuthorizationRequest,
    session: &Session,
    scope: ScopeSet,
    multi_factor: bool,
) -> Authorization {
    Authorization {
        client_id: request.client_id.clone(),
        user_id: session.user_id.clone(),
        issuer: call.issuer.clone(),
        session_id: session.id.clone(),
        events: session.events.clone(),
        audience: request.audience.clone(),
        scope,
        redirect_uri: request.redirect_uri.clone(),
        redirect_uri_sent: request.redirect_uri_sent,
        code_challenge: request.code_challenge.clone(),
        nonce: request.nonce.clone(),
        dpop_jkt: request.dpop_jkt.clone(),
        multi_factor,
        wants_auth_time: request.max_age.is_some() || request.prompts(Prompt::Login),
    }
}
