//! Rotating a tenant's signing keys (contract 03 §2.2).

use crate::app::App;
use crate::error::Fault;
use crate::id::{KeyId, TenantId};
use crate::tenant::{Configuration, configuration};
use crate::token::{KeyState, StoredKey, generate_key, rotate};

/// Makes the next key the current one and a new next one. What was current stays published, so
/// that live tokens keep verifying. Returns the id of the key that signs from now on.
///
/// # Errors
/// If there is no such tenant or the database is not available.
pub async fn rotate_keys(app: &App, tenant: &TenantId) -> Result<KeyId, Fault> {
    ensure_next_key(app, tenant).await?;
    let configuration = configuration(app, tenant).await?;
    let fresh = fresh_next(app, &configuration)?;
    let keys = rotate(configuration.keys, fresh, app.clock().now());
    app.store().registry().put_keys(tenant, &keys).await?;
    app.directory().forget(tenant);
    keys.into_iter()
        .find(|key| key.state == KeyState::Current)
        .map(|key| key.id)
        .ok_or_else(|| Fault::new("rotation left no current key"))
}

/// Makes the next key if there is none: a new tenant starts without, since making one takes long.
///
/// # Errors
/// If there is no such tenant or the database is not available.
pub async fn ensure_next_key(app: &App, tenant: &TenantId) -> Result<(), Fault> {
    let configuration = configuration(app, tenant).await?;
    if configuration.keys.iter().any(|key| key.state == KeyState::Next) {
        return Ok(());
    }
    let next = fresh_next(app, &configuration)?;
    app.store().registry().put_keys(tenant, &[next]).await?;
    app.directory().forget(tenant);
    Ok(())
}

fn fresh_next(app: &App, configuration: &Configuration) -> Result<StoredKey, Fault> {
    let host = configuration
        .domains
        .iter()
        .find(|domain| domain.canonical)
        .map_or_else(String::new, |domain| domain.host.clone());
    let (tenant, now) = (&configuration.tenant.id, app.clock().now());
    tokio::task::block_in_place(|| {
        generate_key(tenant, &host, KeyState::Next, app.sealer(), app.random(), now)
    })
}
