//! Log streams (contract 05 §15). At most a few per tenant, so a list is read whole.

use serde_json::Value;

use super::record::{Done, settle};
use super::{ManageError, Operator, Thing, Whose};
use crate::app::App;
use crate::call::Call;
use crate::id::{LogId, LogStreamId};
use crate::log::stream::{LogStream, StreamSettings};

const RESOURCE: &str = "log-streams";
/// As many a tenant may have.
const MOST: usize = 10;

/// All of the tenant's.
///
/// # Errors
/// If the database is not available.
pub async fn list(app: &App, call: &Call) -> Result<Vec<LogStream>, ManageError> {
    Ok(app.read(&call.tenant.id).await?.log_streams().await?)
}

/// The stream of that id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn find(app: &App, call: &Call, id: &str) -> Result<LogStream, ManageError> {
    let found = list(app, call).await?.into_iter().find(|stream| stream.id.as_str() == id);
    found.ok_or(ManageError::NotFound(Thing::LogStream))
}

/// Adds a stream of what happens from now on.
///
/// # Errors
/// [`ManageError::NotSupported`] if the tenant has as many as it may.
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    settings: StreamSettings,
    body: Value,
) -> Result<LogStream, ManageError> {
    let stream = LogStream {
        id: LogStreamId::generate(app.random()),
        settings,
        position: LogId::floor(call.now),
        attempts: 0,
    };
    let mut tx = app.write(&call.tenant.id).await?;
    // Whoever else adds one waits, so that the number holds.
    tx.reconfigure().await?;
    if tx.log_streams().await?.len() >= MOST {
        return Err(ManageError::LimitReached(Whose::Tenant));
    }
    tx.insert_log_stream(&stream).await?;
    let done = Done { method: "POST", resource: RESOURCE, id: stream.id.as_str(), body };
    settle(app, call, tx, operator, done).await?;
    Ok(stream)
}

/// Changes a stream; it is tried at once, however long it was to wait.
///
/// # Errors
/// [`ManageError::NotFound`], and those of `change`.
pub async fn update(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
    change: impl FnOnce(&mut StreamSettings) -> Result<(), ManageError>,
    body: Value,
) -> Result<LogStream, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    let found = tx.log_streams().await?.into_iter().find(|stream| stream.id.as_str() == id);
    let mut stream = found.ok_or(ManageError::NotFound(Thing::LogStream))?;
    change(&mut stream.settings)?;
    tx.update_log_stream(&stream, call.now).await?;
    settle(app, call, tx, operator, Done { method: "PATCH", resource: RESOURCE, id, body }).await?;
    Ok(stream)
}

/// Removes a stream.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn delete(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
) -> Result<(), ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    if !tx.delete_log_stream(&LogStreamId::from_raw(id)).await? {
        return Err(ManageError::NotFound(Thing::LogStream));
    }
    let done = Done { method: "DELETE", resource: RESOURCE, id, body: Value::Null };
    settle(app, call, tx, operator, done).await
}
