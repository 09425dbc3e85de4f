//! A link by which somebody enrols a second factor without signing in (contract 04 §9.7).
//!
//! Opening it changes nothing, because mail scanners open links too. Answering the page leads to the
//! pages that enrol one at sign-in; proving the factor uses the link up.

use serde::{Deserialize, Serialize};

use super::authorize::{Interaction, begin};
use super::second_factor::enroll_by_ticket;
use super::step::form_token;
use super::{
    AuthorizationRequest, LoginError, NewLink, ResponseMode, Step, TICKET_LIFETIME, Ticket,
    TicketPurpose, new_link,
};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::AuthenticationMethod;
use crate::message::{Message, queue};
use crate::mfa::Way;
use crate::mfa::factors::{enrollable, stands_alone};
use crate::port::Tx;
use crate::scope::ScopeSet;
use crate::secret::{Handle, constant_time_eq};
use crate::user::User;

/// What a link lets its holder enrol. The serialised form is the stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolls {
    /// Only one of these; none means whichever there is.
    pub ways: Vec<Way>,
    /// Also somebody who has a second factor.
    pub several: bool,
}

impl Enrolls {
    /// What can be enrolled, as the tenant is now.
    pub(super) fn offered(&self, call: &Call) -> Vec<Way> {
        let mut ways = enrollable(call);
        ways.retain(|way| self.ways.is_empty() || self.ways.contains(way));
        ways
    }

    /// Whether somebody who has `methods` may enrol another one.
    pub(super) fn admits(&self, methods: &[AuthenticationMethod]) -> bool {
        let counts = |own: &AuthenticationMethod| own.confirmed && stands_alone(own.kind.factor());
        self.several || !methods.iter().any(counts)
    }
}

/// A link for whoever the operator gives it to, with the ticket in it; older ones die. None if there
/// is nothing to enrol.
pub(crate) async fn new_enrollment_link(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    enrolls: Enrolls,
) -> Result<Option<(Handle, String)>, Fault> {
    if enrolls.offered(call).is_empty() {
        return Ok(None);
    }
    let mut new = NewLink::default();
    new.ending.enrolls = Some(enrolls);
    let (handle, link) = new_link(app, call, tx, user, TicketPurpose::Enrollment, new).await?;
    Ok(Some((handle, link)))
}

/// Mails a link.
pub(crate) async fn mail_enrollment(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    address: &str,
    link: &str,
) -> Result<(), Fault> {
    let tenant = call.tenant.friendly_name().to_owned();
    let message = Message::EnrollmentInvitation { link: link.to_owned(), tenant };
    queue(app, call, tx, address, &message, call.now.plus_seconds(TICKET_LIFETIME)).await
}

/// What the page behind a link shows.
#[derive(Debug)]
pub struct EnrollmentForm {
    /// The form's token.
    pub csrf: String,
    /// The browser's handle, if it has to be given one.
    pub new_browser: Option<Handle>,
}

/// Looks at a link. None if it is used, old, or never was one.
///
/// # Errors
/// If the database is not available.
pub async fn enrollment_form(
    app: &App,
    call: &Call,
    ticket: &Handle,
    browser: Option<&Handle>,
) -> Result<Option<EnrollmentForm>, Fault> {
    let mut tx = app.read(&call.tenant.id).await?;
    let found = tx.ticket(&ticket.hash(), TicketPurpose::Enrollment, call.now).await?;
    let new_browser = browser.is_none().then(|| Handle::generate(app.random()));
    Ok(found
        .zip(browser.or(new_browser.as_ref()).cloned())
        .map(|(_, browser)| EnrollmentForm { csrf: form_token(ticket, &browser), new_browser }))
}

/// What answering the page leads to.
#[derive(Debug)]
pub enum EnrollmentBegun {
    /// A page of a transaction.
    Interact(Interaction),
    /// The form did not come from the page.
    Forged,
    /// The link is used, old, or never was one.
    LinkDead,
    /// Whoever it is for has a second factor by now.
    Enrolled,
}

/// Begins to enrol what the link lets its holder enrol.
///
/// # Errors
/// See [`LoginError`].
pub async fn begin_enrollment(
    app: &App,
    call: &Call,
    ticket: &Handle,
    browser: Option<&Handle>,
    csrf: &str,
) -> Result<EnrollmentBegun, LoginError> {
    let expected = browser.map(|browser| form_token(ticket, browser));
    if !expected.is_some_and(|own| constant_time_eq(own.as_bytes(), csrf.as_bytes())) {
        return Ok(EnrollmentBegun::Forged);
    }
    let mut tx = app.read(&call.tenant.id).await?;
    let found = tx.ticket(&ticket.hash(), TicketPurpose::Enrollment, call.now).await?;
    let Some(found) = found else { return Ok(EnrollmentBegun::LinkDead) };
    let user = tx.user(&found.user_id).await?.filter(|user| !user.blocked);
    let Some(user) = user else { return Ok(EnrollmentBegun::LinkDead) };
    let methods = tx.methods(&user.id).await?;
    drop(tx);
    let enrolls = found.ending.enrolls.clone().unwrap_or_default();
    if !enrolls.admits(&methods) {
        return Ok(EnrollmentBegun::Enrolled);
    }
    let Some(request) = request(call, &user) else { return Ok(EnrollmentBegun::LinkDead) };
    let Ticket { handle, user_id, .. } = found;
    let step = Step::Enrollment { user_id, ticket: handle, enrolls };
    let (transaction, handles) = begin(app, call, request, step, browser).await?;
    let screen = enroll_by_ticket(app, call, transaction).await?;
    Ok(EnrollmentBegun::Interact(handles.at(screen)))
}

/// What stands in for an application's request: the account page's, which gets no answer.
fn request(call: &Call, user: &User) -> Option<AuthorizationRequest> {
    let client = call.tenant.clients().find(|client| client.settings.is_system)?;
    Some(AuthorizationRequest {
        client_id: client.id.clone(),
        issuer: call.issuer.clone(),
        redirect_uri: format!("{}account", call.issuer),
        redirect_uri_sent: false,
        response_mode: ResponseMode::Query,
        audience: None,
        scope: ScopeSet::default(),
        state: None,
        nonce: None,
        code_challenge: None,
        prompt: Vec::new(),
        max_age: None,
        login_hint: None,
        ui_locales: None,
        sign_up_first: false,
        connection: call.tenant.connection(&user.connection_id).map(|own| own.name.clone()),
        hinted_user: None,
        step_up: false,
        dpop_jkt: None,
    })
}
