//! A new password by mail.

use serde_json::Map;

use super::guard::may_ask_for_mail;
use super::password::{MAX_INPUT, connection_of};
use super::step::posted_transaction;
use super::ticket::{Recipient, send_link};
use super::{FormError, LoginError, Posted, Screen, Ticket, TicketPurpose};
use crate::app::App;
use crate::call::Call;
use crate::factor::password::PasswordPolicy;
use crate::log::{LogKind, LogSubject, record};
use crate::secret::Handle;
use crate::user::password::{NewPassword, store_password};
use crate::user::{Identifier, User};

/// Sends a link to whoever has `identifier`, if anybody. The answer is the same in any case, and
/// so is the work: one read and one commit.
///
/// # Errors
/// See [`LoginError`].
pub async fn request_reset(
    app: &App,
    call: &Call,
    posted: &Posted,
    identifier: &str,
) -> Result<Result<(), FormError>, LoginError> {
    let transaction = posted_transaction(app, call, posted, &[Screen::LoginId]).await?;
    let request = &transaction.state.request;
    let typed = identifier.trim();
    let Some(name) = Identifier::guess(typed).filter(|_| typed.len() <= MAX_INPUT) else {
        return Ok(Err(FormError::on("email", "no-email")));
    };
    if !may_ask_for_mail(app, call, name.value()) {
        return Err(LoginError::TooMany);
    }
    let connection = connection_of(call, request)?;
    let mut tx = app.write(&call.tenant.id).await?;
    let user = tx.user_by_identifier(&connection.id, &name).await?.map(|(user, _)| user);
    let may_reset = !connection.options.disable_self_service_change_password;
    if let Some(user) = user.as_ref().filter(|_| may_reset) {
        let client = Some(&request.client_id);
        let languages = request.ui_locales.as_deref();
        let to = Recipient { user, client, languages };
        send_link(app, call, &mut *tx, to, TicketPurpose::PasswordReset).await?;
    }
    let subject =
        LogSubject { client: Some(&request.client_id), user: user.as_ref(), name: Some(typed) };
    record(app, call, &mut *tx, LogKind::ChangePasswordRequest, subject, Map::new()).await?;
    tx.commit().await?;
    app.nudge_outbox();
    Ok(Ok(()))
}

/// What the page behind the link shows.
#[derive(Clone, Debug)]
pub struct ResetForm {
    /// Whose account.
    pub email: String,
    /// What the new password must satisfy.
    pub policy: PasswordPolicy,
}

async fn holder(
    app: &App,
    call: &Call,
    ticket: &Handle,
) -> Result<Option<(Ticket, User)>, LoginError> {
    let mut tx = app.read(&call.tenant.id).await?;
    let Some(found) = tx.ticket(&ticket.hash(), TicketPurpose::PasswordReset, call.now).await?
    else {
        return Ok(None);
    };
    let user = tx.user(&found.user_id).await?;
    // Whoever reads the old mailbox has no right to the account any more.
    let user = user.filter(|user| user.profile.email.as_deref() == Some(found.email.as_str()));
    Ok(user.map(|user| (found, user)))
}

/// What the page behind a link shows; none if the link is used, old, or never was one.
///
/// # Errors
/// See [`LoginError`].
pub async fn reset_form(
    app: &App,
    call: &Call,
    ticket: &Handle,
) -> Result<Option<ResetForm>, LoginError> {
    let Some((ticket, user)) = holder(app, call, ticket).await? else { return Ok(None) };
    let policy = call
        .tenant
        .connection(&user.connection_id)
        .map(|connection| connection.options.password.clone())
        .unwrap_or_default();
    Ok(Some(ResetForm { email: ticket.email, policy }))
}

/// What setting a password by link leads to.
#[derive(Debug)]
pub enum Reset {
    /// The password is set; sessions are over. What the link was.
    Done(Box<Ticket>),
    /// The same page again, with errors.
    Again(Vec<FormError>),
    /// The link is used, old, or never was one.
    LinkDead,
}

/// Sets a new password by link; the link is used up.
///
/// # Errors
/// See [`LoginError`].
pub async fn set_password(
    app: &App,
    call: &Call,
    ticket: &Handle,
    password: &str,
    repeated: &str,
) -> Result<Reset, LoginError> {
    let Some((_, mut user)) = holder(app, call, ticket).await? else { return Ok(Reset::LinkDead) };
    if password.is_empty() {
        return Ok(Reset::Again(vec![FormError::on("password-reset", "no-password-reset")]));
    }
    if password != repeated {
        return Ok(Reset::Again(vec![FormError::on("re-enter-password", "password-mismatch")]));
    }
    let new = match NewPassword::check(app, call, &user, password).await? {
        Ok(new) => new,
        Err(broken) => {
            let (field, code) = (Some("password-reset"), "password-too-weak");
            return Ok(Reset::Again(vec![FormError { field, code, broken }]));
        }
    };
    let mut tx = app.write(&call.tenant.id).await?;
    let spent = tx.spend_ticket(&ticket.hash(), TicketPurpose::PasswordReset, call.now).await?;
    let Some(spent) = spent else { return Ok(Reset::LinkDead) };
    // The link arrived, so the address is shown to be theirs.
    if spent.ending.proves_mailbox && !user.profile.email_verified {
        user.profile.email_verified = true;
        let profile = user.profile.clone();
        tx.update_profile(&user, &profile, call.now).await?;
    }
    store_password(app, call, &mut *tx, &user, &new, None).await?;
    let subject = LogSubject { user: Some(&user), ..LogSubject::default() };
    record(app, call, &mut *tx, LogKind::ChangePassword, subject, Map::new()).await?;
    tx.commit().await?;
    app.nudge_outbox();
    Ok(Reset::Done(Box::new(spent)))
}
