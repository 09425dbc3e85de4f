//! Sending the code of an enrolment: within the limits, and telling at once what a provider
//! refuses (contract 01 §4.1, 04 §11.3).

use serde_json::{Map, json};

use super::{AccountError, Caller, Enrollment, Violation};
use crate::app::App;
use crate::call::Call;
use crate::factor::phone::{PhoneChannel, PhoneNumber};
use crate::factor::{AuthenticationMethod, FactorType, MethodKind, code};
use crate::guard::stored::{self, Counter};
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::{Addressee, Delivery, Message, QueuedMessage, deliver_now, hold, queue};
use crate::port::Tx;

/// A code on its way to a phone, until it is known what the provider says.
pub(super) struct Held {
    message: QueuedMessage,
    method: MethodId,
    channel: PhoneChannel,
}

/// Queues the code of a factor that sends one, and binds it to the enrolment.
pub(super) async fn send_code(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    caller: &Caller,
    method: &AuthenticationMethod,
    enrollment: &mut Enrollment,
) -> Result<Option<Held>, AccountError> {
    match &method.kind {
        MethodKind::Email { address } => {
            let counters = [Counter::MailsFor(caller.user_id()), Counter::MailsTo(address)];
            count(app, call, tx, counters).await?;
            let message = Message::EnrollmentCode {
                code: new_code(app, call, enrollment),
                tenant: call.tenant.friendly_name().to_owned(),
            };
            let to = Addressee::of(address, &caller.account.user).towards(Some(&caller.client_id));
            queue(app, call, tx, to, &message, enrollment.expires_at).await?;
            log(app, call, tx, caller, LogKind::MailSent).await?;
            Ok(None)
        }
        MethodKind::Phone { number, channel } => {
            let message = phone_code(app, call, tx, caller, number, *channel, enrollment).await?;
            Ok(Some(Held { message, method: method.id.clone(), channel: *channel }))
        }
        MethodKind::Passkey(_)
        | MethodKind::PushNotification { .. }
        | MethodKind::RecoveryCode { .. }
        | MethodKind::Totp { .. }
        | MethodKind::WebauthnPlatform(_)
        | MethodKind::WebauthnRoaming(_) => Ok(None),
    }
}

async fn phone_code(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    caller: &Caller,
    number: &PhoneNumber,
    channel: PhoneChannel,
    enrollment: &mut Enrollment,
) -> Result<QueuedMessage, AccountError> {
    if call.tenant.settings.phone.provider.is_none() {
        return Err(AccountError::NotSent);
    }
    let counters = [Counter::CallsFor(caller.user_id()), Counter::CallsTo(number)];
    count(app, call, tx, counters).await?;
    let message = Message::PhoneCode {
        code: new_code(app, call, enrollment),
        tenant: call.tenant.friendly_name().to_owned(),
        channel,
    };
    let to = Addressee::of(number.as_str(), &caller.account.user).towards(Some(&caller.client_id));
    let held = hold(app, call, tx, to, &message, enrollment.expires_at).await?;
    let kind = match channel {
        PhoneChannel::Sms => LogKind::SmsSent,
        PhoneChannel::Voice => LogKind::CallMade,
    };
    log(app, call, tx, caller, kind).await?;
    Ok(held)
}

/// A code that is good with the enrolment's handle, and the enrolment ends with it.
fn new_code(app: &App, call: &Call, enrollment: &mut Enrollment) -> String {
    let tenant = call.tenant.id.as_str();
    let sent = code::generate(tenant, &enrollment.handle, app.sealer(), app.random());
    enrollment.code_mac = Some(sent.mac);
    enrollment.expires_at = call.now.plus_seconds(code::LIFETIME);
    sent.code
}

async fn count(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    counters: [Counter<'_>; 2],
) -> Result<(), AccountError> {
    for counter in counters {
        let decision = stored::take(app, tx, counter, call.now).await?;
        if !decision.allowed {
            return Err(AccountError::TooManySent { again_in: decision.retry_after });
        }
    }
    Ok(())
}

/// Hands the code to the provider, after the commit. What the provider refuses is taken back:
/// nobody is to wait for a code that never comes.
pub(super) async fn settle(
    app: &App,
    call: &Call,
    caller: &Caller,
    held: &Held,
) -> Result<(), AccountError> {
    let delivery = deliver_now(app, &call.tenant, &held.message).await?;
    let error = match delivery {
        Delivery::Taken | Delivery::Later => return Ok(()),
        Delivery::NoRecipient => invalid_number("is not a number that can be reached"),
        Delivery::Refused => AccountError::NotSent,
    };
    let mut tx = app.write(&call.tenant.id).await?;
    tx.lock_user(caller.user_id()).await?;
    tx.void_enrollments(caller.user_id(), FactorType::Phone, Some(&held.method)).await?;
    let methods = tx.methods(caller.user_id()).await?;
    if methods.iter().any(|method| method.id == held.method && !method.confirmed) {
        tx.delete_method(caller.user_id(), &held.method).await?;
    }
    let kind = match held.channel {
        PhoneChannel::Sms => LogKind::SmsFailed,
        PhoneChannel::Voice => LogKind::CallFailed,
    };
    log(app, call, &mut *tx, caller, kind).await?;
    tx.commit().await?;
    Err(error)
}

/// The answer to a number that is none.
pub(super) fn invalid_number(rule: &str) -> AccountError {
    let detail = format!("data/phone_number {rule}");
    let violation = Violation::new("/phone_number", detail);
    AccountError::Invalid(vec![Violation { key: Some("invalid_phone_number"), ..violation }])
}

async fn log(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    caller: &Caller,
    kind: LogKind,
) -> Result<(), AccountError> {
    let subject = LogSubject {
        client: Some(&caller.client_id),
        user: Some(&caller.account.user),
        name: None,
    };
    let mut details = Map::new();
    details.insert("purpose".into(), json!("enrollment"));
    Ok(record(app, call, tx, kind, subject, details).await?)
}
