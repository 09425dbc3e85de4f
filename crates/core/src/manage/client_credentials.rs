//! Keys of applications (contract 05 §7.2). Adding one changes nothing yet: the application's
//! `client_authentication_methods` say which are in use.

use serde_json::Value;

use super::clients::{self, present};
use super::record::{Done, commit};
use super::{ManageError, Operator};
use crate::app::App;
use crate::call::Call;
use crate::client::{AssertionAlgorithm, Client, Credential, MAX_CREDENTIALS, pem};
use crate::id::CredentialId;
use crate::port::Tx;
use crate::time::Timestamp;

const RESOURCE: &str = "clients";
/// Lengths of a name and of a `kid`.
const MAX_NAME: usize = 128;
const KID: std::ops::RangeInclusive<usize> = 10..=64;

/// A key to add.
#[derive(Clone, Debug, Default)]
pub struct NewCredential {
    /// What its owners call it.
    pub name: Option<String>,
    /// A public key or a certificate.
    pub pem: String,
    /// The algorithm it is used with; RS256 if none is named.
    pub alg: Option<AssertionAlgorithm>,
    /// What assertions call it; its thumbprint if nothing is named.
    pub kid: Option<String>,
    /// Its end.
    pub expires_at: Option<Timestamp>,
    /// Whether it ends with its certificate.
    pub parse_expiry_from_cert: bool,
}

/// The keys of an application, oldest first.
///
/// # Errors
/// [`ManageError::NotFound`] if there is no such application.
pub fn list<'a>(call: &'a Call, client: &str) -> Result<&'a [Credential], ManageError> {
    Ok(&clients::find(call, client)?.settings.credentials)
}

/// One key of an application, if it has it.
///
/// # Errors
/// [`ManageError::NotFound`] if there is no such application.
pub fn find<'a>(
    call: &'a Call,
    client: &str,
    id: &str,
) -> Result<Option<&'a Credential>, ManageError> {
    Ok(list(call, client)?.iter().find(|own| own.id.as_str() == id))
}

/// Adds a key.
///
/// # Errors
/// [`ManageError::NotFound`] if there is no such application, [`ManageError::InvalidBody`] if the
/// key is none or does not suit, [`ManageError::Conflict`] if its `kid` is taken,
/// [`ManageError::NotSupported`] if the application has as many as it may.
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    client: &str,
    new: NewCredential,
    body: Value,
) -> Result<Credential, ManageError> {
    let credential = checked(call, CredentialId::generate(app.random()), new)?;
    let mut tx = app.write(&call.tenant.id).await?;
    let mut client = present(&mut *tx, &clients::find(call, client)?.id).await?;
    let credentials = &mut client.settings.credentials;
    if credentials.iter().any(|own| own.kid == credential.kid) {
        let text = "A credential with the same kid already exists.";
        return Err(ManageError::Conflict(text.to_owned()));
    }
    if credentials.len() >= MAX_CREDENTIALS {
        let text = format!("An application has at most {MAX_CREDENTIALS} credentials.");
        return Err(ManageError::NotSupported(text));
    }
    credentials.push(credential.clone());
    store(app, call, tx, operator, Change { method: "POST", client, id: &credential.id, body })
        .await?;
    Ok(credential)
}

/// Changes when a key ends; without an end it never does. None if the application has no such key.
///
/// # Errors
/// [`ManageError::NotFound`] if there is no such application, [`ManageError::InvalidBody`] if the
/// end is over.
pub async fn update(
    app: &App,
    call: &Call,
    operator: &Operator,
    client: &str,
    id: &str,
    expires_at: Option<Timestamp>,
    body: Value,
) -> Result<Option<Credential>, ManageError> {
    check_end(call, expires_at)?;
    let mut tx = app.write(&call.tenant.id).await?;
    let mut client = present(&mut *tx, &clients::find(call, client)?.id).await?;
    let mut credentials = client.settings.credentials.iter_mut();
    let Some(credential) = credentials.find(|own| own.id.as_str() == id) else { return Ok(None) };
    credential.expires_at = expires_at;
    credential.updated_at = call.now;
    let credential = credential.clone();
    store(app, call, tx, operator, Change { method: "PATCH", client, id: &credential.id, body })
        .await?;
    Ok(Some(credential))
}

/// Removes a key that is not in use. False if the application has no such key.
///
/// # Errors
/// [`ManageError::NotFound`] if there is no such application, [`ManageError::Conflict`] if it
/// authenticates with the key.
pub async fn delete(
    app: &App,
    call: &Call,
    operator: &Operator,
    client: &str,
    id: &str,
) -> Result<bool, ManageError> {
    let id = CredentialId::from_raw(id);
    let mut tx = app.write(&call.tenant.id).await?;
    let mut client = present(&mut *tx, &clients::find(call, client)?.id).await?;
    if client.settings.uses_credential(&id) {
        let text = "The credential is in use: take it out of client_authentication_methods first.";
        return Err(ManageError::Conflict(text.to_owned()));
    }
    let before = client.settings.credentials.len();
    client.settings.credentials.retain(|own| own.id != id);
    if client.settings.credentials.len() == before {
        return Ok(false);
    }
    let change = Change { method: "DELETE", client, id: &id, body: Value::Null };
    store(app, call, tx, operator, change).await?;
    Ok(true)
}

/// The key as it will be stored.
fn checked(call: &Call, id: CredentialId, new: NewCredential) -> Result<Credential, ManageError> {
    let invalid = |text: &str| ManageError::InvalidBody(text.to_owned());
    if new.name.as_ref().is_some_and(|name| name.chars().count() > MAX_NAME) {
        return Err(invalid("name must have at most 128 characters"));
    }
    if new.kid.as_ref().is_some_and(|kid| !KID.contains(&kid.chars().count())) {
        return Err(invalid("kid must have 10 to 64 characters"));
    }
    let read = pem::read(&new.pem).map_err(invalid)?;
    let alg = new.alg.unwrap_or_default();
    if !alg.suits(&read.public_key) {
        return Err(invalid("alg does not suit the key"));
    }
    let expires_at = match (new.parse_expiry_from_cert, read.expires_at) {
        (false, _) => new.expires_at,
        (true, Some(end)) => Some(end),
        (true, None) => return Err(invalid("parse_expiry_from_cert needs a certificate")),
    };
    check_end(call, expires_at)?;
    Ok(Credential {
        id,
        name: new.name,
        kid: new.kid.unwrap_or_else(|| read.thumbprint_sha256.clone()),
        alg,
        public_key: read.public_key,
        thumbprint_sha256: read.thumbprint_sha256,
        created_at: call.now,
        updated_at: call.now,
        expires_at,
    })
}

fn check_end(call: &Call, expires_at: Option<Timestamp>) -> Result<(), ManageError> {
    if expires_at.is_some_and(|end| end <= call.now) {
        return Err(ManageError::InvalidBody("expires_at must be in the future".to_owned()));
    }
    Ok(())
}

/// An application with what was done to which of its keys.
struct Change<'a> {
    method: &'static str,
    client: Client,
    id: &'a CredentialId,
    body: Value,
}

async fn store(
    app: &App,
    call: &Call,
    mut tx: Box<dyn Tx>,
    operator: &Operator,
    Change { method, client, id, body }: Change<'_>,
) -> Result<(), ManageError> {
    tx.put_client(&client).await?;
    let id = format!("{}/credentials/{id}", client.id);
    commit(app, call, tx, operator, Done { method, resource: RESOURCE, id: &id, body }).await
}
