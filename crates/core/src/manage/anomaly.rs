//! Addresses that may not try any more (contract 05 §17).

use serde_json::Value;

use super::record::{Done, commit};
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;
use crate::login::{is_blocked, unblock};

/// Whether an address is blocked.
///
/// # Errors
/// [`ManageError::NotFound`] if it is not.
pub async fn find(app: &App, call: &Call, ip: &str) -> Result<(), ManageError> {
    let mut tx = app.read(&call.tenant.id).await?;
    if is_blocked(app, call, &mut *tx, &address(ip)?).await? {
        Ok(())
    } else {
        Err(ManageError::NotFound(Thing::Part))
    }
}

/// Lets an address try again.
///
/// # Errors
/// If the database is not available.
pub async fn remove(
    app: &App,
    call: &Call,
    operator: &Operator,
    ip: &str,
) -> Result<(), ManageError> {
    let ip = address(ip)?;
    let mut tx = app.write(&call.tenant.id).await?;
    unblock(app, call, &mut *tx, &ip).await?;
    let done =
        Done { method: "DELETE", resource: "anomaly/blocks/ips", id: &ip, body: Value::Null };
    commit(app, call, tx, operator, done).await
}

/// The address as requests have it.
fn address(ip: &str) -> Result<String, ManageError> {
    let address: Result<std::net::IpAddr, _> = ip.parse();
    let told =
        "Path validation error: 'Object didn't pass validation for format ip' on property ip.";
    address
        .map(|address| address.to_canonical().to_string())
        .map_err(|_| ManageError::InvalidPath(told.to_owned()))
}
