//! What the second factor's pages show.

use super::answer::open_question;
use super::assess::layers;
use super::start::person_of;
use super::{Challenge, NewFactor, Task};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::{MethodKind, totp};
use crate::guardian::{Answer, look};
use crate::login::step::transaction_of;
use crate::login::{LoginError, LoginTransaction, Step, Visitor};
use crate::mfa::person::Person;
use crate::mfa::{Choice, Demand, Problem, Way};
use crate::tenant::Remembering;
use crate::tenant::branding::PhoneMasking;

/// What a page of the second factor shows.
#[derive(Clone, Debug)]
pub enum SecondFactorView {
    /// Ways to choose from.
    Options(Vec<Offer>),
    /// A challenge.
    Challenge(ChallengeView),
    /// An authenticator app's secret.
    App {
        /// For the QR code.
        barcode_uri: String,
        /// For typing.
        key: String,
        /// There are others to choose from.
        has_others: bool,
    },
    /// Where codes are to go.
    Contact {
        /// There are others to choose from.
        has_others: bool,
        /// Text messages and calls are both possible.
        both_channels: bool,
    },
    /// A code was sent to a new mailbox or phone.
    Proof {
        /// Where.
        target: String,
        /// Why none was.
        problem: Option<&'static str>,
    },
    /// The recovery code to keep.
    RecoveryCode(String),
}

/// A challenge as it is shown.
#[derive(Clone, Debug)]
pub struct ChallengeView {
    /// Where the code went, or which device was asked, as far as that may be shown.
    pub target: String,
    /// The person has others.
    pub has_others: bool,
    /// The person may wish not to be asked again here; how that is offered.
    pub may_remember: Option<Remembering>,
    /// Why nothing was sent.
    pub problem: Option<&'static str>,
    /// What became of the question to a device.
    pub push: Option<PushState>,
}

/// One of several ways.
#[derive(Clone, Debug)]
pub struct Offer {
    /// How.
    pub way: Way,
    /// The how manyeth of its kind.
    pub index: usize,
    /// Where to, as far as that may be shown.
    pub target: String,
}

/// What became of a question to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushState {
    /// Not answered.
    Pending,
    /// Approved.
    Accepted,
    /// Refused.
    Rejected,
    /// Too late.
    Over,
}

impl From<Answer> for PushState {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Pending => Self::Pending,
            Answer::Accepted => Self::Accepted,
            Answer::Rejected(_) => Self::Rejected,
            Answer::Gone => Self::Over,
        }
    }
}

/// What the page of the transaction's task shows; none if there is no such task.
pub(in crate::login) async fn view(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
) -> Result<Option<SecondFactorView>, LoginError> {
    let Step::SecondFactor { before, task } = &transaction.state.step else { return Ok(None) };
    let person = person_of(app, call, before).await?;
    let has_others = before.offered(call).len() > 1;
    Ok(Some(match task {
        Task::Choose => SecondFactorView::Options(offers(call, &person)),
        Task::ChooseEnrollment => SecondFactorView::Options(new_offers(call, before)),
        Task::Challenge(own) => challenge(app, call, transaction, &person, own).await?,
        Task::NameContact(_) => {
            let settings = &call.tenant.settings;
            let both_channels = Way::Sms.is_on(settings) && Way::Voice.is_on(settings);
            SecondFactorView::Contact { has_others, both_channels }
        }
        Task::ProveEnrollment(NewFactor::App { id, sealed_secret }) => {
            let key = totp::reveal(&call.tenant.id, id, sealed_secret, app.sealer())?;
            let (issuer, account) = (call.tenant.friendly_name(), person.user.label());
            let barcode_uri = totp::barcode_uri(issuer, account, &key);
            SecondFactorView::App { barcode_uri, key, has_others }
        }
        Task::ProveEnrollment(NewFactor::Email { address, problem, .. }) => {
            let problem = problem.map(Problem::code);
            SecondFactorView::Proof { target: address.clone(), problem }
        }
        Task::ProveEnrollment(NewFactor::Phone { number, problem, .. }) => {
            let problem = problem.map(Problem::code);
            SecondFactorView::Proof { target: number.as_str().to_owned(), problem }
        }
        Task::KeepRecoveryCode { sealed_code, .. } => {
            let place = super::send::question_place(call, &transaction.handle);
            let code = app.sealer().open(place, sealed_code)?;
            SecondFactorView::RecoveryCode(String::from_utf8(code).map_err(Fault::new)?)
        }
    }))
}

async fn challenge(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
    person: &Person,
    challenge: &Challenge,
) -> Result<SecondFactorView, LoginError> {
    let (demand, _) = layers(call, &transaction.state.request).demand();
    Ok(SecondFactorView::Challenge(ChallengeView {
        target: target(call, person, &challenge.choice),
        has_others: person.factors(call).choices.len() > 1,
        may_remember: Some(call.tenant.settings.remembering)
            .filter(|own| own.offered && demand == Demand::EachLogin),
        problem: challenge.problem.map(Problem::code),
        push: push_state(app, call, transaction, challenge).await?,
    }))
}

async fn push_state(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
    challenge: &Challenge,
) -> Result<Option<PushState>, Fault> {
    if challenge.choice.way != Way::PushNotification {
        return Ok(None);
    }
    Ok(Some(match open_question(app, call, transaction, challenge)? {
        Some(question) => look(app, call, &question).await?.into(),
        None => PushState::Over,
    }))
}

/// Whether the device that a transaction asked has answered: what the page asks again and again.
///
/// # Errors
/// See [`LoginError`].
pub async fn look_at_push(
    app: &App,
    call: &Call,
    visitor: &Visitor,
) -> Result<PushState, LoginError> {
    let transaction = transaction_of(app, call, visitor).await?;
    let Step::SecondFactor { task: Task::Challenge(challenge), .. } = &transaction.state.step
    else {
        return Err(LoginError::Elsewhere);
    };
    let state = push_state(app, call, &transaction, challenge).await?;
    state.ok_or(LoginError::Elsewhere)
}

fn offers(call: &Call, person: &Person) -> Vec<Offer> {
    let choices = person.factors(call).choices;
    let index = |at: usize| {
        let way = choices[at].way;
        choices[..at].iter().filter(|own| own.way == way).count()
    };
    let offer = |(at, choice): (usize, &Choice)| Offer {
        way: choice.way,
        index: index(at),
        target: target(call, person, choice),
    };
    choices.iter().enumerate().map(offer).collect()
}

fn new_offers(call: &Call, before: &Step) -> Vec<Offer> {
    let offer = |way| Offer { way, index: 0, target: String::new() };
    before.offered(call).into_iter().map(offer).collect()
}

/// What a page shows of where a code goes. Whoever only knows the password learns no address here,
/// unless the tenant wants numbers shown.
fn target(call: &Call, person: &Person, choice: &Choice) -> String {
    let kind = person.method(choice).map(|method| &method.kind);
    let (Way::Sms | Way::Voice, Some(MethodKind::Phone { number, .. })) = (choice.way, kind) else {
        return person.masked_target(choice);
    };
    match call.tenant.settings.branding.phone_masking() {
        PhoneMasking::HideCountryCode => number.national().to_owned(),
        PhoneMasking::MaskDigits => number.masked(),
        PhoneMasking::ShowAll => number.as_str().to_owned(),
    }
}
