//! The first thing asked of somebody whose second factor is missing, and how what is asked changes.

use super::send::{Begun, send};
use super::{Challenge, NewFactor, Task};
use crate::app::App;
use crate::call::Call;
use crate::factor::{MethodKind, totp};
use crate::id::MethodId;
use crate::log::LogKind;
use crate::login::step::{advance, advance_in};
use crate::login::{LoginError, LoginTransaction, Screen, Step};
use crate::mfa::check::log;
use crate::mfa::person::Person;
use crate::mfa::send::Sent;
use crate::mfa::{Choice, Problem, Verdict, Way};

/// The person of a step.
pub(super) async fn person_of(app: &App, call: &Call, step: &Step) -> Result<Person, LoginError> {
    let id = step.person().ok_or(LoginError::Elsewhere)?;
    let mut tx = app.read(&call.tenant.id).await?;
    Person::read(&mut *tx, id).await?.ok_or(LoginError::TransactionNotFound)
}

/// Begins what a verdict asks for; the page to show.
pub(in crate::login) async fn start(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
    verdict: Verdict,
) -> Result<Screen, LoginError> {
    let before = match transaction.state.step.clone() {
        Step::SecondFactor { before, .. } => *before,
        other => other,
    };
    let person = person_of(app, call, &before).await?;
    if verdict == Verdict::Enrollment {
        return begin_to_enroll(app, call, transaction, before).await;
    }
    match person.factors(call).choices.into_iter().next() {
        Some(choice) => ask(app, call, transaction, before, choice).await,
        None => Err(LoginError::TransactionNotFound),
    }
}

/// Begins what somebody came for by a link; the page to show.
pub(in crate::login) async fn enroll_by_ticket(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
) -> Result<Screen, LoginError> {
    let before = transaction.state.step.clone();
    begin_to_enroll(app, call, transaction, before).await
}

async fn begin_to_enroll(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
    before: Step,
) -> Result<Screen, LoginError> {
    let flag = call.tenant.settings.flags.get("mfa_show_factor_list_on_enrollment");
    match before.offered(call).as_slice() {
        // It was switched off since the link was made.
        [] if matches!(before, Step::Enrollment { .. }) => Err(LoginError::TransactionNotFound),
        [only] => enroll(app, call, transaction, before, *only).await,
        // The others are behind "try another method".
        [first, ..] if flag == Some(&false) => enroll(app, call, transaction, before, *first).await,
        _ => go(app, call, transaction, before, Task::ChooseEnrollment).await,
    }
}

/// Moves on to a task that needs nothing done; the page to show.
pub(super) async fn go(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
    before: Step,
    task: Task,
) -> Result<Screen, LoginError> {
    let screen = task.screen();
    let step = Step::SecondFactor { before: Box::new(before), task };
    advance(app, call, transaction, step).await?;
    Ok(screen)
}

/// Asks for one of the second factors somebody has, sending what is to be sent.
pub(super) async fn ask(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
    before: Step,
    choice: Choice,
) -> Result<Screen, LoginError> {
    let person = person_of(app, call, &before).await?;
    if !person.factors(call).choices.contains(&choice) {
        return Err(LoginError::Elsewhere);
    }
    // What was sent before stays good if nothing new is.
    let earlier = match &transaction.state.step {
        Step::SecondFactor { task: Task::Challenge(own), .. } if own.choice == choice => {
            Some(own.clone())
        }
        _ => None,
    };
    let Begun { mut tx, sent, sealed_question } =
        send(app, call, &transaction, &person, &choice).await?;
    let Sent { code, problem, held } = sent;
    // A device's question is logged where it is asked.
    if choice.way != Way::PushNotification {
        let kind = LogKind::ChallengeStarted;
        log(app, call, &mut *tx, &person.user, kind, Some(choice.way)).await?;
    }
    let challenge = Challenge {
        code: code.or_else(|| earlier.as_ref().and_then(|own| own.code.clone())),
        sealed_question: sealed_question.or_else(|| earlier.and_then(|own| own.sealed_question)),
        choice,
        problem,
    };
    let task = Task::Challenge(challenge.clone());
    let screen = task.screen();
    let mut moved = transaction.clone();
    moved.version += 1;
    let step = Step::SecondFactor { before: Box::new(before.clone()), task };
    advance_in(&mut *tx, transaction, step).await?;
    tx.commit().await?;
    app.nudge_outbox();
    if let Some(held) = held
        && held.settle(app, call).await?.is_some()
    {
        let problem = Some(Problem::NotSent);
        let task = Task::Challenge(Challenge { problem, ..challenge });
        return go(app, call, moved, before, task).await;
    }
    Ok(screen)
}

/// Begins to enrol a second factor.
pub(super) async fn enroll(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
    before: Step,
    way: Way,
) -> Result<Screen, LoginError> {
    let task = match way {
        Way::Otp => Task::ProveEnrollment(new_app(app, call, &before).await?),
        Way::Email | Way::Sms | Way::Voice => Task::NameContact(way),
        Way::PushNotification | Way::RecoveryCode => return Err(LoginError::Elsewhere),
    };
    go(app, call, transaction, before, task).await
}

async fn new_app(app: &App, call: &Call, before: &Step) -> Result<NewFactor, LoginError> {
    let user = person_of(app, call, before).await?.user;
    let id = MethodId::generate(app.random());
    let (issuer, account) = (call.tenant.friendly_name(), user.label());
    let begun = totp::begin(&call.tenant.id, &id, issuer, account, app.sealer(), app.random())?;
    match begun.kind {
        MethodKind::Totp { sealed_secret, .. } => Ok(NewFactor::App { id, sealed_secret }),
        _ => Err(LoginError::Elsewhere),
    }
}
