//! `/authorize/resume`: after each answered page, ask again what comes next.

use super::finish::{Finish, finish};
use super::next::{Agreement, Next, next, session_suffices};
use super::respond::Destination;
use super::scope::asked_scope;
use super::second_factor::{Assessed, assess, start};
use super::session::current_session;
use super::step::{advance, transaction_of};
use super::{
    AuthorizationRequest, AuthorizationResponse, Cookies, LoginError, LoginTransaction, NewCookies,
    OauthError, Screen, Step, Visitor,
};
use crate::access::missing_consent;
use crate::app::App;
use crate::call::Call;
use crate::client::is_non_verifiable;
use crate::error::Fault;
use crate::id::UserId;

/// What comes after an answered page.
#[derive(Debug)]
pub enum Resumed {
    /// Another page.
    Show(Screen),
    /// A second factor is enrolled, which is all that was wanted.
    Enrolled,
    /// The answer for the application, and what becomes of the browser's cookies.
    Respond(AuthorizationResponse, NewCookies),
}

/// Goes on with a transaction.
///
/// # Errors
/// See [`LoginError`].
pub async fn resume(
    app: &App,
    call: &Call,
    visitor: &Visitor,
    cookies: &Cookies,
) -> Result<Resumed, LoginError> {
    let transaction = transaction_of(app, call, visitor).await?;
    let request = &transaction.state.request;
    let step = &transaction.state.step;
    match step {
        Step::SecondFactor { task, .. } => return Ok(Resumed::Show(task.screen())),
        Step::Enrolled { .. } => {
            let mut tx = app.write_passing(&call.tenant.id).await?;
            tx.finish_login(&visitor.state.hash()).await?;
            tx.commit().await?;
            return Ok(Resumed::Enrolled);
        }
        // Nobody signed in here, so there is nothing to go on with.
        Step::Enrollment { .. } => return Err(LoginError::TransactionNotFound),
        _ => {}
    }
    let session = current_session(app, call, cookies.session.as_ref()).await?;
    let proved = match step {
        Step::Authenticated { user_id, events, .. } | Step::Agree { user_id, events, .. } => {
            Some((user_id.clone(), events.clone()))
        }
        _ => None,
    };
    let signed_in = matches!(step, Step::Authenticated { .. });
    let sufficient = session.as_ref().filter(|session| {
        let is_theirs = !matches!(step, Step::Agree { user_id, .. } if *user_id != session.user_id);
        is_theirs && session_suffices(request, session, call.now)
    });
    let here = proved.as_ref().filter(|_| signed_in).map(|(user, _)| user);
    let user = here.or(sufficient.map(|own| &own.user_id));
    if user.is_none() && matches!(step, Step::Agree { .. }) {
        return begin_again(app, call, transaction).await;
    }
    let agreement = agreement(app, call, request, user, transaction.state.interacted).await?;
    let identifier_first = call.tenant.settings.identifier_first;
    let authenticated = match user {
        Some(user) => {
            let proved = proved.as_ref().map_or(&[][..], |(_, events)| events);
            let remembered = cookies.remembered.as_ref();
            let person = Assessed { user, proved, session: session.as_ref(), remembered };
            Some(assess(app, call, request, person).await?)
        }
        None => None,
    };
    match next(request, step, authenticated, identifier_first, agreement) {
        Next::Show(screen) => Ok(Resumed::Show(screen)),
        Next::Prove(verdict) => Ok(Resumed::Show(start(app, call, transaction, verdict).await?)),
        Next::SignInAgain => begin_again(app, call, transaction).await,
        Next::Refuse(error) => {
            let response = Destination::of(call, request).error(error);
            Ok(Resumed::Respond(response, NewCookies::default()))
        }
        Next::Finish => {
            let proved = proved.filter(|(_, events)| !events.is_empty());
            let how = Finish::through(&transaction, session, proved);
            let finished = finish(app, call, request, how).await?;
            Ok(Resumed::Respond(finished.response, finished.cookies))
        }
    }
}

/// Whoever was to agree is not signed in any more, or was too long ago: somebody signs in first.
async fn begin_again(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
) -> Result<Resumed, LoginError> {
    let identifier_first = call.tenant.settings.identifier_first;
    let request = transaction.state.request.clone();
    advance(app, call, transaction, Step::Identify).await?;
    match next(&request, &Step::Identify, None, identifier_first, Agreement::default()) {
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
