//! Tickets: single-use links sent by mail.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Enrolls, TICKET_LIFETIME};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::{ClientId, UserId};
use crate::liquid::{Escaping, Template};
use crate::message::template::MailTemplate;
use crate::message::{Addressee, Message, queue, variables};
use crate::port::Tx;
use crate::secret::{Handle, HandleHash};
use crate::time::Timestamp;
use crate::user::User;

/// What a ticket is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketPurpose {
    /// Enrolling a second factor.
    Enrollment,
    /// Setting a new password.
    PasswordReset,
    /// Showing that mail arrives at the profile's address.
    VerifyEmail,
}

impl TicketPurpose {
    /// The name in storage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enrollment => "enrollment",
            Self::PasswordReset => "password_reset",
            Self::VerifyEmail => "verify_email",
        }
    }

    /// The purpose of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Enrollment, Self::PasswordReset, Self::VerifyEmail]
            .into_iter()
            .find(|own| own.as_str() == name)
    }
}

/// A single-use link.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Hash of the ticket.
    pub handle: HandleHash,
    /// What for.
    pub purpose: TicketPurpose,
    /// Whose account.
    pub user_id: UserId,
    /// The mail address it was sent to; worthless once the account has another.
    pub email: String,
    /// The application people came from.
    pub client_id: Option<ClientId>,
    /// What comes after it.
    pub ending: Ending,
    /// When it was made.
    pub created_at: Timestamp,
    /// End.
    pub expires_at: Timestamp,
}

/// What comes of a link when it was used. The serialised form is the stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Where the person is sent to; nowhere by default.
    pub result_url: Option<String>,
    /// Whether the address goes along.
    pub tells_email: bool,
    /// Whether having the link shows that mail arrives at the address: it was mailed there.
    pub proves_mailbox: bool,
    /// What can be enrolled by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolls: Option<Enrolls>,
}

impl Default for Ending {
    fn default() -> Self {
        Self { result_url: None, tells_email: false, proves_mailbox: true, enrolls: None }
    }
}

/// A link to be made by an operator.
#[derive(Clone, Debug, Default)]
pub struct NewLink {
    /// The application people come from.
    pub client_id: Option<ClientId>,
    /// Seconds it lives; by default as long as those that are mailed.
    pub lifetime: Option<i64>,
    /// What comes of it.
    pub ending: Ending,
}

/// A link for whoever the operator gives it to, with the ticket in it; older ones for the same purpose
/// die.
pub(crate) async fn new_link(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    purpose: TicketPurpose,
    new: NewLink,
) -> Result<(Handle, String), Fault> {
    let email = user.profile.email.as_deref().unwrap_or_default();
    let (mut ticket, handle) = make(app, call, user, email, purpose, new.client_id.as_ref());
    if let Some(seconds) = new.lifetime {
        ticket.expires_at = call.now.plus_seconds(seconds);
    }
    ticket.ending = new.ending;
    tx.insert_ticket(&ticket).await?;
    let end = if purpose == TicketPurpose::Enrollment { "" } else { "#" };
    let link = format!("{}{}?ticket={}{end}", call.issuer, purpose.path(), handle.expose());
    Ok((handle, link))
}

impl TicketPurpose {
    /// Where the link in the mail leads.
    fn path(self) -> &'static str {
        match self {
            Self::Enrollment => "guardian/enroll",
            Self::PasswordReset => "u/reset-verify",
            Self::VerifyEmail => "u/email-verification",
        }
    }

    fn message(self, link: String, tenant: String) -> Message {
        match self {
            Self::Enrollment => Message::EnrollmentInvitation { link, tenant },
            Self::PasswordReset => Message::PasswordReset { link, tenant },
            Self::VerifyEmail => Message::VerifyEmail { link, tenant },
        }
    }
}

/// Who a link is mailed to, and on the way to what.
#[derive(Clone, Copy)]
pub(crate) struct Recipient<'a> {
    pub user: &'a User,
    pub client: Option<&'a ClientId>,
    /// `ui_locales` of the request, if there is one.
    pub languages: Option<&'a str>,
}

/// Mails somebody new a link that shows that mail arrives, where their connection wants that.
pub(crate) async fn send_first_link(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    to: Recipient<'_>,
) -> Result<(), Fault> {
    let connection = call.tenant.connection(&to.user.connection_id);
    if connection.is_some_and(|own| !own.options.names().verifies_email) {
        return Ok(());
    }
    send_link(app, call, tx, to, TicketPurpose::VerifyEmail).await
}

/// Mails a new link to the user's address, if there is one; older ones for the same purpose die.
pub(crate) async fn send_link(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    to: Recipient<'_>,
    purpose: TicketPurpose,
) -> Result<(), Fault> {
    let Recipient { user, client, languages } = to;
    let Some(email) = user.profile.email.as_deref() else { return Ok(()) };
    let (mut ticket, handle) = make(app, call, user, email, purpose, client);
    let link = format!("{}{}?ticket={}", call.mail_issuer(), purpose.path(), handle.expose());
    let message = purpose.message(link, call.tenant.friendly_name().to_owned());
    if let Some(name) = message.template()
        && let Some(template) = MailTemplate::in_use(tx, name).await?
    {
        ticket.follow(call, &template);
    }
    tx.insert_ticket(&ticket).await?;
    let to = Addressee::of(email, user).towards(client).speaking(languages);
    queue(app, call, tx, to, &message, ticket.expires_at).await
}

impl Ticket {
    /// Lives and ends as an operator's template says. A place to go to that is none is left out.
    fn follow(&mut self, call: &Call, template: &MailTemplate) {
        if let Some(seconds) = template.url_lifetime_in_seconds.filter(|seconds| *seconds > 0) {
            self.expires_at = call.now.plus_seconds(seconds);
        }
        let client = self.client_id.as_ref().and_then(|id| call.tenant.client(id));
        let variables = variables::of_result_url(call, client.map(AsRef::as_ref));
        let now = call.now.0.div_euclid(1000);
        let url = template.result_url.as_deref().and_then(|source| {
            Template::parse(source).ok()?.render(&variables, Escaping::None, now).ok()
        });
        let is_web = |url: &String| {
            Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        };
        self.ending.result_url = url.map(|url| url.trim().to_owned()).filter(is_web);
        self.ending.tells_email = template.include_email_in_redirect;
    }
}

/// A ticket for a new password, for somebody who has just shown to receive mail at `email`.
pub(crate) async fn new_reset_ticket(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    email: &str,
) -> Result<Handle, Fault> {
    let (ticket, handle) = make(app, call, user, email, TicketPurpose::PasswordReset, None);
    tx.insert_ticket(&ticket).await?;
    Ok(handle)
}

fn make(
    app: &App,
    call: &Call,
    user: &User,
    email: &str,
    purpose: TicketPurpose,
    client: Option<&ClientId>,
) -> (Ticket, Handle) {
    let handle = Handle::generate(app.random());
    let ticket = Ticket {
        handle: handle.hash(),
        purpose,
        user_id: user.id.clone(),
        email: email.to_owned(),
        client_id: client.cloned(),
        ending: Ending::default(),
        created_at: call.now,
        expires_at: call.now.plus_seconds(TICKET_LIFETIME),
    };
    (ticket, handle)
}
