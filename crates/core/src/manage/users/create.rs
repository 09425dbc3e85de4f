//! A person is added by an operator.

use serde_json::Value;

use super::update::{check_profile, verification_is_due};
use super::{RESOURCE, taken, too_weak};
use crate::app::App;
use crate::call::Call;
use crate::connection::{Asked, Connection};
use crate::id::UserId;
use crate::login::{Recipient, TicketPurpose, send_link};
use crate::manage::record::{Done, settle};
use crate::manage::{ManageError, Operator, Thing};
use crate::user::password::NewPassword;
use crate::user::{Profile, Statistics, User, UserRecord};

/// Whom to add.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Name of the connection.
    pub connection: String,
    /// The part of the id behind the provider, if it is given.
    pub identity_id: Option<String>,
    /// The profile.
    pub profile: Profile,
    /// Whether they are blocked.
    pub blocked: bool,
    /// The password.
    pub password: Option<String>,
    /// Whether to mail a link for showing that mail arrives; by default if that is not known.
    pub verify_email: Option<bool>,
}

/// Adds a user to a connection.
///
/// # Errors
/// [`ManageError::NotFound`] without the connection, [`ManageError::UserExists`] if the id or a name
/// is taken, [`ManageError::InvalidBody`].
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    new: NewPerson,
    body: Value,
) -> Result<UserRecord, ManageError> {
    let connection = call.tenant.connection_named(&new.connection);
    let connection = connection.ok_or(ManageError::NotFound(Thing::Connection))?;
    if new.password.is_none() && !connection.options.password_is_optional {
        return Err(missing("password"));
    }
    check_names(connection, &new.profile)?;
    check_profile(connection, &new.profile)?;
    let policy = &connection.options.password;
    let password = match &new.password {
        None => None,
        Some(password) => {
            let checked = NewPassword::first(app, policy, &new.profile, password).await?;
            Some(checked.map_err(|broken| too_weak(&broken))?)
        }
    };
    let user = User {
        id: id(app, new.identity_id.as_deref())?,
        connection_id: connection.id.clone(),
        profile: new.profile,
        blocked: new.blocked,
        created_at: call.now,
        updated_at: call.now,
    };
    let mut tx = app.write(&call.tenant.id).await?;
    tx.insert_user(&user).await.map_err(taken)?;
    if let Some(password) = &password {
        tx.set_password(&user.id, password.hash(), 0, call.now).await?;
    }
    if verification_is_due(&user.profile, true, new.verify_email) {
        let to = Recipient { user: &user, client: None, languages: None };
        send_link(app, call, &mut *tx, to, TicketPurpose::VerifyEmail).await?;
    }
    let done = Done { method: "POST", resource: RESOURCE, id: user.id.as_str(), body };
    settle(app, call, tx, operator, done).await?;
    app.nudge_outbox();
    Ok(UserRecord { user, statistics: Statistics::default(), linked: Vec::new() })
}

fn missing(name: &str) -> ManageError {
    let text = format!(
        "Payload validation error: 'Missing required property: {name}' on property {name}."
    );
    ManageError::InvalidBody(text)
}

fn check_names(connection: &Connection, profile: &Profile) -> Result<(), ManageError> {
    let names = connection.options.names();
    if names.username.signup == Asked::Required && profile.username.is_none() {
        return Err(missing("username"));
    }
    let has_name = profile.username.is_some() || profile.phone_number.is_some();
    if profile.email.is_none() && !has_name { Err(missing("email")) } else { Ok(()) }
}

fn id(app: &App, given: Option<&str>) -> Result<UserId, ManageError> {
    let Some(given) = given else { return Ok(UserId::generate(app.random())) };
    let is_id = !given.is_empty() && !given.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_id {
        Ok(UserId::from_raw(format!("auth0|{given}")))
    } else {
        Err(ManageError::InvalidBody("user_id has no white space in it.".to_owned()))
    }
}
