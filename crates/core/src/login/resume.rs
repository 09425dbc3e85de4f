//! `/authorize/resume`: after each answered page, ask again what comes next.

use super::finish::{Finish, finish};
use super::next::{Agreement, Next, next, session_suffices};
use super::respond::Destination;
use super::scope::asked_scope;
use super::session::current_session;
use super::step::{advance, transaction_of};
use super::{
    AuthorizationRequest, AuthorizationResponse, LoginError, LoginTransaction, OauthError, Screen,
    SessionCookie, Step, Visitor,
};
use crate::access::missing_consent;
use crate::app::App;
use crate::call::Call;
use crate::client::is_non_verifiable;
use crate::error::Fault;
use crate::id::UserId;
use crate::secret::Handle;

/// What comes after an answered page.
#[derive(Debug)]
pub enum Resumed {
    /// Another page.
    Show(Screen),
    /// The answer for the application, and what becomes of the session cookie.
    Respond(AuthorizationResponse, Option<SessionCookie>),
}

/// Goes on with a transaction.
///
/// # Errors
/// See [`LoginError`].
pub async fn resume(
    app: &App,
    call: &Call,
    visitor: &Visitor,
    session: Option<&Handle>,
) -> Result<Resumed, LoginError> {
    let transaction = transaction_of(app, call, visitor).await?;
    let request = &transaction.state.request;
    let step = &transaction.state.step;
    let session = current_session(app, call, session).await?;
    let proved = match step {
        Step::Authenticated { user_id, events, .. } => Some((user_id.clone(), events.clone())),
        _ => None,
    };
    let sufficient = session.as_ref().filter(|session| {
        let is_theirs = !matches!(step, Step::Agree { user_id, .. } if *user_id != session.user_id);
        is_theirs && session_suffices(request, session, call.now)
    });
    let user = proved.as_ref().map(|(user, _)| user).or(sufficient.map(|own| &own.user_id));
    if user.is_none() && matches!(step, Step::Agree { .. }) {
        return begin_again(app, call, transaction).await;
    }
    let agreement = agreement(app, call, request, user, transaction.state.interacted).await?;
    let identifier_first = call.tenant.settings.identifier_first;
    match next(request, step, user.is_some(), identifier_first, agreement) {
        Next::Show(screen) => Ok(Resumed::Show(screen)),
        Next::Refuse(error) => {
            Ok(Resumed::Respond(Destination::of(call, request).error(error), None))
        }
        Next::Finish => {
            let how = Finish::through(transaction.handle.clone(), session, proved);
            let finished = finish(app, call, request, how).await?;
            Ok(Resumed::Respond(finished.response, finished.cookie))
        }
    }
}

/// Whoever was to agree is not signed in any more, so somebody signs in first.
async fn begin_again(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
) -> Result<Resumed, LoginError> {
    let identifier_first = call.tenant.settings.identifier_first;
    let request = transaction.state.request.clone();
    advance(app, call, transaction, Step::Identify).await?;
    match next(&request, &Step::Identify, false, identifier_first, Agreement::default()) {
        Next::Show(screen) => Ok(Resumed::Show(screen)),
        _ => Err(LoginError::TransactionNotFound),
    }
}

/// What `user` must agree to before the application gets its answer.
pub(super) async fn agreement(
    app: &App,
    call: &Call,
    request: &AuthorizationRequest,
    user: Option<&UserId>,
    interacted: bool,
) -> Result<Agreement, Fault> {
    let client = call.tenant.client(&request.client_id);
    let (Some(client), Some(user)) = (client, user) else { return Ok(Agreement::default()) };
    let api = request
        .audience
        .as_ref()
        .and_then(|audience| call.tenant.resource_server(&audience.resource_server_id));
    let scope = asked_scope(app, call, request, user).await?;
    let consent_missing = match api {
        // Asking the database is only needed where the answer depends on it.
        Some(api) if missing_consent(client, api, &scope, None) => {
            let mut tx = app.read(&call.tenant.id).await?;
            let given = tx.consent(user, &client.id, &api.id).await?;
            missing_consent(client, api, &scope, given.as_ref())
        }
        _ => false,
    };
    let skip = client
        .settings
        .skip_non_verifiable_callback_uri_confirmation_prompt
        .unwrap_or(call.tenant.settings.skip_non_verifiable_callback_uri_confirmation_prompt);
    let callback_unconfirmed = !interacted
        && !skip
        && !client.settings.is_system
        && is_non_verifiable(&request.redirect_uri);
    Ok(Agreement { consent_missing, callback_unconfirmed })
}

/// Ends a transaction with an error for the application.
pub(super) async fn refuse(
    app: &App,
    call: &Call,
    visitor: &Visitor,
    request: &AuthorizationRequest,
    error: OauthError,
) -> Result<AuthorizationResponse, LoginError> {
    let mut tx = app.write(&call.tenant.id).await?;
    tx.finish_login(&visitor.state.hash()).await?;
    tx.commit().await?;
    Ok(Destination::of(call, request).error(error))
}
