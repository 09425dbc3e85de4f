//! Operators bring methods that people have elsewhere; they count at once.

use serde_json::Value;

use super::RESOURCE;
use super::methods::locked;
use crate::account::MAX_METHODS;
use crate::app::App;
use crate::call::Call;
use crate::factor::phone::{self, PhoneChannel, PhoneNumber};
use crate::factor::webauthn::{Credential, is_public_key};
use crate::factor::{AuthenticationMethod, MethodKind, email, totp};
use crate::id::{MethodId, UserId};
use crate::manage::record::{Done, settle};
use crate::manage::{ManageError, Operator, Whose};
use crate::port::{StoreError, Tx};

/// A method to bring.
#[derive(Clone, Debug)]
pub struct Import {
    /// What its owner calls it.
    pub name: Option<String>,
    /// What it is.
    pub what: Imported,
}

/// What a method is that somebody brings.
#[derive(Clone, Debug)]
pub enum Imported {
    /// Codes by mail.
    Email(String),
    /// A passkey.
    Passkey(Box<Credential>),
    /// Codes by text message or call.
    Phone(String, PhoneChannel),
    /// A security key.
    SecurityKey(Box<Credential>),
    /// An authenticator app, by its secret in base32.
    Totp(String),
}

/// Adds a method, confirmed.
///
/// # Errors
/// [`ManageError::NotFound`] without the user, [`ManageError::Conflict`] if they have it,
/// [`ManageError::LimitReached`], [`ManageError::InvalidBody`].
pub async fn import(
    app: &App,
    call: &Call,
    operator: &Operator,
    user: &str,
    new: Import,
    body: Value,
) -> Result<AuthenticationMethod, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let stored = locked(&mut *tx, user).await?;
    let method = add(app, call, &mut *tx, user, &stored, new).await?;
    let id = format!("{user}/authentication-methods");
    settle(app, call, tx, operator, Done { method: "POST", resource: RESOURCE, id: &id, body })
        .await?;
    Ok(method)
}

/// Puts methods in the place of all that a user has; not where there is a passkey among them.
///
/// # Errors
/// As [`import`], and [`ManageError::Forbidden`].
pub async fn replace(
    app: &App,
    call: &Call,
    operator: &Operator,
    user: &str,
    all: Vec<Import>,
    body: Value,
) -> Result<Vec<AuthenticationMethod>, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let old = locked(&mut *tx, user).await?;
    if old.iter().any(|method| matches!(method.kind, MethodKind::Passkey(_))) {
        let text = "Operation not permitted when the user has registered at least 1 passkey";
        return Err(ManageError::Forbidden(text.to_owned()));
    }
    for method in &old {
        tx.delete_method(&method.user_id, &method.id).await?;
    }
    let mut stored = Vec::new();
    for new in all {
        let method = add(app, call, &mut *tx, user, &stored, new).await?;
        stored.push(method);
    }
    let id = format!("{user}/authentication-methods");
    settle(app, call, tx, operator, Done { method: "PUT", resource: RESOURCE, id: &id, body })
        .await?;
    Ok(stored)
}

async fn add(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &str,
    stored: &[AuthenticationMethod],
    new: Import,
) -> Result<AuthenticationMethod, ManageError> {
    let id = MethodId::generate(app.random());
    let kind = kind(app, call, &id, new.what)?;
    if stored.iter().any(|method| is_same(&method.kind, &kind)) {
        return Err(exists());
    }
    // The password counts as one.
    if stored.len() + 1 >= MAX_METHODS {
        return Err(ManageError::LimitReached(Whose::User));
    }
    let method = AuthenticationMethod {
        id,
        user_id: UserId::from_raw(user),
        kind,
        name: new.name,
        confirmed: true,
        created_at: call.now,
        last_auth_at: None,
    };
    match tx.insert_method(&method).await {
        Ok(()) => Ok(method),
        Err(StoreError::Conflict) => Err(exists()),
        Err(error) => Err(error.into()),
    }
}

fn exists() -> ManageError {
    ManageError::Conflict("The user has this authentication method already.".to_owned())
}

fn kind(app: &App, call: &Call, id: &MethodId, what: Imported) -> Result<MethodKind, ManageError> {
    let invalid = |why: &str| ManageError::InvalidBody(why.to_owned());
    match what {
        Imported::Email(address) => {
            email::begin(&address).ok_or_else(|| invalid("email is no mail address."))
        }
        Imported::Phone(number, channel) => PhoneNumber::parse(&number, None)
            .map(|number| phone::begin(number, channel))
            .ok_or_else(|| invalid("phone_number is no number with its country code.")),
        Imported::Totp(secret) => {
            totp::import(&call.tenant.id, id, &secret, app.sealer(), app.random())?
                .ok_or_else(|| invalid("totp_secret is no base32 of 10 bytes or more."))
        }
        Imported::Passkey(credential) => usable(credential).map(MethodKind::Passkey),
        Imported::SecurityKey(credential) => usable(credential).map(MethodKind::WebauthnRoaming),
    }
}

fn usable(credential: Box<Credential>) -> Result<Box<Credential>, ManageError> {
    if is_public_key(&credential.public_key) {
        Ok(credential)
    } else {
        let text = "public_key is no COSE key of an algorithm that is taken here.";
        Err(ManageError::InvalidBody(text.to_owned()))
    }
}

/// One authenticator app, and each mailbox, number and credential once.
fn is_same(stored: &MethodKind, new: &MethodKind) -> bool {
    match (stored, new) {
        (MethodKind::Email { address: stored }, MethodKind::Email { address: new }) => {
            email::same_mailbox(stored, new)
        }
        (MethodKind::Phone { number: stored, .. }, MethodKind::Phone { number: new, .. }) => {
            stored == new
        }
        (MethodKind::Totp { .. }, MethodKind::Totp { .. }) => true,
        _ => false,
    }
}
