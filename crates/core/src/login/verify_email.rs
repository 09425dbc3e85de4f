//! Showing that mail arrives at the profile's address.

use serde_json::Map;

use super::{LoginError, Ticket, TicketPurpose};
use crate::app::App;
use crate::call::Call;
use crate::log::{LogKind, LogSubject, record};
use crate::secret::Handle;

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
    let subject = LogSubject { client: ticket.client_id.as_ref(), user: Some(&user), name: None };
    record(app, call, &mut *tx, LogKind::VerifyEmail, subject, Map::new()).await?;
    tx.commit().await?;
    Ok(Some(ticket))
}
