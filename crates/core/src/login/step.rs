//! Pages of a transaction: which there are, what they show, and who may see them.

use super::{
    AuthorizationResponse, LoginTransaction, MfaScreen, PasskeyOffer, PasskeyPrompt,
    SecondFactorView, Step,
};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::connection::Attributes;
use crate::error::Fault;
use crate::factor::password::{Broken, PasswordPolicy};
use crate::factor::webauthn::CreationOptions;
use crate::port::{StoreError, Tx};
use crate::resource_server::ResourceServer;
use crate::scope::{ScopeSet, is_oidc};
use crate::secret::{Handle, HandleHash, constant_time_eq};

/// A page of the login, by what it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Whether a local program may have the answer.
    Confirmation,
    /// Whether an application may have the scopes.
    Consent,
    /// Identifier and password.
    Login,
    /// Identifier.
    LoginId,
    /// Password.
    LoginPassword,
    /// Something about a second factor.
    Mfa(MfaScreen),
    /// A passkey, after signing in with a password.
    PasskeyEnrollment,
    /// A passkey on this device, after signing in with that of another.
    PasskeyEnrollmentLocal,
    /// Mail address and password of a new account.
    Signup,
    /// Mail address of a new account.
    SignupId,
    /// Password of a new account.
    SignupPassword,
}

impl Screen {
    fn needs(self, step: &Step) -> bool {
        match self {
            Self::Login | Self::LoginId | Self::Signup | Self::SignupId => {
                matches!(step, Step::Identify | Step::Password { .. } | Step::Signup { .. })
            }
            Self::LoginPassword => matches!(step, Step::Password { .. }),
            Self::SignupPassword => matches!(step, Step::Signup { .. }),
            Self::PasskeyEnrollment => offers(step, PasskeyOffer::Progressive),
            Self::PasskeyEnrollmentLocal => offers(step, PasskeyOffer::Local),
            Self::Confirmation | Self::Consent => {
                matches!(step, Step::Authenticated { .. } | Step::Agree { .. })
            }
            Self::Mfa(_) => {
                matches!(step, Step::SecondFactor { task, .. } if task.screen() == self)
            }
        }
    }
}

fn offers(step: &Step, offer: PasskeyOffer) -> bool {
    matches!(step, Step::Authenticated { passkey_offer: Some(own), .. } if *own == offer)
}

/// Who looks at a page: `state` from the URL and the handle from the transaction cookie.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// `state`.
    pub state: Handle,
    /// The browser's handle; none if it sent no cookie.
    pub browser: Option<Handle>,
}

/// Who posts a form: a visitor with the form's token.
#[derive(Clone, Debug)]
pub struct Posted {
    /// Who.
    pub visitor: Visitor,
    /// The form's `_csrf`.
    pub csrf: String,
}

/// Why a page cannot be shown or answered.
#[derive(Debug)]
pub enum LoginError {
    /// No such transaction, or over, or another browser's.
    TransactionNotFound,
    /// The transaction is elsewhere by now; this is where.
    Elsewhere,
    /// The form did not come from the page.
    Forged,
    /// Too many tries.
    TooMany,
    /// Not the person's fault.
    Fault(Fault),
}

impl From<Fault> for LoginError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for LoginError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Something wrong with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    /// The field; none for the whole form.
    pub field: Option<&'static str>,
    /// The key texts are looked up by.
    pub code: &'static str,
    /// The rules a password breaks.
    pub broken: Vec<Broken>,
}

impl FormError {
    pub(super) fn on(field: &'static str, code: &'static str) -> Self {
        Self { field: Some(field), code, broken: Vec::new() }
    }
}

/// What answering a page leads to.
#[derive(Debug)]
pub enum Answered {
    /// On to `/authorize/resume`.
    Resume,
    /// On to a page.
    Show(Screen),
    /// The same page again, with errors.
    Again(Vec<FormError>),
    /// Back to the application with an error.
    Respond(AuthorizationResponse),
}

/// What a page shows.
#[derive(Clone, Debug)]
pub struct ScreenView {
    /// The application's name.
    pub client_name: String,
    /// The languages the request asked for.
    pub ui_locales: Option<String>,
    /// The form's token.
    pub csrf: String,
    /// What was typed before, or the request's `login_hint`.
    pub identifier: String,
    /// Whether people may sign up.
    pub allows_signup: bool,
    /// What people are called by.
    pub names: Attributes,
    /// The telephone number that was given, where one was.
    pub phone_number: Option<String>,
    /// The username that was given, where one was.
    pub username: Option<String>,
    /// The connection, for the reset link.
    pub connection: String,
    /// What a new password must satisfy.
    pub policy: PasswordPolicy,
    /// Ask for the identifier on a page of its own.
    pub identifier_first: bool,
    /// Where the answer goes, for the confirmation page.
    pub redirect_uri: String,
    /// The scopes to agree to.
    pub scopes: Vec<ConsentScope>,
    /// How to sign in with a passkey, where people may.
    pub passkey_prompt: Option<PasskeyPrompt>,
    /// What making the offered passkey takes.
    pub passkey_creation: Option<CreationOptions>,
    /// What is asked about a second factor, where one is.
    pub second_factor: Option<SecondFactorView>,
}

/// A scope as the consent page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentScope {
    /// The scope.
    pub value: String,
    /// What it allows, in words; empty if the API does not say.
    pub description: String,
}

/// The token of a form that belongs to a handle: worthless in another browser or for another handle.
pub(crate) fn form_token(handle: &Handle, browser: &Handle) -> String {
    let text = format!("csrf|{}|{}", browser.expose(), handle.expose());
    HandleHash::of(text.as_bytes()).as_str().to_owned()
}

/// The transaction of a visitor.
pub(super) async fn transaction_of(
    app: &App,
    call: &Call,
    visitor: &Visitor,
) -> Result<LoginTransaction, LoginError> {
    let browser = visitor.browser.as_ref().ok_or(LoginError::TransactionNotFound)?;
    let mut tx = app.read(&call.tenant.id).await?;
    let transaction =
        tx.login(&visitor.state.hash()).await?.ok_or(LoginError::TransactionNotFound)?;
    let is_own = transaction.browser.matches(&browser.hash())
        && transaction.state.request.issuer == call.issuer
        && call.now < transaction.expires_at;
    if is_own { Ok(transaction) } else { Err(LoginError::TransactionNotFound) }
}

/// The transaction of somebody who posted a form from the page of `screen`.
pub(super) async fn posted_transaction(
    app: &App,
    call: &Call,
    posted: &Posted,
    screen: &[Screen],
) -> Result<LoginTransaction, LoginError> {
    let transaction = transaction_of(app, call, &posted.visitor).await?;
    let browser = posted.visitor.browser.as_ref().ok_or(LoginError::TransactionNotFound)?;
    let expected = form_token(&posted.visitor.state, browser);
    if !constant_time_eq(expected.as_bytes(), posted.csrf.as_bytes()) {
        return Err(LoginError::Forged);
    }
    if screen.iter().any(|screen| screen.needs(&transaction.state.step)) {
        Ok(transaction)
    } else {
        Err(LoginError::Elsewhere)
    }
}

/// Stores the next step of a transaction that somebody answered. What it comes to is made durable
/// at its end; a person whose step was lost begins again.
pub(super) async fn advance(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
    step: Step,
) -> Result<(), LoginError> {
    let mut tx = app.write_passing(&call.tenant.id).await?;
    advance_in(&mut *tx, transaction, step).await?;
    tx.commit().await?;
    Ok(())
}

/// The same within a transaction that does more.
pub(super) async fn advance_in(
    tx: &mut dyn Tx,
    mut transaction: LoginTransaction,
    step: Step,
) -> Result<(), LoginError> {
    transaction.state.step = step;
    transaction.state.interacted = true;
    if tx.advance_login(&transaction).await? { Ok(()) } else { Err(LoginError::Elsewhere) }
}

/// The application and the API of a transaction, as they are configured now.
pub(super) fn parties<'a>(
    call: &'a Call,
    transaction: &LoginTransaction,
) -> Result<(&'a Client, Option<&'a ResourceServer>), LoginError> {
    let request = &transaction.state.request;
    let client = call.tenant.client(&request.client_id).ok_or(LoginError::TransactionNotFound)?;
    let api = request
        .audience
        .as_ref()
        .and_then(|audience| call.tenant.resource_server(&audience.resource_server_id));
    Ok((client, api))
}

/// What the page of `screen` shows.
///
/// # Errors
/// [`LoginError::Elsewhere`] if the transaction is not where that page makes sense.
pub async fn view(
    app: &App,
    call: &Call,
    visitor: &Visitor,
    screen: Screen,
) -> Result<ScreenView, LoginError> {
    let transaction = transaction_of(app, call, visitor).await?;
    let browser = visitor.browser.as_ref().ok_or(LoginError::TransactionNotFound)?;
    if !screen.needs(&transaction.state.step) {
        return Err(LoginError::Elsewhere);
    }
    let (client, api) = parties(call, &transaction)?;
    let request = &transaction.state.request;
    let identifier = match &transaction.state.step {
        Step::Password { identifier } => identifier.clone(),
        Step::Signup { email, .. } => email.clone(),
        _ => request.login_hint.clone().unwrap_or_default(),
    };
    let (username, phone_number) = match &transaction.state.step {
        Step::Signup { username, phone_number, .. } => (username.clone(), phone_number.clone()),
        _ => (None, None),
    };
    let connection = super::password::connection_of(call, request)?;
    let passkey_prompt = match screen {
        Screen::LoginId => super::passkey::prompt(app, call, &transaction)?,
        _ => None,
    };
    let scope = match &transaction.state.step {
        Step::Authenticated { user_id, .. } | Step::Agree { user_id, .. } => {
            super::scope::asked_scope(app, call, request, user_id).await?
        }
        Step::Enrolled { .. }
        | Step::Enrollment { .. }
        | Step::Identify
        | Step::Password { .. }
        | Step::SecondFactor { .. }
        | Step::Signup { .. } => ScopeSet::default(),
    };
    let passkey_creation = super::passkey_enrollment::options(app, call, &transaction).await?;
    Ok(ScreenView {
        ui_locales: request.ui_locales.clone(),
        client_name: client.settings.name.clone(),
        csrf: form_token(&visitor.state, browser),
        identifier,
        allows_signup: connection.options.allows_password_signup(),
        names: connection.options.names(),
        phone_number,
        username,
        connection: connection.name.clone(),
        policy: connection.options.password.clone(),
        identifier_first: call.tenant.settings.identifier_first,
        redirect_uri: request.redirect_uri.clone(),
        scopes: scope
            .iter()
            .filter(|scope| !is_oidc(scope))
            .map(|scope| ConsentScope {
                value: scope.to_owned(),
                description: described(api, scope),
            })
            .collect(),
        passkey_prompt,
        passkey_creation,
        second_factor: super::second_factor::view(app, call, &transaction).await?,
    })
}

fn described(api: Option<&ResourceServer>, scope: &str) -> String {
    api.and_then(|api| api.settings.scopes.iter().find(|own| own.value == scope))
        .map(|own| own.description.clone())
        .unwrap_or_default()
}
