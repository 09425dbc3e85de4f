//! Changing what is part of the tenant's settings: the tenant's own (contract 05 §12), factors (§11),
//! protection (§17) and looks (§18). They are one document, so that a change is one statement.

use serde_json::Value;

use super::record::{Done, commit};
use super::{ManageError, Operator};
use crate::app::App;
use crate::call::Call;
use crate::tenant::TenantSettings;

/// Changes the tenant's settings as they are now. `resource` is what the log calls them, `body` what
/// was sent, without secrets.
///
/// # Errors
/// Those of `change`.
pub async fn change<T>(
    app: &App,
    call: &Call,
    operator: &Operator,
    resource: &'static str,
    body: Value,
    change: impl FnOnce(&mut TenantSettings) -> Result<T, ManageError>,
) -> Result<(TenantSettings, T), ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    let mut settings = tx.settings().await?;
    let outcome = change(&mut settings)?;
    tx.put_settings(&settings).await?;
    let done = Done { method: "PATCH", resource, id: call.tenant.id.as_str(), body };
    commit(app, call, tx, operator, done).await?;
    Ok((settings, outcome))
}
