//! Agreeing: to scopes, or to answering a program nobody can tell apart from others.

use super::resume::refuse;
use super::scope::asked_scope;
use super::step::{advance, parties, posted_transaction};
use super::{Answered, LoginError, LoginTransaction, OauthError, Posted, Screen, Step};
use crate::access::Consent;
use crate::app::App;
use crate::call::Call;
use crate::id::{ConsentId, UserId};
use crate::resource_server::ResourceServerKind;
use crate::scope::is_oidc;

/// Takes the answer of the consent page; a yes is remembered.
///
/// # Errors
/// See [`LoginError`].
pub async fn answer_consent(
    app: &App,
    call: &Call,
    posted: &Posted,
    agreed: bool,
) -> Result<Answered, LoginError> {
    let transaction = posted_transaction(app, call, posted, &[Screen::Consent]).await?;
    if !agreed {
        return decline(app, call, posted, &transaction).await;
    }
    let (Step::Authenticated { user_id, .. } | Step::Agree { user_id, .. }) =
        &transaction.state.step
    else {
        return Err(LoginError::Elsewhere);
    };
    remember(app, call, &transaction, user_id.clone()).await?;
    agree(app, call, transaction).await
}

/// Takes the answer of the confirmation page; it is asked each time.
///
/// # Errors
/// See [`LoginError`].
pub async fn answer_confirmation(
    app: &App,
    call: &Call,
    posted: &Posted,
    agreed: bool,
) -> Result<Answered, LoginError> {
    let transaction = posted_transaction(app, call, posted, &[Screen::Confirmation]).await?;
    if agreed {
        agree(app, call, transaction).await
    } else {
        decline(app, call, posted, &transaction).await
    }
}

async fn agree(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
) -> Result<Answered, LoginError> {
    let step = match transaction.state.step.clone() {
        Step::Authenticated { user_id, events, passkey_offer, .. } => {
            Step::Authenticated { user_id, events, consented: true, passkey_offer }
        }
        Step::Agree { user_id, events, .. } => Step::Agree { user_id, consented: true, events },
        _ => return Err(LoginError::Elsewhere),
    };
    advance(app, call, transaction, step).await?;
    Ok(Answered::Resume)
}

async fn decline(
    app: &App,
    call: &Call,
    posted: &Posted,
    transaction: &LoginTransaction,
) -> Result<Answered, LoginError> {
    let error = OauthError::new("access_denied", "User did not authorize the request");
    let request = &transaction.state.request;
    Ok(Answered::Respond(refuse(app, call, &posted.visitor, request, error).await?))
}

async fn remember(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
    user: UserId,
) -> Result<(), LoginError> {
    let (client, api) = parties(call, transaction)?;
    // The API for authenticators is not stored, so nothing can be kept about it; nor is it asked
    // about unless a request wants that.
    let Some(api) = api.filter(|api| api.kind != ResourceServerKind::Mfa) else { return Ok(()) };
    let asked = asked_scope(app, call, &transaction.state.request, &user).await?;
    let asked = asked.filtered(|scope| !is_oidc(scope));
    let mut tx = app.write(&call.tenant.id).await?;
    let given = tx.consent(&user, &client.id, &api.id).await?;
    let consent = Consent {
        id: given.as_ref().map_or_else(|| ConsentId::generate(app.random()), |own| own.id.clone()),
        user_id: user,
        client_id: client.id.clone(),
        resource_server_id: api.id.clone(),
        scope: given.map(|own| own.scope).unwrap_or_default().union(&asked),
        updated_at: call.now,
    };
    tx.put_consent(&consent).await?;
    tx.commit().await?;
    Ok(())
}
