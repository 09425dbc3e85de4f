//! A device changes its name or address, or leaves.

use serde_json::Map;

use super::device::address_place;
use super::proof::verify;
use super::{Device, GuardianError, PushService};
use crate::account::notify::tell;
use crate::account::ways_in::{Change, CredentialKey, WaysIn, decide};
use crate::app::App;
use crate::call::Call;
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::Happened;
use crate::port::Tx;
use crate::secret::{Handle, SecretText};
use crate::user::User;

/// Below the base, without the id: the audience of what devices sign.
const ENDPOINT: &str = "/api/device-accounts";

/// What a device changes.
#[derive(Clone, Debug, Default)]
pub struct DeviceChange {
    /// What it calls itself.
    pub identifier: Option<String>,
    /// What its owner calls it.
    pub name: Option<String>,
    /// How and where it is reached.
    pub address: Option<(PushService, SecretText)>,
}

/// Changes a device. Gives it back with its address.
///
/// # Errors
/// See [`GuardianError`].
pub async fn update(
    app: &App,
    call: &Call,
    id: &MethodId,
    bearer: Option<&str>,
    change: DeviceChange,
) -> Result<(Device, SecretText), GuardianError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let (user, mut device) = authenticated(call, &mut *tx, id, bearer).await?;
    let tenant = call.tenant.id.as_str();
    if let Some((service, address)) = &change.address {
        device.service = *service;
        let place = address_place(tenant, id);
        device.sealed_address =
            app.sealer().seal(place, address.expose().as_bytes(), app.random())?;
    }
    device.identifier = change.identifier.unwrap_or(device.identifier);
    device.name = change.name.unwrap_or(device.name);
    if !tx.update_push_device(id, &device).await? {
        return Err(GuardianError::NoDevice);
    }
    let subject = LogSubject { user: Some(&user), ..LogSubject::default() };
    record(app, call, &mut *tx, LogKind::DeviceUpdated, subject, Map::new()).await?;
    tx.commit().await?;
    let address = device.address(app, &call.tenant.id, id)?;
    Ok((device, address))
}

/// Removes a device with its method, and what goes with that, unless the account cannot do without.
///
/// # Errors
/// See [`GuardianError`].
pub async fn leave(
    app: &App,
    call: &Call,
    id: &MethodId,
    bearer: Option<&str>,
) -> Result<(), GuardianError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let (user, _) = authenticated(call, &mut *tx, id, bearer).await?;
    let account = tx.account_of(&user.id).await?.ok_or(GuardianError::NoDevice)?;
    let change = Change::removal(CredentialKey::Method(id.clone()));
    let gone = decide(&WaysIn::of(call, &account), &change).map_err(GuardianError::Needed)?;
    for method in &account.methods {
        if gone.contains(&CredentialKey::Method(method.id.clone())) {
            tx.delete_method(&user.id, &method.id).await?;
            tx.forget_browsers(&user.id).await?;
            let subject = LogSubject { user: Some(&user), ..LogSubject::default() };
            record(app, call, &mut *tx, LogKind::Unenrolled, subject, Map::new()).await?;
            let happened = Happened::MethodRemoved(method.kind.factor());
            tell(app, call, &mut *tx, &user, happened, Some(&method.id)).await?;
        }
    }
    tx.commit().await?;
    app.nudge_outbox();
    Ok(())
}

/// The device, if that is who calls; its user is locked from then on.
async fn authenticated(
    call: &Call,
    tx: &mut dyn Tx,
    id: &MethodId,
    bearer: Option<&str>,
) -> Result<(User, Device), GuardianError> {
    let bearer = bearer.ok_or(GuardianError::InvalidToken)?;
    let found = tx.push_device(id).await?.ok_or(GuardianError::NoDevice)?;
    let user_id = found.ticket.user_id;
    tx.lock_user(&user_id).await?;
    // Read again under the lock: it may have changed or left meanwhile.
    let found = tx.push_device(id).await?.and_then(|found| found.device);
    let device = found.ok_or(GuardianError::NoDevice)?;
    let is_token = Handle::presented(bearer).hash().matches(&device.token);
    if !is_token {
        let claims = verify(call, bearer, &device.key, ENDPOINT)?;
        if claims.iss != id.as_str() || claims.sub != user_id.as_str() {
            return Err(GuardianError::InvalidToken);
        }
    }
    let user = tx.user(&user_id).await?.ok_or(GuardianError::NoDevice)?;
    Ok((user, device))
}
