//! Enrolling a second factor on the way in, because a policy wants one (contract 04 §9, §15.6).
//!
//! Only somebody without any may: whoever has one gives that one. What is enrolled is unknown to
//! everything else until it is proved.

use super::answer::{At, locked, malformed, proof, wrong};
use super::send::{letter, question_place};
use super::start::person_of;
use super::{NewFactor, Task};
use crate::account::MAX_METHODS;
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::phone::{PhoneChannel, PhoneNumber};
use crate::factor::{AuthenticationMethod, MethodKind, email, totp};
use crate::id::MethodId;
use crate::log::LogKind;
use crate::login::step::advance_in;
use crate::login::{Answered, LoginError, LoginTransaction, Step, TicketPurpose};
use crate::mfa::check::{app_code, count_wrong, is_sent, may_try};
use crate::mfa::enrolled::{announce, log, new_method, new_recovery_code};
use crate::mfa::person::Person;
use crate::mfa::send::{Purpose, Sent, Target, send_code};
use crate::mfa::{Has, PendingCode, Problem, Way};
use crate::port::Tx;
use crate::secret::HandleHash;

/// Takes the mailbox or number that codes are to go to, and sends one there.
pub(super) async fn keep_contact(
    at: At<'_>,
    way: Way,
    typed: &str,
    by_call: bool,
) -> Result<Answered, LoginError> {
    let contact = match contact(at.call, way, typed, by_call) {
        Ok(contact) => contact,
        Err((field, code)) => return Ok(wrong(Some(field), code)),
    };
    let At { app, call, transaction, before } = at;
    let person = person_of(app, call, &before).await?;
    let mut tx = app.write(&call.tenant.id).await?;
    let letter = letter(&transaction, &person.user, contact.target(), Purpose::Enrollment);
    let Sent { code, problem, held } = send_code(app, call, &mut *tx, &letter).await?;
    // What was sent before to the same place stays good if nothing new is.
    let code = code.or_else(|| contact.earlier_code(&transaction));
    log(app, call, &mut *tx, &person, LogKind::EnrollmentStarted).await?;
    let task = Task::ProveEnrollment(contact.clone().with(code.clone(), problem));
    let screen = task.screen();
    let mut moved = transaction.clone();
    moved.version += 1;
    let step = Step::SecondFactor { before: Box::new(before.clone()), task };
    advance_in(&mut *tx, transaction, step).await?;
    tx.commit().await?;
    app.nudge_outbox();
    let refused = match held {
        Some(held) => held.settle(app, call).await?,
        None => None,
    };
    if let Some(problem) = refused {
        let task = Task::ProveEnrollment(contact.with(code, Some(problem)));
        return At { app, call, transaction: moved, before }.go(task).await;
    }
    Ok(Answered::Show(screen))
}

/// Where codes are to go.
#[derive(Clone)]
enum Contact {
    Email(String),
    Phone(PhoneNumber, PhoneChannel),
}

impl Contact {
    fn target(&self) -> Target<'_> {
        match self {
            Self::Email(address) => Target::Mailbox(address),
            Self::Phone(number, channel) => Target::Phone(number, *channel),
        }
    }

    fn with(self, code: Option<PendingCode>, problem: Option<Problem>) -> NewFactor {
        match self {
            Self::Email(address) => NewFactor::Email { address, code, problem },
            Self::Phone(number, channel) => NewFactor::Phone { number, channel, code, problem },
        }
    }

    fn earlier_code(&self, transaction: &LoginTransaction) -> Option<PendingCode> {
        let Step::SecondFactor { task: Task::ProveEnrollment(earlier), .. } =
            &transaction.state.step
        else {
            return None;
        };
        match (self, earlier) {
            (Self::Email(own), NewFactor::Email { address, code, .. }) if own == address => {
                code.clone()
            }
            (Self::Phone(own, _), NewFactor::Phone { number, code, .. }) if own == number => {
                code.clone()
            }
            _ => None,
        }
    }
}

fn contact(
    call: &Call,
    way: Way,
    typed: &str,
    by_call: bool,
) -> Result<Contact, (&'static str, &'static str)> {
    let settings = &call.tenant.settings;
    let typed = typed.trim();
    if way == Way::Email {
        return match email::begin(typed) {
            Some(MethodKind::Email { address }) => Ok(Contact::Email(address)),
            _ if typed.is_empty() => Err(("email", "no-email")),
            _ => Err(("email", "invalid-email-format")),
        };
    }
    if typed.is_empty() {
        return Err(("phone", "no-phone"));
    }
    let number = PhoneNumber::parse(typed, settings.phone.default_calling_code.as_deref())
        .ok_or(("phone", "invalid-phone-format"))?;
    let wanted = if by_call || way == Way::Voice { Way::Voice } else { Way::Sms };
    let on = [wanted, Way::Sms, Way::Voice].into_iter().find(|way| way.is_on(settings));
    match on {
        Some(Way::Voice) => Ok(Contact::Phone(number, PhoneChannel::Voice)),
        Some(_) => Ok(Contact::Phone(number, PhoneChannel::Sms)),
        None => Err(("phone", "authenticator-error")),
    }
}

/// Takes the code that proves a new factor; from then on it counts, and so does this use of it.
pub(super) async fn prove(at: At<'_>, new: NewFactor, typed: &str) -> Result<Answered, LoginError> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).take(7).collect();
    if let Some(refusal) = malformed(&typed) {
        return Ok(refusal);
    }
    let (app, call) = (at.app, at.call);
    let mut tx = app.write(&call.tenant.id).await?;
    let Some(person) = locked(&mut *tx, &at.before).await? else {
        return Err(LoginError::TransactionNotFound);
    };
    // Somebody enrolled one elsewhere meanwhile: it is that one which is to be given.
    if !may_enroll(call, &at.before, &person) {
        at.done_in(&mut *tx, None).await?;
        tx.commit().await?;
        return Ok(Answered::Resume);
    }
    if person.methods.len() + 1 >= MAX_METHODS {
        return Ok(wrong(None, "too-many-authenticators"));
    }
    if !may_try(app, call, &mut *tx, &person.user).await? {
        tx.commit().await?;
        return Ok(wrong(Some("code"), "too-many-failures"));
    }
    let way = way(&new);
    let proved = proved(app, call, &at.transaction.handle, new, &typed)?;
    let Some((id, kind)) = proved else {
        count_wrong(app, call, &mut *tx, &person.user, way).await?;
        tx.commit().await?;
        return Ok(wrong(Some("code"), "invalid-code"));
    };
    let at = at.using_ticket(&mut *tx).await?;
    let last_auth_at = Some(call.now);
    let method = AuthenticationMethod { last_auth_at, ..new_method(call, &person, id, kind, true) };
    tx.insert_method(&method).await?;
    announce(app, call, &mut *tx, &person, &method).await?;
    let factor = method.kind.factor();
    let answered = match new_recovery_code(app, call, &person, true) {
        None => {
            at.done_in(&mut *tx, Some((factor, false))).await?;
            Answered::Resume
        }
        Some((method, code)) => {
            tx.insert_method(&method).await?;
            announce(app, call, &mut *tx, &person, &method).await?;
            let place = question_place(call, &at.transaction.handle);
            let sealed_code = app.sealer().seal(place, code.as_bytes(), app.random())?;
            let task = Task::KeepRecoveryCode { sealed_code, replaces: false };
            let screen = task.screen();
            let before = Box::new(at.before.having_proved(proof(call, factor)));
            advance_in(&mut *tx, at.transaction, Step::SecondFactor { before, task }).await?;
            Answered::Show(screen)
        }
    };
    tx.commit().await?;
    app.nudge_outbox();
    Ok(answered)
}

fn may_enroll(call: &Call, before: &Step, person: &Person) -> bool {
    match before {
        Step::Enrollment { enrolls, .. } => enrolls.admits(&person.methods),
        _ => matches!(person.factors(call).class(call), Has::Nothing { .. }),
    }
}

impl At<'_> {
    /// Uses the link up by which somebody came, if they came by one.
    async fn using_ticket(mut self, tx: &mut dyn Tx) -> Result<Self, LoginError> {
        let Step::Enrollment { user_id, ticket, .. } = &self.before else { return Ok(self) };
        let user_id = user_id.clone();
        let spent = tx.spend_ticket(ticket, TicketPurpose::Enrollment, self.call.now).await?;
        spent.ok_or(LoginError::TransactionNotFound)?;
        self.before = Step::Enrolled { user_id };
        Ok(self)
    }
}

fn way(new: &NewFactor) -> Way {
    match new {
        NewFactor::App { .. } => Way::Otp,
        NewFactor::Email { .. } => Way::Email,
        NewFactor::Phone { channel: PhoneChannel::Sms, .. } => Way::Sms,
        NewFactor::Phone { channel: PhoneChannel::Voice, .. } => Way::Voice,
    }
}

/// The method that the code proves.
fn proved(
    app: &App,
    call: &Call,
    transaction: &HandleHash,
    new: NewFactor,
    typed: &str,
) -> Result<Option<(MethodId, MethodKind)>, Fault> {
    let fits = |code: &Option<PendingCode>| {
        code.as_ref().is_some_and(|sent| is_sent(app, call, transaction, sent, typed))
    };
    Ok(match new {
        NewFactor::App { id, sealed_secret } => {
            // The code that confirms counts as used (contract 04 §11.2).
            let known = (sealed_secret.as_slice(), totp::Seen::default());
            let seen = app_code(app, call, &id, known, typed)?;
            seen.map(|seen| (id, MethodKind::Totp { sealed_secret, seen }))
        }
        NewFactor::Email { address, code, .. } => {
            fits(&code).then(|| (MethodId::generate(app.random()), MethodKind::Email { address }))
        }
        NewFactor::Phone { number, channel, code, .. } => fits(&code)
            .then(|| (MethodId::generate(app.random()), MethodKind::Phone { number, channel })),
    })
}
