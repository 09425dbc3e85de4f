//! Sending what a challenge needs sent, on behalf of a login transaction.

use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::login::LoginTransaction;
use crate::mfa::person::Person;
use crate::mfa::send::{Letter, Purpose, Sent, Target, ask_device, send_code};
use crate::mfa::{Choice, Way};
use crate::port::Tx;
use crate::seal::Place;
use crate::secret::HandleHash;
use crate::user::User;

/// What was sent, in a transaction that is still open.
pub(super) struct Begun {
    pub tx: Box<dyn Tx>,
    pub sent: Sent,
    /// What gets at a device's answer, sealed.
    pub sealed_question: Option<Vec<u8>>,
}

/// Sends what `choice` needs sent.
pub(super) async fn send(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
    person: &Person,
    choice: &Choice,
) -> Result<Begun, Fault> {
    let handle = &transaction.handle;
    if let Some(target) = Target::of(person, choice) {
        let mut tx = app.write(&call.tenant.id).await?;
        let letter = letter(transaction, &person.user, target, Purpose::Login);
        let sent = send_code(app, call, &mut *tx, &letter).await?;
        return Ok(Begun { tx, sent, sealed_question: None });
    }
    let (sealed_question, problem) = match choice.way {
        Way::PushNotification => match ask_device(app, call, person, choice).await? {
            Ok(question) => {
                let (place, plain) = (question_place(call, handle), question.expose().as_bytes());
                (Some(app.sealer().seal(place, plain, app.random())?), None)
            }
            Err(problem) => (None, Some(problem)),
        },
        _ => (None, None),
    };
    let tx = app.write(&call.tenant.id).await?;
    Ok(Begun { tx, sent: Sent { problem, ..Sent::default() }, sealed_question })
}

/// A code that is good with a login transaction.
pub(super) fn letter<'a>(
    transaction: &'a LoginTransaction,
    user: &'a User,
    target: Target<'a>,
    purpose: Purpose,
) -> Letter<'a> {
    let request = &transaction.state.request;
    Letter {
        handle: &transaction.handle,
        user,
        target,
        purpose,
        client: &request.client_id,
        languages: request.ui_locales.as_deref(),
    }
}

/// Where what gets at a device's answer is sealed to.
pub(super) fn question_place<'a>(call: &'a Call, handle: &'a HandleHash) -> Place<'a> {
    Place { tenant: call.tenant.id.as_str(), table: "login_transactions", row: handle.as_str() }
}
