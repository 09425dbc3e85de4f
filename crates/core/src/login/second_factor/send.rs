//! Sending what a second factor needs sent: within the limits, and told at once if it is refused
//! (contract 04 §11.1, §11.3).

use serde_json::{Map, json};

use super::start::Person;
use super::{PendingCode, Problem};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::MethodKind;
use crate::factor::code;
use crate::factor::phone::{PhoneChannel, PhoneNumber};
use crate::guard::stored::{self, Counter};
use crate::guardian::{AskError, Question, ask};
use crate::log::{LogKind, LogSubject, record};
use crate::login::{LoginError, LoginTransaction};
use crate::message::{Addressee, Delivery, Message, QueuedMessage, deliver_now, hold, queue};
use crate::mfa::{Choice, Way};
use crate::port::Tx;
use crate::seal::Place;
use crate::secret::HandleHash;
use crate::user::User;

/// Where a code goes.
#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    Mailbox(&'a str),
    Phone(&'a PhoneNumber, PhoneChannel),
}

/// What a code is for, which decides its words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Login,
    Enrollment,
}

/// What was sent, in a transaction that is still open.
pub(super) struct Sent {
    pub code: Option<PendingCode>,
    pub sealed_question: Option<Vec<u8>>,
    pub problem: Option<Problem>,
    /// To be handed to the provider after the commit.
    pub held: Option<Held>,
    pub tx: Box<dyn Tx>,
}

/// A code on its way to a phone.
pub(super) struct Held {
    message: QueuedMessage,
    user: User,
    channel: PhoneChannel,
}

impl Held {
    /// Hands it over; the problem, if the provider refuses.
    pub(super) async fn settle(self, app: &App, call: &Call) -> Result<Option<Problem>, Fault> {
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

/// Sends what `choice` needs sent.
pub(super) async fn send(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
    person: &Person,
    choice: &Choice,
) -> Result<Sent, LoginError> {
    let kind = person.method(choice).map(|method| &method.kind);
    let target = match (choice.way, kind) {
        (Way::Email, Some(MethodKind::Email { address })) => Some(Target::Mailbox(address)),
        (Way::Email, None) => person.user.profile.email.as_deref().map(Target::Mailbox),
        (Way::Sms, Some(MethodKind::Phone { number, .. })) => {
            Some(Target::Phone(number, PhoneChannel::Sms))
        }
        (Way::Voice, Some(MethodKind::Phone { number, .. })) => {
            Some(Target::Phone(number, PhoneChannel::Voice))
        }
        _ => None,
    };
    if let Some(target) = target {
        return send_code(app, call, transaction, &person.user, target, Purpose::Login).await;
    }
    let (sealed_question, problem) = match (choice.way, &choice.method) {
        (Way::PushNotification, Some(device)) => {
            let question = Question {
                user_id: person.user.id.clone(),
                device_id: device.clone(),
                details: None,
            };
            match ask(app, call, question).await {
                Ok(handle) => {
                    let place = question_place(call, &transaction.handle);
                    let sealed =
                        app.sealer().seal(place, handle.expose().as_bytes(), app.random())?;
                    (Some(sealed), None)
                }
                Err(AskError::TooMany { .. }) => (None, Some(Problem::TooManyPushes)),
                Err(AskError::NotSent | AskError::NotEnrolled) => (None, Some(Problem::NotSent)),
                Err(AskError::Fault(fault)) => return Err(fault.into()),
            }
        }
        _ => (None, None),
    };
    let tx = app.write(&call.tenant.id).await?;
    Ok(Sent { code: None, sealed_question, problem, held: None, tx })
}

/// Where what gets at a device's answer is sealed to.
pub(super) fn question_place<'a>(call: &'a Call, handle: &'a HandleHash) -> Place<'a> {
    Place { tenant: call.tenant.id.as_str(), table: "login_transactions", row: handle.as_str() }
}

/// Sends a code that is good with this transaction.
pub(super) async fn send_code(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
    user: &User,
    target: Target<'_>,
    purpose: Purpose,
) -> Result<Sent, LoginError> {
    let mut tx = app.write(&call.tenant.id).await?;
    if let Some(problem) = counted(app, call, &mut *tx, user, target).await? {
        // What was taken from one counter stays taken, though another refused.
        return Ok(Sent {
            code: None,
            sealed_question: None,
            problem: Some(problem),
            held: None,
            tx,
        });
    }
    let tenant = call.tenant.id.as_str();
    let sent = code::generate(tenant, &transaction.handle, app.sealer(), app.random());
    let expires_at = call.now.plus_seconds(code::LIFETIME);
    let name = call.tenant.friendly_name().to_owned();
    let request = &transaction.state.request;
    let to = |address| {
        let to = Addressee::of(address, user).towards(Some(&request.client_id));
        to.speaking(request.ui_locales.as_deref())
    };
    let (held, kind) = match target {
        Target::Mailbox(address) => {
            let message = match purpose {
                Purpose::Login => Message::LoginCode { code: sent.code, tenant: name },
                Purpose::Enrollment => Message::EnrollmentCode { code: sent.code, tenant: name },
            };
            queue(app, call, &mut *tx, to(address), &message, expires_at).await?;
            (None, LogKind::MailSent)
        }
        Target::Phone(number, channel) => {
            let message = match purpose {
                Purpose::Login => {
                    Message::PhoneLoginCode { code: sent.code, tenant: name, channel }
                }
                Purpose::Enrollment => {
                    Message::PhoneCode { code: sent.code, tenant: name, channel }
                }
            };
            let to = to(number.as_str());
            let message = hold(app, call, &mut *tx, to, &message, expires_at).await?;
            let kind = match channel {
                PhoneChannel::Sms => LogKind::SmsSent,
                PhoneChannel::Voice => LogKind::CallMade,
            };
            (Some(Held { message, user: user.clone(), channel }), kind)
        }
    };
    log(app, call, &mut *tx, user, kind).await?;
    let code = Some(PendingCode { mac: sent.mac, expires_at });
    Ok(Sent { code, sealed_question: None, problem: None, held, tx })
}

async fn counted(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    target: Target<'_>,
) -> Result<Option<Problem>, LoginError> {
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
