//! Showing that mail arrives at the profile's address.

use serde_json::Map;

use super::{LoginError, Ticket, TicketPurpose};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::log::{LogKind, LogSubject, record};
use crate::message::template::MailTemplate;
use crate::message::{Addressee, Message, queue};
use crate::port::Tx;
use crate::secret::Handle;
use crate::user::User;

/// A welcome is of use so long.
const WELCOME_LIFETIME: i64 = 86_400;

/// Uses a link up; the ticket. None if it is used, old, never was one, or for another address than
/// the account now has.
///
/// # Errors
/// See [`LoginError`].
pub async fn verify_email(
    app: &App,
    call: &Call,
    ticket: &Handle,
) -> Result<Option<Ticket>, LoginError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let spent = tx.spend_ticket(&ticket.hash(), TicketPurpose::VerifyEmail, call.now).await?;
    let Some(ticket) = spent else { return Ok(None) };
    let Some(user) = tx.user(&ticket.user_id).await? else { return Ok(None) };
    if user.profile.email.as_deref() != Some(ticket.email.as_str()) {
        return Ok(None);
    }
    let mut profile = user.profile.clone();
    profile.email_verified = true;
    tx.update_profile(&user, &profile, call.now).await?;
    if !user.profile.email_verified {
        welcome(app, call, &mut *tx, &user, &ticket).await?;
    }
    let subject = LogSubject { client: ticket.client_id.as_ref(), user: Some(&user), name: None };
    record(app, call, &mut *tx, LogKind::VerifyEmail, subject, Map::new()).await?;
    tx.commit().await?;
    app.nudge_outbox();
    Ok(Some(ticket))
}

/// Welcomes a person whose address was just verified, in tenants that have a template for it.
async fn welcome(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    ticket: &Ticket,
) -> Result<(), Fault> {
    let message = Message::Welcome {
        tenant: call.tenant.friendly_name().to_owned(),
        account_url: format!("{}account", call.mail_issuer()),
    };
    let Some(name) = message.template() else { return Ok(()) };
    if MailTemplate::in_use(tx, name).await?.is_none() {
        return Ok(());
    }
    let to = Addressee::of(&ticket.email, user).towards(ticket.client_id.as_ref());
    queue(app, call, tx, to, &message, call.now.plus_seconds(WELCOME_LIFETIME)).await
}
