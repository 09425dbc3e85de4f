//! Changing a tenant's settings: read, change, and write unless somebody was faster.

use super::{TenantSettings, configuration};
use crate::app::App;
use crate::error::Fault;
use crate::id::TenantId;

/// How often somebody else may be faster before something is wrong.
const TRIES: u32 = 10;

/// Changes a tenant's settings. `change` may be called more than once.
///
/// # Errors
/// If there is no such tenant, or the database fails.
pub async fn change_settings(
    app: &App,
    tenant: &TenantId,
    change: impl Fn(&mut TenantSettings) + Send + Sync,
) -> Result<(), Fault> {
    for _ in 0..TRIES {
        let mut current = configuration(app, tenant).await?.tenant;
        change(&mut current.settings);
        let registry = app.store().registry();
        if registry.put_settings(tenant, &current.settings, current.version).await? {
            app.directory().forget(tenant);
            return Ok(());
        }
    }
    Err(Fault::new(format!("the settings of {tenant} are changed by others all the time")))
}
