//! Sending what a second factor needs sent: within the limits, and told at once if it is refused
//! (contract 04 §11.1, §11.3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use super::person::Person;
use super::{Choice, Way};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::phone::{PhoneChannel, PhoneNumber};
use crate::factor::{MethodKind, code};
use crate::guard::stored::{self, Counter};
use crate::guardian::{AskError, Question, ask};
use crate::id::ClientId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::{Addressee, Delivery, Message, QueuedMessage, deliver_now, hold, queue};
use crate::port::{StoreError, Tx};
use crate::secret::{Handle, HandleHash};
use crate::time::Timestamp;
use crate::user::User;

/// A code that was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingCode {
    /// Its keyed hash.
    pub mac: String,
    /// Its end.
    pub expires_at: Timestamp,
}

/// Why nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The provider refuses, or there is none.
    NotSent,
    /// Too many mails.
    TooManyMails,
    /// Too many text messages.
    TooManyTexts,
    /// Too many calls.
    TooManyCalls,
    /// Too many push messages.
    TooManyPushes,
}

impl Problem {
    /// The key texts are looked up by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotSent => "authenticator-error",
            Self::TooManyMails => "too-many-email",
            Self::TooManyTexts => "too-many-sms",
            Self::TooManyCalls => "too-many-voice",
            Self::TooManyPushes => "too-many-push",
        }
    }
}

/// Where a code goes.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    Mailbox(&'a str),
    Phone(&'a PhoneNumber, PhoneChannel),
}

impl<'a> Target<'a> {
    /// Where the code of a choice goes; none if none is sent.
    pub(crate) fn of(person: &'a Person, choice: &Choice) -> Option<Self> {
        match (choice.way, person.method(choice).map(|method| &method.kind)) {
            (Way::Email, Some(MethodKind::Email { address })) => Some(Self::Mailbox(address)),
            (Way::Email, None) => person.user.profile.email.as_deref().map(Self::Mailbox),
            (Way::Sms, Some(MethodKind::Phone { number, .. })) => {
                Some(Self::Phone(number, PhoneChannel::Sms))
            }
            (Way::Voice, Some(MethodKind::Phone { number, .. })) => {
                Some(Self::Phone(number, PhoneChannel::Voice))
            }
            _ => None,
        }
    }
}

/// What a code is for, which decides its words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Login,
    Enrollment,
}

/// What was sent.
#[derive(Default)]
pub(crate) struct Sent {
    pub code: Option<PendingCode>,
    pub problem: Option<Problem>,
    /// To be handed to the provider after the commit.
    pub held: Option<Held>,
}

/// A code on its way to a phone.
pub(crate) struct Held {
    message: QueuedMessage,
    user: User,
    channel: PhoneChannel,
}

impl Held {
    /// Hands it over; the problem, if the provider refuses.
    pub(crate) async fn settle(self, app: &App, call: &Call) -> Result<Option<Problem>, Fault> {
        match deliver_now(app, &call.tenant, &self.message).await? {
            Delivery::Taken | Delivery::Later => return Ok(None),
            Delivery::Refused | Delivery::NoRecipient => {}
        }
        let kind = match self.channel {
            PhoneChannel::Sms => LogKind::SmsFailed,
            PhoneChannel::Voice => LogKind::CallFailed,
        };
        let mut tx = app.write(&call.tenant.id).await?;
        log(app, call, &mut *tx, &self.user, kind).await?;
        tx.commit().await?;
        Ok(Some(Problem::NotSent))
    }
}

/// Asks a person's device; how to get at its answer.
pub(crate) async fn ask_device(
    app: &App,
    call: &Call,
    person: &Person,
    choice: &Choice,
) -> Result<Result<Handle, Problem>, Fault> {
    let Some(device) = &choice.method else { return Ok(Err(Problem::NotSent)) };
    let question =
        Question { user_id: person.user.id.clone(), device_id: device.clone(), details: None };
    match ask(app, call, question).await {
        Ok(handle) => Ok(Ok(handle)),
        Err(AskError::TooMany { .. }) => Ok(Err(Problem::TooManyPushes)),
        Err(AskError::NotSent | AskError::NotEnrolled) => Ok(Err(Problem::NotSent)),
        Err(AskError::Fault(fault)) => Err(fault),
    }
}

/// A code to be sent, and to whom.
pub(crate) struct Letter<'a> {
    /// What it is good together with.
    pub handle: &'a HandleHash,
    /// Who gets it.
    pub user: &'a User,
    /// Where.
    pub target: Target<'a>,
    /// What for.
    pub purpose: Purpose,
    /// The application they are on the way to.
    pub client: &'a ClientId,
    /// The languages they asked for, if not those of this request.
    pub languages: Option<&'a str>,
}

/// Sends a code. The caller commits in any case: what was taken from one counter stays taken, though
/// another refused.
pub(crate) async fn send_code(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    letter: &Letter<'_>,
) -> Result<Sent, Fault> {
    let Letter { handle, user, target, purpose, client, languages } = *letter;
    if let Some(problem) = counted(app, call, tx, user, target).await? {
        return Ok(Sent { problem: Some(problem), ..Sent::default() });
    }
    let sent = code::generate(call.tenant.id.as_str(), handle, app.sealer(), app.random());
    let expires_at = call.now.plus_seconds(code::LIFETIME);
    let message = words(call, target, purpose, sent.code);
    let to = |address| Addressee::of(address, user).towards(Some(client)).speaking(languages);
    let (held, kind) = match target {
        Target::Mailbox(address) => {
            queue(app, call, tx, to(address), &message, expires_at).await?;
            (None, LogKind::MailSent)
        }
        Target::Phone(number, channel) => {
            let to = to(number.as_str());
            let message = hold(app, call, tx, to, &message, expires_at).await?;
            let kind = match channel {
                PhoneChannel::Sms => LogKind::SmsSent,
                PhoneChannel::Voice => LogKind::CallMade,
            };
            (Some(Held { message, user: user.clone(), channel }), kind)
        }
    };
    log(app, call, tx, user, kind).await?;
    let code = Some(PendingCode { mac: sent.mac, expires_at });
    Ok(Sent { code, problem: None, held })
}

fn words(call: &Call, target: Target<'_>, purpose: Purpose, code: String) -> Message {
    let tenant = call.tenant.friendly_name().to_owned();
    match (target, purpose) {
        (Target::Mailbox(_), Purpose::Login) => Message::LoginCode { code, tenant },
        (Target::Mailbox(_), Purpose::Enrollment) => Message::EnrollmentCode { code, tenant },
        (Target::Phone(_, channel), Purpose::Login) => {
            Message::PhoneLoginCode { code, tenant, channel }
        }
        (Target::Phone(_, channel), Purpose::Enrollment) => {
            Message::PhoneCode { code, tenant, channel }
        }
    }
}

async fn counted(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    target: Target<'_>,
) -> Result<Option<Problem>, StoreError> {
    let (counters, problem) = match target {
        Target::Mailbox(address) => {
            ([Counter::MailsFor(&user.id), Counter::MailsTo(address)], Problem::TooManyMails)
        }
        Target::Phone(_, _) if call.tenant.settings.phone.provider.is_none() => {
            return Ok(Some(Problem::NotSent));
        }
        Target::Phone(number, channel) => {
            let problem = match channel {
                PhoneChannel::Sms => Problem::TooManyTexts,
                PhoneChannel::Voice => Problem::TooManyCalls,
            };
            ([Counter::CallsFor(&user.id), Counter::CallsTo(number)], problem)
        }
    };
    for counter in counters {
        if !stored::take(app, tx, counter, call.now).await?.allowed {
            return Ok(Some(problem));
        }
    }
    Ok(None)
}

async fn log(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    kind: LogKind,
) -> Result<(), Fault> {
    let subject = LogSubject { user: Some(user), ..LogSubject::default() };
    let mut details = Map::new();
    details.insert("purpose".into(), json!("login"));
    record(app, call, tx, kind, subject, details).await
}
