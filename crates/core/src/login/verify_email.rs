//! Showing that mail arrives at the profile's address.

use serde_json::Map;

use super::{LoginError, TICKET_LIFETIME, Ticket, TicketPurpose};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::ClientId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::{Message, queue};
use crate::port::Tx;
use crate::secret::Handle;
use crate::user::User;

/// Queues the mail with the link.
pub(super) async fn send_verification(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    client: &ClientId,
) -> Result<(), Fault> {
    let Some(email) = user.profile.email.clone() else { return Ok(()) };
    let handle = Handle::generate(app.random());
    let ticket = Ticket {
        handle: handle.hash(),
        purpose: TicketPurpose::VerifyEmail,
        user_id: user.id.clone(),
        email: email.clone(),
        client_id: Some(client.clone()),
        created_at: call.now,
        expires_at: call.now.plus_seconds(TICKET_LIFETIME),
    };
    tx.insert_ticket(&ticket).await?;
    let message = Message::VerifyEmail {
        link: format!("{}u/email-verification?ticket={}", call.issuer, handle.expose()),
        tenant: call.tenant.friendly_name().to_owned(),
    };
    queue(app, call, tx, &email, &message, ticket.expires_at).await
}

/// Uses a link up. False if it is used, old, never was one, or for another address than the
/// account now has.
///
/// # Errors
/// See [`LoginError`].
pub async fn verify_email(app: &App, call: &Call, ticket: &Handle) -> Result<bool, LoginError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let spent = tx.spend_ticket(&ticket.hash(), TicketPurpose::VerifyEmail, call.now).await?;
    let Some(ticket) = spent else { return Ok(false) };
    let Some(user) = tx.user(&ticket.user_id).await? else { return Ok(false) };
    if user.profile.email.as_deref() != Some(ticket.email.as_str()) {
        return Ok(false);
    }
    let mut profile = user.profile.clone();
    profile.email_verified = true;
    tx.update_profile(&user, &profile, call.now).await?;
    let subject = LogSubject { client: ticket.client_id.as_ref(), user: Some(&user), name: None };
    record(app, call, &mut *tx, LogKind::VerifyEmail, subject, Map::new()).await?;
    tx.commit().await?;
    Ok(true)
}
