//! The pages that offer a passkey after signing in: making one, or going on without
//! (contract 04 §10.8).

use super::passkey::{again, challenge, session_of};
use super::passkey_offer::snooze;
use super::password::connection_of;
use super::step::{advance_in, posted_transaction};
use super::{Answered, LoginError, LoginTransaction, Posted, Screen, Step};
use crate::account::passkey::{new_method, store};
use crate::account::{AccountError, MAX_METHODS};
use crate::app::App;
use crate::call::Call;
use crate::factor::webauthn::{
    CHALLENGE_LIFETIME, Callers, CreationOptions, Purpose, RegistrationResponse, RelyingParty,
    register,
};
use crate::id::UserId;
use crate::log::LogSubject;
use crate::session::MethodEvent;

/// What was answered to the offer.
#[derive(Debug)]
pub enum PasskeyAnswer {
    /// A new passkey; none is what cannot be read.
    Made(Option<Box<RegistrationResponse>>),
    /// Not now, or not for a while.
    Without {
        /// Not for a while.
        snooze: bool,
    },
}

/// What the browser needs to make the passkey that is offered.
pub(super) async fn options(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
) -> Result<Option<CreationOptions>, LoginError> {
    let Step::Authenticated { user_id, passkey_offer: Some(_), .. } = &transaction.state.step
    else {
        return Ok(None);
    };
    let mut tx = app.read(&call.tenant.id).await?;
    let user = tx.user(user_id).await?.ok_or(LoginError::TransactionNotFound)?;
    let methods = tx.methods(user_id).await?;
    let party = RelyingParty::of(call, Callers::OwnPages);
    let session = session_of(transaction);
    let challenge = challenge(app, call, &session, Purpose::Create)
        .issue(&party, call.now.plus_seconds(CHALLENGE_LIFETIME));
    let name = call.tenant.friendly_name();
    let options = CreationOptions::new(&party, name, challenge, user.id.as_str(), &user.profile);
    let existing = methods.iter().filter_map(|method| method.kind.credential());
    Ok(Some(options.excluding(existing)))
}

/// Takes the answer to the offer.
///
/// # Errors
/// See [`LoginError`].
pub async fn answer_passkey_enrollment(
    app: &App,
    call: &Call,
    posted: &Posted,
    screen: Screen,
    answer: PasskeyAnswer,
) -> Result<Answered, LoginError> {
    let transaction = posted_transaction(app, call, posted, &[screen]).await?;
    let Step::Authenticated { user_id, events, consented, .. } = transaction.state.step.clone()
    else {
        return Err(LoginError::Elsewhere);
    };
    match answer {
        PasskeyAnswer::Made(None) => Ok(again("invalid-passkey")),
        PasskeyAnswer::Made(Some(response)) => {
            let step = settled(user_id.clone(), events, consented);
            keep(app, call, transaction, &user_id, *response, step).await
        }
        PasskeyAnswer::Without { snooze: for_a_while } => {
            let mut tx = app.write(&call.tenant.id).await?;
            if for_a_while {
                snooze(call, &mut *tx, &user_id).await?;
            }
            advance_in(&mut *tx, transaction, settled(user_id, events, consented)).await?;
            tx.commit().await?;
            Ok(Answered::Resume)
        }
    }
}

/// The same step with nothing left to offer.
fn settled(user_id: UserId, events: Vec<MethodEvent>, consented: bool) -> Step {
    Step::Authenticated { user_id, events, consented, passkey_offer: None }
}

async fn keep(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
    user_id: &UserId,
    response: RegistrationResponse,
    step: Step,
) -> Result<Answered, LoginError> {
    let client = transaction.state.request.client_id.clone();
    if !connection_of(call, &transaction.state.request)?.options.passkey.enabled {
        return Ok(again("no-passkey"));
    }
    let party = RelyingParty::of(call, Callers::OwnPages);
    let session = session_of(&transaction);
    let challenge = challenge(app, call, &session, Purpose::Create);
    let is_challenge = |presented: &str| challenge.check(&party, presented, call.now);
    let handle = CreationOptions::user_handle(user_id.as_str());
    let Ok(credential) = register(&party, is_challenge, &handle, response) else {
        return Ok(again("invalid-passkey"));
    };
    let mut tx = app.write(&call.tenant.id).await?;
    tx.lock_user(user_id).await?;
    let user = tx.user(user_id).await?.ok_or(LoginError::TransactionNotFound)?;
    if tx.methods(user_id).await?.len() + 1 >= MAX_METHODS {
        return Ok(again("error_passkey-enrollment-max-allowed-reached"));
    }
    if tx.method_by_credential(&credential.id).await?.is_some() {
        return Ok(again("passkey-exists"));
    }
    let method = new_method(app, call, user_id, credential);
    let subject = LogSubject { client: Some(&client), user: Some(&user), name: None };
    match store(app, call, &mut *tx, &user, subject, &method).await {
        Ok(()) => {}
        Err(AccountError::Fault(fault)) => return Err(fault.into()),
        Err(_) => return Ok(again("passkey-exists")),
    }
    advance_in(&mut *tx, transaction, step).await?;
    tx.commit().await?;
    app.nudge_outbox();
    Ok(Answered::Resume)
}
