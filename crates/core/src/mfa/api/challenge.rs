//! `POST /mfa/challenge`: ask for one of the second factors somebody has (contract 04 §4.1).

use super::authenticators::of_person;
use super::{Answer, MfaError};
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, ClientCredentials, GrantType, authenticate};
use crate::log::LogKind;
use crate::mfa::check::log;
use crate::mfa::send::{Letter, Purpose, Target, ask_device, send_code};
use crate::mfa::transaction::is_token;
use crate::mfa::waiting::Waiting;
use crate::mfa::{Asked, Choice, Has, MfaTokenError, Origin, Problem, Way};
use crate::secret::Handle;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Challenge {
    /// `mfa_token`.
    pub mfa_token: Option<String>,
    /// `challenge_type`: what the application can handle, or one of the requirements it was told.
    pub challenge_type: Option<String>,
    /// `authenticator_id`.
    pub authenticator_id: Option<String>,
    /// `oob_channel`.
    pub oob_channel: Option<String>,
}

/// What was asked of the person.
#[derive(Debug)]
pub enum Challenged {
    /// A code was sent; what it is good together with.
    CodeSent(Handle),
    /// A device was asked; how to get at its answer.
    DeviceAsked(Handle),
    /// The code that their app shows.
    Otp,
    /// The code on paper.
    RecoveryCode,
}

/// Asks for a second factor.
pub async fn challenge(
    app: &App,
    call: &Call,
    credentials: &ClientCredentials,
    request: &Challenge,
) -> Answer<Challenged> {
    match authenticate(app, call, credentials).await {
        Err(error) => Answer { client: None, outcome: Err(error.into()) },
        Ok(client) => {
            let outcome = begin(app, call, &client, request).await;
            Answer { client: Some(client), outcome }
        }
    }
}

async fn begin(
    app: &App,
    call: &Call,
    client: &Client,
    request: &Challenge,
) -> Result<Challenged, MfaError> {
    let token = request.mfa_token.as_deref().ok_or(MfaError::Missing("mfa_token"))?;
    if !is_token(token) {
        return Err(MfaTokenError::Malformed.into());
    }
    let wanted = wanted(client, request)?;
    let waiting = waiting(app, call, client, token).await?;
    let choice = pick(call, &waiting, request, &wanted)?;
    match choice.way {
        Way::PushNotification => {
            let Waiting { tx, person, .. } = waiting;
            // Devices are asked in a transaction of their own.
            drop(tx);
            let asked = ask_device(app, call, &person, &choice).await?;
            let oob = asked.map_err(MfaError::NotSent)?;
            let mut waiting = self::waiting(app, call, client, token).await?;
            remember(&mut waiting, Asked { oob: oob.hash(), choice, code: None }).await?;
            waiting.tx.commit().await?;
            app.nudge_outbox();
            Ok(Challenged::DeviceAsked(oob))
        }
        Way::Email | Way::Sms | Way::Voice => send(app, call, waiting, choice).await,
        Way::Otp | Way::RecoveryCode => {
            let Waiting { mut tx, person, .. } = waiting;
            let kind = LogKind::ChallengeStarted;
            log(app, call, &mut *tx, &person.user, kind, Some(choice.way)).await?;
            tx.commit().await?;
            Ok(match choice.way {
                Way::RecoveryCode => Challenged::RecoveryCode,
                _ => Challenged::Otp,
            })
        }
    }
}

/// What waits behind a token of this application.
async fn waiting(
    app: &App,
    call: &Call,
    client: &Client,
    token: &str,
) -> Result<Waiting, MfaError> {
    let waiting = Waiting::behind(app, call, token).await?;
    let state = &waiting.transaction.state;
    if matches!(state.origin, Origin::Enrollment { .. }) {
        return Err(MfaTokenError::Malformed.into());
    }
    if state.client_id == client.id { Ok(waiting) } else { Err(MfaTokenError::Expired.into()) }
}

/// Which ways the application asks for, and may finish.
fn wanted(client: &Client, request: &Challenge) -> Result<Vec<Way>, MfaError> {
    let mut wanted = Vec::new();
    let types = request.challenge_type.as_deref().unwrap_or("otp oob");
    for name in types.split_ascii_whitespace() {
        wanted.extend_from_slice(named(name));
    }
    if wanted.is_empty() {
        let text = "challenge_type must be otp, oob, or both".to_owned();
        return Err(MfaError::Invalid(text));
    }
    if let Some(channel) = request.oob_channel.as_deref() {
        let only = match channel {
            "sms" | "voice" | "email" | "auth0" => named(channel),
            _ => {
                let text = "oob_channel must be sms, voice, email or auth0".to_owned();
                return Err(MfaError::Invalid(text));
            }
        };
        wanted.retain(|way| only.contains(way));
    }
    let grants = &client.settings.grant_types;
    wanted.retain(|way| grants.contains(&grant_of(*way)));
    if wanted.is_empty() { Err(MfaError::NotAllowed) } else { Ok(wanted) }
}

/// What a challenge type means: applications pass on what they were told is required.
fn named(name: &str) -> &'static [Way] {
    match name {
        "otp" | "totp" | "http://auth0.com/oauth/grant-type/mfa-otp" => &[Way::Otp],
        "oob" | "http://auth0.com/oauth/grant-type/mfa-oob" => {
            &[Way::PushNotification, Way::Sms, Way::Voice, Way::Email]
        }
        "phone" => &[Way::Sms, Way::Voice],
        "sms" => &[Way::Sms],
        "voice" => &[Way::Voice],
        "email" => &[Way::Email],
        "push-notification" | "push" | "auth0" => &[Way::PushNotification],
        "recovery-code" => &[Way::RecoveryCode],
        _ => &[],
    }
}

/// The grant that finishes what a way begins.
pub(super) fn grant_of(way: Way) -> GrantType {
    match way {
        Way::Otp => GrantType::MfaOtp,
        Way::RecoveryCode => GrantType::MfaRecoveryCode,
        Way::Email | Way::PushNotification | Way::Sms | Way::Voice => GrantType::MfaOob,
    }
}

/// The one that is named, or the likeliest of those asked for.
fn pick(
    call: &Call,
    waiting: &Waiting,
    request: &Challenge,
    wanted: &[Way],
) -> Result<Choice, MfaError> {
    let factors = waiting.person.factors(call);
    if matches!(factors.class(call), Has::Nothing { .. }) {
        return Err(MfaError::NotEnrolled);
    }
    let fits = |choice: &Choice| wanted.contains(&choice.way);
    let Some(id) = request.authenticator_id.as_deref() else {
        return factors.choices.into_iter().find(fits).ok_or(MfaError::Unsupported);
    };
    let named = of_person(call, &waiting.person).into_iter().find(|own| own.id == id);
    let named = named.filter(|own| own.active).ok_or(MfaError::UnknownAuthenticator)?;
    named
        .choice
        .filter(|choice| factors.choices.contains(choice) && fits(choice))
        .ok_or(MfaError::Unsupported)
}

/// Sends a code; the one that was sent before is good no longer.
async fn send(
    app: &App,
    call: &Call,
    mut waiting: Waiting,
    choice: Choice,
) -> Result<Challenged, MfaError> {
    let oob = Handle::generate(app.random());
    let Waiting { tx, person, transaction } = &mut waiting;
    let handle = oob.hash();
    let letter = Letter {
        handle: &handle,
        user: &person.user,
        target: Target::of(person, &choice).ok_or(MfaError::Unsupported)?,
        purpose: Purpose::Login,
        client: &transaction.state.client_id,
        languages: None,
    };
    let sent = send_code(app, call, &mut **tx, &letter).await?;
    if let Some(problem) = sent.problem {
        waiting.tx.commit().await?;
        return Err(MfaError::NotSent(problem));
    }
    let kind = LogKind::ChallengeStarted;
    log(app, call, &mut **tx, &person.user, kind, Some(choice.way)).await?;
    remember(&mut waiting, Asked { oob: oob.hash(), choice, code: sent.code }).await?;
    waiting.tx.commit().await?;
    app.nudge_outbox();
    let problem = match sent.held {
        Some(held) => held.settle(app, call).await?,
        None => None,
    };
    problem
        .map_or(Ok(Challenged::CodeSent(oob)), |problem: Problem| Err(MfaError::NotSent(problem)))
}

/// Keeps what was asked, in the place of what was asked before.
pub(super) async fn remember(waiting: &mut Waiting, asked: Asked) -> Result<(), MfaError> {
    waiting.transaction.state.asked = Some(asked);
    if waiting.tx.update_mfa_transaction(&waiting.transaction).await? {
        Ok(())
    } else {
        Err(MfaTokenError::Expired.into())
    }
}
