//! A new account, made by those who run the tenant; people make their own through sign-up.

use super::password::NewPassword;
use super::{Profile, User};
use crate::app::App;
use crate::error::Fault;
use crate::factor::password::Broken;
use crate::id::UserId;
use crate::port::StoreError;
use crate::tenant::LoadedTenant;

/// What must be known of a new user.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The id, if it is fixed beforehand.
    pub id: Option<UserId>,
    /// The profile, with at least one name to be found under.
    pub profile: Profile,
    /// The password; without one the person chooses it by the link of a reset mail.
    pub password: Option<String>,
}

/// Why a user was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The tenant's settings name no user directory.
    #[error("the tenant has no user directory")]
    NoDirectory,
    /// Nothing to be found under.
    #[error("a user needs a well-formed mail address, a username or a phone number")]
    NoIdentifier,
    /// The password does not satisfy the directory's policy.
    #[error("the password is refused: {}", in_words(.0))]
    Password(Vec<Broken>),
    /// The id or a name is taken.
    #[error("there is a user of that name already")]
    Taken,
    /// Something else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for CreateError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Taken,
            other => Self::Fault(other.into()),
        }
    }
}

fn in_words(broken: &[Broken]) -> String {
    broken.iter().map(Broken::text).collect::<Vec<_>>().join("; ")
}

/// Creates a user in the tenant's default directory.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(app: &App, tenant: &LoadedTenant, new: NewUser) -> Result<User, CreateError> {
    let connection = tenant
        .settings
        .default_directory
        .as_deref()
        .and_then(|name| tenant.connection_named(name))
        .filter(|connection| connection.is_database())
        .ok_or(CreateError::NoDirectory)?;
    if new.profile.identifiers().is_empty() {
        return Err(CreateError::NoIdentifier);
    }
    let password = match &new.password {
        None => None,
        Some(password) => Some(
            NewPassword::first(app, &connection.options.password, &new.profile, password)
                .await?
                .map_err(CreateError::Password)?,
        ),
    };
    let now = app.clock().now();
    let user = User {
        id: new.id.unwrap_or_else(|| UserId::generate(app.random())),
        connection_id: connection.id.clone(),
        profile: new.profile,
        blocked: false,
        created_at: now,
        updated_at: now,
    };
    let mut tx = app.write(&tenant.id).await?;
    tx.insert_user(&user).await?;
    if let Some(password) = password {
        tx.set_password(&user.id, password.hash(), 0, now).await?;
    }
    tx.commit().await?;
    Ok(user)
}
