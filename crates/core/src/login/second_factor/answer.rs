//! Answers of the second factor's pages.

use super::enroll::{keep_contact, prove};
use super::send::question_place;
use super::start::{ask, enroll, go, person_of};
use super::{Challenge, NewFactor, Task};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::FactorType;
use crate::factor::phone::PhoneChannel;
use crate::guardian::{Answer, look, spend};
use crate::login::step::{advance_in, posted_transaction};
use crate::login::{Answered, FormError, LoginError, LoginTransaction, Posted, Screen, Step};
use crate::mfa::check::{Checked, Expected, check_code};
use crate::mfa::person::Person;
use crate::mfa::recovery::use_code;
use crate::mfa::{Choice, RecoveryError, Way};
use crate::port::Tx;
use crate::secret::Handle;
use crate::session::{MethodEvent, Usage};

/// What was answered.
#[derive(Clone, Debug)]
pub enum SecondFactorAnswer {
    /// A code.
    Code {
        /// As typed.
        code: String,
        /// Not to be asked again in this browser for a while.
        remember: bool,
    },
    /// The device was asked and has answered, says the person.
    Approved {
        /// Not to be asked again in this browser for a while.
        remember: bool,
    },
    /// Send it again.
    Resend,
    /// Another one.
    Switch,
    /// This one, the how manyeth of its kind.
    Pick(Way, usize),
    /// Where codes are to go, and whether by a call.
    Contact {
        /// As typed.
        value: String,
        /// By a call.
        by_call: bool,
    },
    /// Whether the recovery code is kept.
    Kept(bool),
}

/// Takes the answer of the page of `screen`.
///
/// # Errors
/// See [`LoginError`]. A wrong code is counted before it is told.
pub async fn answer_second_factor(
    app: &App,
    call: &Call,
    posted: &Posted,
    screen: Screen,
    answer: SecondFactorAnswer,
) -> Result<Answered, LoginError> {
    let transaction = posted_transaction(app, call, posted, &[screen]).await?;
    let Step::SecondFactor { before, task } = transaction.state.step.clone() else {
        return Err(LoginError::Elsewhere);
    };
    let at = At { app, call, transaction, before: *before };
    match (task, answer) {
        (Task::Challenge(_) | Task::Choose, SecondFactorAnswer::Switch) => {
            at.go(Task::Choose).await
        }
        (Task::Challenge(_) | Task::Choose, SecondFactorAnswer::Pick(way, index)) => {
            at.pick(way, index).await
        }
        (Task::Challenge(own), SecondFactorAnswer::Resend) => at.ask(own.choice).await,
        (Task::Challenge(own), SecondFactorAnswer::Code { code, remember }) => {
            at.code(&own, &code, remember).await
        }
        (Task::Challenge(own), SecondFactorAnswer::Approved { remember }) => {
            at.approved(&own, remember).await
        }
        (Task::KeepRecoveryCode { .. }, SecondFactorAnswer::Kept(true)) => at.done(None).await,
        (Task::KeepRecoveryCode { .. }, _) => Ok(wrong(Some("saved"), "no-confirmation")),
        (_, SecondFactorAnswer::Switch) => at.go(Task::ChooseEnrollment).await,
        (Task::ChooseEnrollment, SecondFactorAnswer::Pick(way, _)) => at.enroll(way).await,
        (Task::NameContact(way), SecondFactorAnswer::Contact { value, by_call }) => {
            keep_contact(at, way, &value, by_call).await
        }
        (Task::ProveEnrollment(new), SecondFactorAnswer::Code { code, .. }) => {
            prove(at, new, &code).await
        }
        (Task::ProveEnrollment(new), SecondFactorAnswer::Resend) => at.resend(new).await,
        _ => Err(LoginError::Elsewhere),
    }
}

/// Where somebody stands who answers.
pub(super) struct At<'a> {
    pub app: &'a App,
    pub call: &'a Call,
    pub transaction: LoginTransaction,
    /// The step that led here.
    pub before: Step,
}

pub(super) fn wrong(field: Option<&'static str>, code: &'static str) -> Answered {
    Answered::Again(vec![FormError { field, code, broken: Vec::new() }])
}

impl At<'_> {
    pub(super) async fn go(self, task: Task) -> Result<Answered, LoginError> {
        let screen = go(self.app, self.call, self.transaction, self.before, task).await?;
        Ok(Answered::Show(screen))
    }

    async fn ask(self, choice: Choice) -> Result<Answered, LoginError> {
        let screen = ask(self.app, self.call, self.transaction, self.before, choice).await?;
        Ok(Answered::Show(screen))
    }

    async fn enroll(self, way: Way) -> Result<Answered, LoginError> {
        if !self.before.offered(self.call).contains(&way) {
            return Err(LoginError::Elsewhere);
        }
        let screen = enroll(self.app, self.call, self.transaction, self.before, way).await?;
        Ok(Answered::Show(screen))
    }

    async fn resend(self, new: NewFactor) -> Result<Answered, LoginError> {
        match new {
            NewFactor::Email { address, .. } => {
                keep_contact(self, Way::Email, &address, false).await
            }
            NewFactor::Phone { number, channel, .. } => {
                let by_call = channel == PhoneChannel::Voice;
                keep_contact(self, Way::Sms, number.as_str(), by_call).await
            }
            NewFactor::App { .. } => Err(LoginError::Elsewhere),
        }
    }

    async fn pick(self, way: Way, index: usize) -> Result<Answered, LoginError> {
        let person = person_of(self.app, self.call, &self.before).await?;
        let mut same = person.factors(self.call).choices.into_iter().filter(|own| own.way == way);
        match same.nth(index) {
            Some(choice) => self.ask(choice).await,
            None => self.go(Task::Choose).await,
        }
    }

    /// Back to where it was asked for, with what was proved.
    async fn done(self, proved: Option<(FactorType, bool)>) -> Result<Answered, LoginError> {
        let mut tx = self.app.write(&self.call.tenant.id).await?;
        self.done_in(&mut *tx, proved).await?;
        tx.commit().await?;
        Ok(Answered::Resume)
    }

    /// The same within a transaction that does more.
    pub(super) async fn done_in(
        self,
        tx: &mut dyn Tx,
        proved: Option<(FactorType, bool)>,
    ) -> Result<(), LoginError> {
        let Self { call, mut transaction, before, .. } = self;
        let step = match proved {
            Some((factor, remember)) => {
                transaction.state.remember_browser |= remember;
                before.having_proved(proof(call, factor))
            }
            None => before,
        };
        advance_in(tx, transaction, step).await
    }

    async fn code(
        self,
        challenge: &Challenge,
        typed: &str,
        remember: bool,
    ) -> Result<Answered, LoginError> {
        let Challenge { choice, code, .. } = challenge;
        if choice.way == Way::RecoveryCode {
            return self.recovery_code(typed, remember).await;
        }
        let typed: String = typed.chars().filter(|c| !c.is_whitespace()).take(7).collect();
        if let Some(refusal) = malformed(&typed) {
            return Ok(refusal);
        }
        let (app, call) = (self.app, self.call);
        let mut tx = app.write(&call.tenant.id).await?;
        let Some(person) = locked(&mut *tx, &self.before).await? else {
            return Err(LoginError::TransactionNotFound);
        };
        if !person.factors(call).choices.contains(choice) {
            // Removed or switched off meanwhile: begin anew with what there is.
            self.done_in(&mut *tx, None).await?;
            tx.commit().await?;
            return Ok(Answered::Resume);
        }
        let handle = self.transaction.handle.clone();
        let expected = match choice.way {
            Way::Otp => Expected::Shown(std::slice::from_ref(choice)),
            _ => Expected::Sent { choice, code: code.as_ref(), handle: &handle },
        };
        let checked = check_code(app, call, &mut *tx, &person, expected, &typed).await?;
        if checked == Checked::Right {
            self.done_in(&mut *tx, Some((choice.way.factor(), remember))).await?;
        }
        tx.commit().await?;
        Ok(match checked {
            Checked::Right => Answered::Resume,
            Checked::Wrong => wrong(Some("code"), "invalid-code"),
            Checked::TooMany => wrong(Some("code"), "too-many-failures"),
        })
    }

    /// The code on paper: its successor is shown before anything else happens.
    async fn recovery_code(self, typed: &str, remember: bool) -> Result<Answered, LoginError> {
        if typed.trim().is_empty() {
            return Ok(wrong(Some("code"), "no-code"));
        }
        let (app, call) = (self.app, self.call);
        let user = self.before.person().cloned().ok_or(LoginError::Elsewhere)?;
        let mut tx = app.write(&call.tenant.id).await?;
        let used = match use_code(app, call, &mut *tx, &user, typed).await {
            Ok(used) => used,
            Err(RecoveryError::Fault(fault)) => return Err(fault.into()),
            Err(refused) => {
                tx.commit().await?;
                let code = match refused {
                    RecoveryError::TooMany { .. } => "too-many-failures",
                    _ => "invalid-code",
                };
                return Ok(wrong(Some("code"), code));
            }
        };
        let place = question_place(call, &self.transaction.handle);
        let sealed_code = app.sealer().seal(place, used.replacement.as_bytes(), app.random())?;
        let task = Task::KeepRecoveryCode { sealed_code, replaces: true };
        let screen = task.screen();
        let Self { mut transaction, before, .. } = self;
        transaction.state.remember_browser |= remember;
        let before = Box::new(before.having_proved(used.event));
        advance_in(&mut *tx, transaction, Step::SecondFactor { before, task }).await?;
        tx.commit().await?;
        app.nudge_outbox();
        Ok(Answered::Show(screen))
    }

    async fn approved(self, challenge: &Challenge, remember: bool) -> Result<Answered, LoginError> {
        let (app, call) = (self.app, self.call);
        let Some(question) = open_question(app, call, &self.transaction, challenge)? else {
            return Ok(wrong(None, "push-over"));
        };
        match look(app, call, &question).await? {
            Answer::Pending => return Ok(wrong(None, "push-pending")),
            Answer::Rejected(_) => return Ok(wrong(None, "push-rejected")),
            Answer::Gone => return Ok(wrong(None, "push-over")),
            Answer::Accepted => {}
        }
        let person = person_of(app, call, &self.before).await?;
        let is_offered = person.factors(call).choices.contains(&challenge.choice);
        let spent = spend(app, call, &question).await?.filter(|own| {
            own.user_id == person.user.id
                && Some(&own.device_id) == challenge.choice.method.as_ref()
        });
        if spent.is_none() || !is_offered {
            return Ok(wrong(None, "push-over"));
        }
        self.done(Some((FactorType::PushNotification, remember))).await
    }
}

/// What gets at the answer of the device that was asked.
pub(super) fn open_question(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
    challenge: &Challenge,
) -> Result<Option<Handle>, Fault> {
    let Some(sealed) = &challenge.sealed_question else { return Ok(None) };
    let place = question_place(call, &transaction.handle);
    let plain = app.sealer().open(place, sealed)?;
    Ok(String::from_utf8(plain).ok().map(Handle::presented))
}

/// The record that a second factor was given now.
pub(super) fn proof(call: &Call, factor: FactorType) -> MethodEvent {
    MethodEvent { usage: Usage::Secondary, factor, at: call.now }
}

/// What is wrong with the form of a code; such a one is not worth counting.
pub(super) fn malformed(typed: &str) -> Option<Answered> {
    if typed.is_empty() {
        return Some(wrong(Some("code"), "no-code"));
    }
    let well_formed = typed.len() == 6 && typed.bytes().all(|byte| byte.is_ascii_digit());
    (!well_formed).then(|| wrong(Some("code"), "invalid-otp-code-format"))
}

/// The person of a step, whom nobody else changes until the transaction ends.
pub(super) async fn locked(tx: &mut dyn Tx, before: &Step) -> Result<Option<Person>, LoginError> {
    let id = before.person().ok_or(LoginError::Elsewhere)?;
    Ok(Person::locked(tx, id).await?)
}
