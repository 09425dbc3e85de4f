//! Forgetting what is older than the tenant keeps.

use crate::app::App;
use crate::error::Fault;

/// Events removed in one transaction, so that nobody waits long.
const BATCH: u32 = 500;

/// Removes what every tenant no longer keeps; how many events.
///
/// # Errors
/// If the database is not available.
pub async fn purge(app: &App) -> Result<u64, Fault> {
    let now = app.clock().now();
    let mut removed = 0;
    for id in app.store().registry().tenants().await? {
        let Some(tenant) = app.directory().by_id(&id, now).await? else { continue };
        let days = i64::from(tenant.settings.log_retention_days);
        let before = now.plus_seconds(-days * 86_400);
        loop {
            let mut tx = app.write(&id).await?;
            let gone = tx.purge_log(before, BATCH).await?;
            tx.commit().await?;
            removed += gone;
            if gone < u64::from(BATCH) {
                break;
            }
        }
    }
    Ok(removed)
}
