//! New accounts.

use serde_json::Map;

use super::guard::may_sign_up;
use super::password::{MAX_INPUT, connection_of};
use super::step::{advance, posted_transaction};
use super::ticket::{Recipient, send_first_link};
use super::{Answered, FormError, LoginError, LoginTransaction, Posted, Screen, Step};
use crate::app::App;
use crate::call::Call;
use crate::connection::{Asked, Attribute, Attributes, Connection, NameError};
use crate::factor::FactorType;
use crate::factor::phone::PhoneNumber;
use crate::id::UserId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::{Message, queue};
use crate::port::StoreError;
use crate::session::{MethodEvent, Usage};
use crate::user::password::NewPassword;
use crate::user::{Identifier, Profile, User};

/// What was typed, per page: mail address, password, or both.
#[derive(Clone, Debug, Default)]
pub struct SignupInput {
    /// Mail address; not asked again on the password page.
    pub email: Option<String>,
    /// Username, where the connection has them.
    pub username: Option<String>,
    /// Telephone number, where the connection has them.
    pub phone_number: Option<String>,
    /// Password; not asked on the identifier page.
    pub password: Option<String>,
}

/// Takes what a sign-up page asked for.
///
/// # Errors
/// See [`LoginError`].
pub async fn answer_signup(
    app: &App,
    call: &Call,
    posted: &Posted,
    screen: Screen,
    input: &SignupInput,
) -> Result<Answered, LoginError> {
    let transaction = posted_transaction(app, call, posted, &[screen]).await?;
    let connection = connection_of(call, &transaction.state.request)?;
    if !connection.options.allows_password_signup() {
        return Ok(again(FormError { field: None, code: "signup-disabled", broken: Vec::new() }));
    }
    let typed = match (screen, &transaction.state.step) {
        (Screen::SignupPassword, Step::Signup { email, username, phone_number }) => Profile {
            email: Some(email.clone()).filter(|email| !email.is_empty()),
            username: username.clone(),
            phone_number: phone_number.clone(),
            ..Profile::default()
        },
        _ => match typed(call, &connection.options.names(), input) {
            Ok(profile) => profile,
            Err(error) => return Ok(again(error)),
        },
    };
    if screen == Screen::SignupId {
        let Profile { email, username, phone_number, .. } = typed;
        let step = Step::Signup { email: email.unwrap_or_default(), username, phone_number };
        advance(app, call, transaction, step).await?;
        return Ok(Answered::Show(Screen::SignupPassword));
    }
    create(app, call, transaction, connection, typed, input).await
}

fn again(error: FormError) -> Answered {
    Answered::Again(vec![error])
}

/// What somebody new is to be called by.
fn typed(call: &Call, names: &Attributes, input: &SignupInput) -> Result<Profile, FormError> {
    let given = |typed: &Option<String>, own: Attribute| {
        let typed = typed.as_deref().map(str::trim).filter(|_| own.signup != Asked::Inactive)?;
        Some(typed.to_owned()).filter(|typed| !typed.is_empty())
    };
    let mut profile = Profile {
        email: given(&input.email, names.email),
        username: given(&input.username, names.username),
        phone_number: given(&input.phone_number, names.phone_number),
        ..Profile::default()
    };
    if profile
        .email
        .as_ref()
        .is_some_and(|typed| typed.len() > MAX_INPUT || Identifier::email(typed).is_none())
    {
        return Err(FormError::on("email", "invalid-email-format"));
    }
    if let Some(typed) = &profile.phone_number {
        let calling_code = call.tenant.settings.phone.default_calling_code.as_deref();
        let number = PhoneNumber::parse(typed, calling_code);
        let number = number.ok_or_else(|| FormError::on("phone_number", "invalid-phone-format"))?;
        profile.phone_number = Some(number.as_str().to_owned());
    }
    match names.check_signup(&profile) {
        Ok(()) => Ok(profile),
        Err(NameError::Missing("username")) => Err(FormError::on("username", "no-username")),
        Err(NameError::Missing("phone_number")) => Err(FormError::on("phone_number", "no-phone")),
        Err(NameError::Missing(_)) => Err(FormError::on("email", "no-email")),
        Err(NameError::Malformed(_) | NameError::Unknown(_)) => {
            Err(FormError::on("username", "invalid-username"))
        }
    }
}

async fn create(
    app: &App,
    call: &Call,
    transaction: LoginTransaction,
    connection: &Connection,
    profile: Profile,
    input: &SignupInput,
) -> Result<Answered, LoginError> {
    let password = input.password.as_deref().unwrap_or_default();
    if password.is_empty() {
        return Ok(again(FormError::on("password", "no-password")));
    }
    if !may_sign_up(app, call) {
        return Err(LoginError::TooMany);
    }
    let policy = &connection.options.password;
    let new = match NewPassword::first(app, policy, &profile, password).await? {
        Ok(new) => new,
        Err(broken) => {
            let code = "password-too-weak";
            return Ok(again(FormError { field: Some("password"), code, broken }));
        }
    };
    let user = User {
        id: UserId::generate(app.random()),
        connection_id: connection.id.clone(),
        profile,
        blocked: false,
        created_at: call.now,
        updated_at: call.now,
    };
    match store(app, call, &transaction, &user, &new).await {
        Ok(()) => {}
        Err(StoreOutcome::Taken) => {
            tell_owner(app, call, &transaction, &user).await?;
            // Whoever may be told is told plainly.
            let tells = call.tenant.settings.flag("enable_public_signup_user_exists_error");
            let code = if tells { "email-in-use" } else { "user-exists" };
            return Ok(again(FormError { field: None, code, broken: Vec::new() }));
        }
        Err(StoreOutcome::Failed(error)) => return Err(error),
    }
    app.nudge_outbox();
    let event = MethodEvent { usage: Usage::Primary, factor: FactorType::Password, at: call.now };
    let step = Step::Authenticated {
        user_id: user.id,
        events: vec![event],
        consented: false,
        passkey_offer: None,
    };
    advance(app, call, transaction, step).await?;
    Ok(Answered::Resume)
}

enum StoreOutcome {
    Taken,
    Failed(LoginError),
}

impl<E: Into<LoginError>> From<E> for StoreOutcome {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn store(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
    user: &User,
    new: &NewPassword,
) -> Result<(), StoreOutcome> {
    let client = &transaction.state.request.client_id;
    let mut tx = app.write(&call.tenant.id).await?;
    match tx.insert_user(user).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(StoreOutcome::Taken),
        Err(error) => return Err(error.into()),
    }
    tx.set_password(&user.id, new.hash(), 0, call.now).await?;
    let languages = transaction.state.request.ui_locales.as_deref();
    let to = Recipient { user, client: Some(client), languages };
    send_first_link(app, call, &mut *tx, to).await?;
    let subject = LogSubject { client: Some(client), user: Some(user), name: None };
    record(app, call, &mut *tx, LogKind::Signup, subject, Map::new()).await?;
    tx.commit().await?;
    Ok(())
}

/// The address has an account: its owner is told, the visitor is not.
async fn tell_owner(
    app: &App,
    call: &Call,
    transaction: &LoginTransaction,
    refused: &User,
) -> Result<(), LoginError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let email = refused.profile.email.as_deref().and_then(Identifier::email);
    let owner = match &email {
        Some(email) => tx.user_by_identifier(&refused.connection_id, email).await?,
        None => None,
    };
    if let Some((owner, _)) = owner
        && let Some(address) = owner.profile.email.as_deref()
    {
        let message = Message::AlreadyRegistered {
            tenant: call.tenant.friendly_name().to_owned(),
            account_url: format!("{}account", call.mail_issuer()),
        };
        queue(app, call, &mut *tx, address, &message, call.now.plus_seconds(86_400)).await?;
    }
    let name = Some(refused.label());
    let client = &transaction.state.request.client_id;
    let subject = LogSubject { client: Some(client), user: None, name };
    record(app, call, &mut *tx, LogKind::SignupFailed, subject, Map::new()).await?;
    tx.commit().await?;
    app.nudge_outbox();
    Ok(())
}
