//! Passkeys on the sign-in pages (contract 04 §10.8): signing in with one from the identifier
//! page.

use serde_json::{Map, Value, json};

use super::passkey_offer::due_after_passkey;
use super::password::connection_of;
use super::resume::refuse;
use super::step::{advance_in, posted_transaction};
use super::{Answered, FormError, LoginError, LoginTransaction, OauthError, Posted, Screen, Step};
use crate::app::App;
use crate::call::Call;
use crate::connection::ChallengeUi;
use crate::factor::webauthn::{
    AuthenticationResponse, CHALLENGE_LIFETIME, Callers, Challenge, Purpose, Refusal, RelyingParty,
    RequestOptions,
};
use crate::log::{LogKind, LogSubject, record};
use crate::passkey::{SignInError, sign_in};
use crate::user::User;

/// How the identifier page offers to sign in with a passkey.
#[derive(Clone, Debug)]
pub struct PasskeyPrompt {
    /// What the browser needs.
    pub options: RequestOptions,
    /// Among suggestions, by a button, or both.
    pub ui: ChallengeUi,
}

/// The challenges of a transaction as it stands: each move makes the earlier ones worthless, and a
/// transaction moves once per answer.
pub(super) fn challenge<'a>(
    app: &'a App,
    call: &'a Call,
    session: &'a str,
    purpose: Purpose,
) -> Challenge<'a> {
    let (sealer, tenant) = (app.sealer(), &call.tenant.id);
    Challenge { sealer, tenant, table: "login_transactions", session, purpose }
}

/// Names a transaction and its state for [`challenge`].
pub(super) fn session_of(transaction: &LoginTransaction) -> String {
    format!("{}|{}", transaction.handle.as_str(), transaction.version)
}

/// How the identifier page of a transaction offers passkeys, if at all.
pub(super) fn prompt(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
) -> Result<Option<PasskeyPrompt>, LoginError> {
    let passkey = connection_of(call, &transaction.state.request)?.options.passkey;
    if !passkey.enabled {
        return Ok(None);
    }
    let party = RelyingParty::of(call, Callers::OwnPages);
    let session = session_of(transaction);
    let challenge = challenge(app, call, &session, Purpose::Get)
        .issue(&party, call.now.plus_seconds(CHALLENGE_LIFETIME));
    let options = RequestOptions { challenge, rp_id: party.id };
    Ok(Some(PasskeyPrompt { options, ui: passkey.challenge_ui }))
}

/// Takes what the browser's authenticator answered; none is what cannot be read.
/// `has_platform_authenticator` is what the page found out about the browser.
///
/// # Errors
/// See [`LoginError`].
pub async fn answer_passkey(
    app: &App,
    call: &Call,
    posted: &Posted,
    response: Option<&AuthenticationResponse>,
    has_platform_authenticator: bool,
) -> Result<Answered, LoginError> {
    let mut transaction = posted_transaction(app, call, posted, &[Screen::LoginId]).await?;
    transaction.state.has_platform_authenticator = has_platform_authenticator;
    let Some(response) = response else { return Ok(again("invalid-passkey")) };
    let connection = connection_of(call, &transaction.state.request)?;
    if !connection.options.passkey.enabled {
        return Ok(again("no-passkey"));
    }
    let party = RelyingParty::of(call, Callers::OwnPages);
    let session = session_of(&transaction);
    let challenge = challenge(app, call, &session, Purpose::Get);
    let is_challenge = |presented: &str| challenge.check(&party, presented, call.now);
    let mut tx = app.write(&call.tenant.id).await?;
    match sign_in(call, &mut *tx, connection, &party, is_challenge, response).await {
        Ok(signed_in) => {
            let passkey_offer = due_after_passkey(
                call,
                &mut *tx,
                connection,
                &transaction,
                &signed_in,
                response.cross_platform,
            )
            .await?;
            let step = Step::Authenticated {
                user_id: signed_in.user.id,
                events: vec![signed_in.event],
                consented: false,
                passkey_offer,
            };
            advance_in(&mut *tx, transaction, step).await?;
            tx.commit().await?;
            Ok(Answered::Resume)
        }
        Err(error) => {
            drop(tx);
            refused(app, call, posted, &transaction, error).await
        }
    }
}

async fn refused(
    app: &App,
    call: &Call,
    posted: &Posted,
    transaction: &LoginTransaction,
    error: SignInError,
) -> Result<Answered, LoginError> {
    match error {
        SignInError::Fault(fault) => Err(fault.into()),
        SignInError::Blocked => {
            let error = OauthError::new("unauthorized", "user is blocked");
            let request = &transaction.state.request;
            Ok(Answered::Respond(refuse(app, call, &posted.visitor, request, error).await?))
        }
        SignInError::Unknown => {
            log_failure(app, call, transaction, None, "unknown passkey").await?;
            Ok(again("no-passkey"))
        }
        SignInError::Refused(refusal, user) => {
            log_failure(app, call, transaction, Some(&user), &refusal.to_string()).await?;
            let code = match refusal {
                Refusal::Expired => "passkey-expired",
                _ => "passkey-authentication-failed",
            };
            Ok(again(code))
        }
    }
}

pub(super) fn again(code: &'static str) -> Answered {
    Answered::Again(vec![FormError { field: None, code, broken: Vec::new() }])
}

async fn log_failure(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
    user: Option<&User>,
    why: &str,
) -> Result<(), LoginError> {
    let client = &transaction.state.request.client_id;
    let subject = LogSubject { client: Some(client), user, name: None };
    let mut details = Map::<String, Value>::new();
    details.insert("prompts".into(), json!([{ "name": "prompt-authenticate" }]));
    details.insert("error".into(), json!({ "message": why }));
    let mut tx = app.write(&call.tenant.id).await?;
    record(app, call, &mut *tx, LogKind::LoginFailed, subject, details).await?;
    tx.commit().await?;
    Ok(())
}
