//! Signing keys (contract 05 §14).

use serde_json::Value;

use super::record::{Done, commit};
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::KeyId;
use crate::tenant::{LoadedTenant, rotate_keys};
use crate::token::{KeyState, RevokedKey, SigningKey};

const RESOURCE: &str = "keys/signing";

/// The published key of that id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub fn find<'a>(tenant: &'a LoadedTenant, id: &str) -> Result<&'a SigningKey, ManageError> {
    tenant.key(id).ok_or(ManageError::NotFound(Thing::Key))
}

/// The keys that were revoked.
///
/// # Errors
/// If the database is not available.
pub async fn revoked(app: &App, call: &Call) -> Result<Vec<RevokedKey>, ManageError> {
    Ok(app.store().registry().revoked_keys(&call.tenant.id).await?)
}

/// Signs with the next key from now on. Returns its id and certificate.
///
/// # Errors
/// If the database is not available.
pub async fn rotate(
    app: &App,
    call: &Call,
    operator: &Operator,
) -> Result<(KeyId, Vec<u8>), ManageError> {
    let id = rotate_keys(app, &call.tenant.id).await?;
    let tx = app.write(&call.tenant.id).await?;
    let done = Done { method: "POST", resource: RESOURCE, id: id.as_str(), body: Value::Null };
    commit(app, call, tx, operator, done).await?;
    let tenant = app.directory().newest(&call.tenant.id, call.now).await?;
    let tenant = tenant.ok_or_else(|| Fault::new("the tenant is gone"))?;
    let certificate = find(&tenant, id.as_str())?.certificate.clone();
    Ok((id, certificate))
}

/// Stops a previous key's tokens from being accepted. Returns its certificate.
///
/// # Errors
/// [`ManageError::NotFound`], and [`ManageError::NotSupported`] for a key that signs or will.
pub async fn revoke(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
) -> Result<Vec<u8>, ManageError> {
    let key = find(&call.tenant, id)?;
    if key.state != KeyState::Previous {
        return Err(ManageError::NotSupported(
            "Only a previous key can be revoked: rotate first.".to_owned(),
        ));
    }
    if !app.store().registry().revoke_key(&call.tenant.id, &key.id, call.now).await? {
        return Err(ManageError::NotFound(Thing::Key));
    }
    let tx = app.write(&call.tenant.id).await?;
    let done = Done { method: "PUT", resource: RESOURCE, id, body: Value::Null };
    commit(app, call, tx, operator, done).await?;
    Ok(key.certificate.clone())
}
