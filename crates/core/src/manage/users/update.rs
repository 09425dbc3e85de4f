//! What is known of a person is changed by an operator.

use serde_json::Value;

use super::{MAX_METADATA, RESOURCE, delete::sign_out, find, taken, too_weak};
use crate::app::App;
use crate::call::Call;
use crate::connection::{Connection, NameError};
use crate::id::ClientId;
use crate::login::{Recipient, TicketPurpose, send_link};
use crate::manage::record::{Done, settle};
use crate::manage::{ManageError, Operator, Thing};
use crate::port::Tx;
use crate::session::{Ending, tell_all};
use crate::user::password::{NewPassword, store_password};
use crate::user::{Profile, User, UserRecord};

/// What to change besides the profile.
#[derive(Clone, Debug, Default)]
pub struct PersonChange {
    /// Name of the connection whose identity is meant.
    pub connection: Option<String>,
    /// Whether they are blocked.
    pub blocked: Option<bool>,
    /// A new password.
    pub password: Option<String>,
    /// Whether a new mail address is known to be theirs; if this is not said, it is not.
    pub email_verified: Option<bool>,
    /// The same of a new telephone number.
    pub phone_verified: Option<bool>,
    /// Whether to mail a link for showing that mail arrives; by default to a new address.
    pub verify_email: Option<bool>,
    /// The application the link belongs to.
    pub client_id: Option<ClientId>,
}

/// Changes a user. Who is blocked is signed out everywhere at once, and so is who gets another
/// password.
///
/// # Errors
/// [`ManageError::NotFound`], [`ManageError::UserExists`] if a name is taken, those of `profile`.
pub async fn update(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    change: PersonChange,
    profile: impl Fn(&mut Profile) -> Result<(), ManageError>,
    body: Value,
) -> Result<UserRecord, ManageError> {
    let before = find(app, call, id).await?.user;
    let connection = connection_of(call, &before, change.connection.as_deref())?;
    let password = match &change.password {
        None => None,
        Some(password) => {
            let after = changed(&before, &change, &profile)?;
            let checked = NewPassword::check(app, call, &after, password).await?;
            Some(checked.map_err(|broken| too_weak(&broken))?)
        }
    };
    let mut tx = app.write(&call.tenant.id).await?;
    if !tx.lock_user(&before.id).await? {
        return Err(ManageError::NotFound(Thing::User));
    }
    let before = tx.user(&before.id).await?.ok_or(ManageError::NotFound(Thing::User))?;
    let after = changed(&before, &change, &profile)?;
    if after.profile != before.profile {
        check_profile(connection, &after.profile)?;
        tx.update_profile(&before, &after.profile, call.now).await.map_err(taken)?;
    }
    if let Some(blocked) = change.blocked.filter(|blocked| *blocked != before.blocked) {
        block(app, call, &mut *tx, &before, blocked).await?;
    }
    if let Some(password) = &password {
        store_password(app, call, &mut *tx, &after, password, None).await?;
    }
    let is_new = after.profile.email != before.profile.email;
    if is_new {
        let why = Ending::EmailIdentifierChanged;
        tell_all(app, (&call.tenant, call.now), &mut *tx, &before.id, why).await?;
    }
    if verification_is_due(&after.profile, is_new, change.verify_email) {
        let client = change.client_id.as_ref();
        let to = Recipient { user: &after, client, languages: None };
        send_link(app, call, &mut *tx, to, TicketPurpose::VerifyEmail).await?;
    }
    let record = tx.user_record(&before.id).await?.ok_or(ManageError::NotFound(Thing::User))?;
    let done = Done { method: "PATCH", resource: RESOURCE, id, body };
    settle(app, call, tx, operator, done).await?;
    app.nudge_outbox();
    Ok(record)
}

/// The connection of the user's identity, if that is the one meant.
fn connection_of<'a>(
    call: &'a Call,
    user: &User,
    named: Option<&str>,
) -> Result<&'a Connection, ManageError> {
    let own = call.tenant.connection(&user.connection_id);
    let own = own.ok_or(ManageError::NotFound(Thing::Connection))?;
    match named {
        Some(named) if named != own.name => {
            let text = "The user has no identity in this connection.";
            Err(ManageError::InvalidBody(text.to_owned()))
        }
        _ => Ok(own),
    }
}

/// The user as they are to be.
fn changed(
    before: &User,
    change: &PersonChange,
    apply: impl Fn(&mut Profile) -> Result<(), ManageError>,
) -> Result<User, ManageError> {
    let mut after = before.clone();
    let profile = &mut after.profile;
    apply(profile)?;
    let has_new_email = profile.email != before.profile.email;
    let has_new_number = profile.phone_number != before.profile.phone_number;
    profile.email_verified =
        change.email_verified.unwrap_or(profile.email_verified && !has_new_email);
    profile.phone_verified =
        change.phone_verified.unwrap_or(profile.phone_verified && !has_new_number);
    Ok(after)
}

/// Whether a profile can be one of the connection's.
pub(super) fn check_profile(connection: &Connection, profile: &Profile) -> Result<(), ManageError> {
    let refused = |why: &str| Err(ManageError::InvalidBody(why.to_owned()));
    match connection.options.names().check(profile) {
        Ok(()) => {}
        Err(NameError::Unknown(_)) => {
            return refused("Cannot set username for connection without requires_username");
        }
        Err(NameError::Malformed(_) | NameError::Missing(_)) => {
            return refused("The username is not of the form or length that the connection takes.");
        }
    }
    if profile.identifiers().is_empty() {
        return refused("The user needs an email address, a username or a phone number.");
    }
    for metadata in [&profile.user_metadata, &profile.app_metadata] {
        let length = serde_json::to_string(metadata).map_or(usize::MAX, |text| text.len());
        if length > MAX_METADATA {
            return refused("Metadata is too large.");
        }
    }
    Ok(())
}

/// Whether to mail a link for showing that mail arrives.
pub(super) fn verification_is_due(profile: &Profile, is_new: bool, wanted: Option<bool>) -> bool {
    let by_default = is_new && !profile.email_verified;
    profile.email.is_some() && wanted.unwrap_or(by_default)
}

async fn block(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    blocked: bool,
) -> Result<(), ManageError> {
    tx.set_blocked(&user.id, blocked, call.now).await?;
    if blocked {
        sign_out(app, call, tx, user).await?;
    }
    Ok(())
}
