//! Who somebody says they are, and their password.

use super::credentials::{Checked, Door, Presented, check_password};
use super::passkey_offer::due_after_password;
use super::resume::refuse;
use super::step::{advance, posted_transaction};
use super::{
    Answered, AuthorizationRequest, FormError, LoginError, LoginTransaction, OauthError,
    PasskeyOffer, Posted, Screen, Step,
};
use crate::app::App;
use crate::call::Call;
use crate::connection::Connection;
use crate::factor::FactorType;
use crate::session::{MethodEvent, Usage};
use crate::user::User;

/// The longest input worth looking at.
pub(super) const MAX_INPUT: usize = 320;

/// The connection people of this request come from.
pub(super) fn connection_of<'a>(
    call: &'a Call,
    request: &AuthorizationRequest,
) -> Result<&'a Connection, LoginError> {
    request
        .connection
        .as_deref()
        .and_then(|name| call.tenant.connection_named(name))
        .filter(|connection| connection.serves(&request.client_id))
        .or_else(|| call.tenant.default_connection(&request.client_id))
        // Switched off while somebody was on the page: they begin anew, and are told then.
        .ok_or(LoginError::TransactionNotFound)
}

/// Takes the identifier. Whether anybody has it is not told. `has_platform_authenticator` is what
/// the page found out about the browser.
///
/// # Errors
/// See [`LoginError`].
pub async fn answer_identifier(
    app: &App,
    call: &Call,
    posted: &Posted,
    identifier: &str,
    has_platform_authenticator: bool,
) -> Result<Answered, LoginError> {
    let mut transaction = posted_transaction(app, call, posted, &[Screen::LoginId]).await?;
    transaction.state.has_platform_authenticator = has_platform_authenticator;
    let identifier = identifier.trim();
    if identifier.is_empty() || identifier.len() > MAX_INPUT {
        return Ok(Answered::Again(vec![FormError::on("username", "no-identifier")]));
    }
    advance(app, call, transaction, Step::Password { identifier: identifier.to_owned() }).await?;
    Ok(Answered::Show(Screen::LoginPassword))
}

/// Takes the password; `identifier` is that of the page that asks for both.
///
/// # Errors
/// See [`LoginError`].
pub async fn answer_password(
    app: &App,
    call: &Call,
    posted: &Posted,
    identifier: Option<&str>,
    password: &str,
) -> Result<Answered, LoginError> {
    let screens = [if identifier.is_some() { Screen::Login } else { Screen::LoginPassword }];
    let transaction = posted_transaction(app, call, posted, &screens).await?;
    let name = match (identifier, &transaction.state.step) {
        (Some(identifier), _) => identifier.trim().to_owned(),
        (None, Step::Password { identifier }) => identifier.clone(),
        _ => return Err(LoginError::Elsewhere),
    };
    let mut missing = Vec::new();
    if name.is_empty() {
        missing.push(FormError::on("username", "no-identifier"));
    }
    if password.is_empty() {
        missing.push(FormError::on("password", "no-password"));
    }
    if !missing.is_empty() {
        return Ok(Answered::Again(missing));
    }
    let client = &transaction.state.request.client_id;
    let connection = connection_of(call, &transaction.state.request)?;
    let presented = Presented { name: &name, password };
    match check_password(app, call, client, connection, presented, Door::Page).await? {
        Checked::Right(user) if user.blocked => {
            let error = OauthError::new("unauthorized", "user is blocked");
            let request = &transaction.state.request;
            Ok(Answered::Respond(refuse(app, call, &posted.visitor, request, error).await?))
        }
        Checked::Right(user) => {
            let event =
                MethodEvent { usage: Usage::Primary, factor: FactorType::Password, at: call.now };
            let passkey_offer = offer(app, call, &transaction, &user).await?;
            let (user_id, events) = (user.id, vec![event]);
            let step = Step::Authenticated { user_id, events, consented: false, passkey_offer };
            advance(app, call, transaction, step).await?;
            Ok(Answered::Resume)
        }
        Checked::TooOften => {
            Ok(Answered::Again(vec![FormError::on("password", "too-many-failures")]))
        }
        Checked::Wrong => Ok(Answered::Again(vec![FormError::on("password", wrong_code(&name))])),
    }
}

async fn offer(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
    user: &User,
) -> Result<Option<PasskeyOffer>, LoginError> {
    let connection = connection_of(call, &transaction.state.request)?;
    let mut tx = app.read(&call.tenant.id).await?;
    Ok(due_after_password(call, &mut *tx, connection, transaction, &user.id).await?)
}

fn wrong_code(name: &str) -> &'static str {
    if name.contains('@') { "wrong-email-credentials" } else { "wrong-username-credentials" }
}
