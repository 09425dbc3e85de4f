//! `POST /mfa/associate`: begin to enrol an authenticator (contract 04 §4.2).

use super::authenticators::client_of;
use super::bearer::{Bearer, admit};
use super::challenge::{grant_of, remember};
use super::{Answer, MfaError};
use crate::account::{Caller, MAX_METHODS};
use crate::app::App;
use crate::call::Call;
use crate::factor::phone::{PhoneChannel, PhoneNumber};
use crate::factor::{MethodKind, email, push, totp};
use crate::guardian::PushTicket;
use crate::id::MethodId;
use crate::log::LogKind;
use crate::mfa::enrolled::{log, new_method, new_recovery_code};
use crate::mfa::person::Person;
use crate::mfa::send::{Held, Letter, Purpose, Sent, Target, send_code};
use crate::mfa::waiting::Waiting;
use crate::mfa::{Asked, Choice, Enrolling, Has, MfaState, MfaTransaction, Origin, Way};
use crate::secret::Handle;

/// Seconds in which an authenticator that is enrolled with an access token is to be proved.
const ENROLLMENT_LIFETIME: i64 = 300;

/// What to enrol.
#[derive(Clone, Debug)]
pub enum Associate {
    /// An authenticator app.
    App,
    /// A device for push messages.
    Device,
    /// A mailbox; that of the profile, if none is named.
    Email(Option<String>),
    /// A phone.
    Phone(PhoneChannel, Option<String>),
}

/// A begun enrolment.
#[derive(Debug)]
pub struct Associated {
    /// The authenticator's id.
    pub id: String,
    /// What the person must see, or wait for.
    pub shown: Shown,
    /// The recovery code that comes with the first authenticator, this once.
    pub recovery_code: Option<String>,
}

/// What the person must see, or wait for.
#[derive(Debug)]
pub enum Shown {
    /// The secret for the app.
    App {
        /// For typing.
        secret: String,
        /// For the QR code.
        barcode_uri: String,
    },
    /// A code is on its way.
    Code {
        /// What it is good together with.
        oob: Handle,
        /// By which way.
        contact: Contact,
    },
    /// What a device enrols with.
    Device {
        /// For the QR code.
        barcode_uri: String,
        /// How to ask whether it has.
        oob: Handle,
    },
}

/// How a code travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// By mail.
    Email,
    /// By text message or call.
    Phone(PhoneChannel),
}

impl Associate {
    fn way(&self) -> Way {
        match self {
            Self::App => Way::Otp,
            Self::Device => Way::PushNotification,
            Self::Email(_) => Way::Email,
            Self::Phone(PhoneChannel::Sms, _) => Way::Sms,
            Self::Phone(PhoneChannel::Voice, _) => Way::Voice,
        }
    }
}

/// Begins to enrol an authenticator, `new` as far as it could be read. It is listed, and counts for nothing, until it is proved.
pub async fn associate(
    app: &App,
    call: &Call,
    token: Option<&str>,
    new: Result<Associate, MfaError>,
) -> Answer<Associated> {
    let waiting = match admit(app, call, token, "enroll").await {
        Ok(Bearer::Waiting(waiting)) => Ok(*waiting),
        Ok(Bearer::Caller(caller)) => {
            let client = client_of(call, &caller.client_id);
            match enrolling(app, call, &caller, token.unwrap_or_default()).await {
                Err(error) => return Answer { client, outcome: Err(error) },
                waiting => waiting,
            }
        }
        Err(error) => Err(error),
    };
    match waiting {
        Err(error) => Answer { client: None, outcome: Err(error) },
        Ok(waiting) => {
            let client = client_of(call, &waiting.transaction.state.client_id);
            // Whoever may not ask is told that first.
            let outcome = match new {
                Ok(new) => begin(app, call, waiting, &new).await,
                Err(error) => Err(error),
            };
            Answer { client, outcome }
        }
    }
}

/// What stands for an enrolment with an access token, which is its own `mfa_token` then.
async fn enrolling(
    app: &App,
    call: &Call,
    caller: &Caller,
    token: &str,
) -> Result<Waiting, MfaError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let person = Person::locked(&mut *tx, caller.user_id()).await?.ok_or(MfaError::BadBearer)?;
    let handle = Handle::presented(token).hash();
    let earlier = tx.mfa_transaction(&handle).await?;
    let transaction = MfaTransaction {
        handle,
        user_id: caller.user_id().clone(),
        state: MfaState {
            client_id: caller.client_id.clone(),
            issuer: call.issuer.clone(),
            origin: Origin::Enrollment { family_id: caller.family_id.clone() },
            binding: None,
            asked: None,
            enrolling: earlier.and_then(|own| own.state.enrolling),
        },
        expires_at: call.now.plus_seconds(ENROLLMENT_LIFETIME),
    };
    tx.put_mfa_transaction(&transaction).await?;
    Ok(Waiting { tx, transaction, person })
}

async fn begin(
    app: &App,
    call: &Call,
    mut waiting: Waiting,
    new: &Associate,
) -> Result<Associated, MfaError> {
    let way = new.way();
    check(call, &waiting, way)?;
    let (id, oob) = (MethodId::generate(app.random()), Handle::generate(app.random()));
    let drawn = draw(app, call, &waiting, &id, new)?;
    let is_first = matches!(waiting.person.factors(call).class(call), Has::Nothing { .. });
    let Sent { code, problem, held } = send(app, call, &mut waiting, &oob, &drawn.kind).await?;
    if let Some(problem) = problem {
        waiting.tx.commit().await?;
        return Err(MfaError::NotSent(problem));
    }
    forget_earlier(&mut waiting).await?;
    let method = new_method(call, &waiting.person, id.clone(), drawn.kind.clone(), false);
    waiting.tx.insert_method(&method).await?;
    if let Some(ticket) = &drawn.ticket {
        let ticket = PushTicket {
            id: id.clone(),
            user_id: method.user_id.clone(),
            ticket: ticket.hash(),
            expires_at: call.now.plus_seconds(push::TICKET_LIFETIME),
        };
        waiting.tx.insert_push_ticket(&ticket).await?;
    }
    let paper = new_recovery_code(app, call, &waiting.person, false).filter(|_| is_first);
    if let Some((paper, _)) = &paper {
        waiting.tx.insert_method(paper).await?;
    }
    let (paper, recovery_code) = paper.unzip();
    waiting.transaction.state.enrolling =
        Some(Enrolling { method: id.clone(), recovery_code: paper.map(|own| own.id) });
    let choice = Choice { way, method: Some(id.clone()) };
    remember(&mut waiting, Asked { oob: oob.hash(), choice, code }).await?;
    let Waiting { tx, person, .. } = &mut waiting;
    log(app, call, &mut **tx, person, LogKind::EnrollmentStarted).await?;
    waiting.tx.commit().await?;
    app.nudge_outbox();
    settle(app, call, held).await?;
    let prefix = match way {
        Way::Otp => "totp",
        Way::PushNotification => "push",
        other => other.as_str(),
    };
    let shown = drawn.shown(oob);
    Ok(Associated { id: format!("{prefix}|{id}"), shown, recovery_code })
}

/// Whether this person may enrol this now.
fn check(call: &Call, waiting: &Waiting, way: Way) -> Result<(), MfaError> {
    let state = &waiting.transaction.state;
    let client = call.tenant.client(&state.client_id).ok_or(MfaError::BadBearer)?;
    if !client.settings.grant_types.contains(&grant_of(way)) {
        return Err(MfaError::NotAllowed);
    }
    let by_token = matches!(state.origin, Origin::Enrollment { .. });
    let has_none = matches!(waiting.person.factors(call).class(call), Has::Nothing { .. });
    if !by_token && !has_none {
        return Err(MfaError::AlreadyEnrolled);
    }
    if !way.is_on(&call.tenant.settings) {
        return Err(MfaError::Invalid(format!("{} is not enabled", way.requirement())));
    }
    // The password, the new one and a recovery code beside it.
    if waiting.person.methods.len() + 3 > MAX_METHODS {
        return Err(MfaError::TooMany);
    }
    Ok(())
}

/// What a new authenticator consists of.
struct Drawn {
    kind: MethodKind,
    secret: String,
    barcode_uri: String,
    ticket: Option<Handle>,
}

impl Drawn {
    fn contact(kind: MethodKind) -> Self {
        Self { kind, secret: String::new(), barcode_uri: String::new(), ticket: None }
    }

    fn shown(self, oob: Handle) -> Shown {
        let Self { kind, secret, barcode_uri, .. } = self;
        match kind {
            MethodKind::Email { .. } => Shown::Code { oob, contact: Contact::Email },
            MethodKind::Phone { channel, .. } => {
                Shown::Code { oob, contact: Contact::Phone(channel) }
            }
            MethodKind::PushNotification { .. } => Shown::Device { barcode_uri, oob },
            _ => Shown::App { secret, barcode_uri },
        }
    }
}

fn draw(
    app: &App,
    call: &Call,
    waiting: &Waiting,
    id: &MethodId,
    new: &Associate,
) -> Result<Drawn, MfaError> {
    let person = &waiting.person;
    let tenant = &call.tenant.id;
    let (issuer, account) = (call.tenant.friendly_name(), person.user.label());
    let drawn = match new {
        Associate::App => {
            let begun = totp::begin(tenant, id, issuer, account, app.sealer(), app.random())?;
            let (secret, barcode_uri) = (begun.manual_input_code, begun.barcode_uri);
            Drawn { kind: begun.kind, secret, barcode_uri, ticket: None }
        }
        Associate::Device => {
            let (base, names) = (call.guardian_base(), (issuer, account));
            let begun = push::begin(tenant, id, names, &base, app.sealer(), app.random())?;
            let (barcode_uri, ticket) = (begun.barcode_uri, Some(begun.ticket));
            Drawn { kind: begun.kind, secret: String::new(), barcode_uri, ticket }
        }
        Associate::Email(address) => {
            let own = person.user.profile.email.as_deref();
            let address = address.as_deref().or(own).ok_or(MfaError::Missing("email"))?;
            let text = "email must be a mail address".to_owned();
            Drawn::contact(email::begin(address).ok_or(MfaError::Invalid(text))?)
        }
        Associate::Phone(channel, number) => {
            let number = number.as_deref().ok_or(MfaError::Missing("phone_number"))?;
            let number = PhoneNumber::parse(number, None).ok_or(MfaError::InvalidPhoneNumber)?;
            Drawn::contact(MethodKind::Phone { number, channel: *channel })
        }
    };
    let is_same = |own: &MethodKind| match (own, &drawn.kind) {
        (MethodKind::Email { address }, MethodKind::Email { address: new }) => {
            email::same_mailbox(address, new)
        }
        (MethodKind::Phone { number, .. }, MethodKind::Phone { number: new, .. }) => number == new,
        _ => false,
    };
    if person.methods.iter().any(|own| own.confirmed && is_same(&own.kind)) {
        return Err(MfaError::AlreadyEnrolled);
    }
    Ok(drawn)
}

/// Sends the code that is to prove a mailbox or phone.
async fn send(
    app: &App,
    call: &Call,
    waiting: &mut Waiting,
    oob: &Handle,
    kind: &MethodKind,
) -> Result<Sent, MfaError> {
    let target = match kind {
        MethodKind::Email { address } => Target::Mailbox(address),
        MethodKind::Phone { number, channel } => Target::Phone(number, *channel),
        _ => return Ok(Sent::default()),
    };
    let Waiting { tx, person, transaction } = waiting;
    let letter = Letter {
        handle: &oob.hash(),
        user: &person.user,
        target,
        purpose: Purpose::Enrollment,
        client: &transaction.state.client_id,
        languages: None,
    };
    Ok(send_code(app, call, &mut **tx, &letter).await?)
}

async fn settle(app: &App, call: &Call, held: Option<Held>) -> Result<(), MfaError> {
    let problem = match held {
        Some(held) => held.settle(app, call).await?,
        None => None,
    };
    problem.map_or(Ok(()), |problem| Err(MfaError::NotSent(problem)))
}

/// Removes what was begun with the same token before and never proved.
async fn forget_earlier(waiting: &mut Waiting) -> Result<(), MfaError> {
    let Some(Enrolling { method, recovery_code }) = waiting.transaction.state.enrolling.take()
    else {
        return Ok(());
    };
    for id in [Some(method), recovery_code].into_iter().flatten() {
        let is_unproved =
            |own: &&crate::factor::AuthenticationMethod| own.id == id && !own.confirmed;
        if waiting.person.methods.iter().any(|own| is_unproved(&own)) {
            waiting.tx.delete_method(&waiting.person.user.id, &id).await?;
        }
    }
    waiting.person.methods = waiting.tx.methods(&waiting.person.user.id).await?;
    Ok(())
}
