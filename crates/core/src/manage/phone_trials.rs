//! Trying what phones are told: a text message or call of an operator's to a number of theirs
//! (contract 05 §18).

use serde_json::Value;

use super::record::{Done, settle};
use super::{ManageError, Operator};
use crate::app::App;
use crate::call::Call;
use crate::factor::phone::{PhoneChannel, PhoneNumber};
use crate::message::{Addressee, Delivery, Message, PhoneContent, deliver_now, hold, trial};

/// Seconds after which nobody waits for it any more.
const LIFETIME: i64 = 300;

/// What is tried.
#[derive(Clone, Debug)]
pub struct PhoneTrial {
    /// Whom to.
    pub to: PhoneNumber,
    /// By text message or call.
    pub channel: PhoneChannel,
    /// Which words; without any it is the provider that is tried.
    pub content: Option<PhoneContent>,
}

/// Sends it through the provider in use, and waits for what that says. `resource` and `id` are what is
/// tried.
///
/// # Errors
/// [`ManageError::NotSupported`] if there is no provider or it refuses.
pub async fn send(
    app: &App,
    call: &Call,
    operator: &Operator,
    trial: PhoneTrial,
    (resource, id): (&'static str, &str),
    body: Value,
) -> Result<(), ManageError> {
    let refused = |text: &str| Err(ManageError::NotSupported(text.to_owned()));
    if call.tenant.settings.phone.provider.is_none() {
        return refused("There is no phone provider in use.");
    }
    let address = Addressee::from(trial.to.as_str());
    let (text, spoken, from) = trial::words(call, &address, trial.channel, trial.content.as_ref());
    let message = Message::PhoneTrial { text, spoken, from, channel: trial.channel };
    let mut tx = app.write(&call.tenant.id).await?;
    let dies_at = call.now.plus_seconds(LIFETIME);
    let held = hold(app, call, &mut *tx, address, &message, dies_at).await?;
    settle(app, call, tx, operator, Done { method: "POST", resource, id, body }).await?;
    match deliver_now(app, &call.tenant, &held).await? {
        Delivery::Taken | Delivery::Later => Ok(()),
        Delivery::Refused => refused("The phone provider refused the message."),
        Delivery::NoRecipient => refused("The number cannot be reached."),
    }
}
