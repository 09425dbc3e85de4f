//! A device enrols with the ticket of the QR code.

use serde_json::Map;

use super::device::address_place;
use super::{Device, GuardianError, NewDevice, PushDevice};
use crate::account::notify::tell;
use crate::app::App;
use crate::call::Call;
use crate::factor::{FactorType, MethodKind, totp};
use crate::id::{MethodId, UserId};
use crate::log::{LogKind, LogSubject, record};
use crate::message::Happened;
use crate::secret::Handle;

/// The longest name of a method, in characters.
const MAX_NAME: usize = 100;

/// What the device keeps.
#[derive(Debug)]
pub struct EnrolledDevice {
    /// The enrolment's id.
    pub id: MethodId,
    /// Whose it is.
    pub user_id: UserId,
    /// The tenant's name.
    pub issuer: String,
    /// Where the device speaks with us.
    pub url: String,
    /// A bearer for apps that do not sign.
    pub token: Handle,
    /// The secret of its codes, base32.
    pub totp_secret: String,
}

/// Uses the ticket up: one device enrols, and the method counts from then on.
///
/// # Errors
/// See [`GuardianError`].
pub async fn enroll(
    app: &App,
    call: &Call,
    ticket: &Handle,
    new: NewDevice,
) -> Result<EnrolledDevice, GuardianError> {
    if !call.tenant.settings.factors.allow(FactorType::PushNotification) {
        return Err(GuardianError::Disabled);
    }
    let mut tx = app.write(&call.tenant.id).await?;
    let found = tx.push_ticket(&ticket.hash()).await?.ok_or(GuardianError::NoTicket)?;
    let PushDevice { ticket: granted, .. } = found;
    tx.lock_user(&granted.user_id).await?;
    let user = tx.user(&granted.user_id).await?.filter(|user| !user.blocked);
    let user = user.ok_or(GuardianError::NoTicket)?;
    let methods = tx.methods(&user.id).await?;
    let mut method = methods
        .into_iter()
        .find(|method| method.id == granted.id)
        .ok_or(GuardianError::NoTicket)?;
    let MethodKind::PushNotification { sealed_secret, .. } = &method.kind else {
        return Err(GuardianError::NoTicket);
    };
    let tenant = &call.tenant.id;
    let totp_secret = totp::reveal(tenant, &method.id, sealed_secret, app.sealer())?;
    let token = Handle::generate(app.random());
    let device = device(app, call, &method.id, new, &token)?;
    if !tx.use_push_ticket(&granted.ticket, &device, call.now).await? {
        return Err(GuardianError::NoTicket);
    }
    method.confirmed = true;
    method.name = method.name.or_else(|| Some(device.name.chars().take(MAX_NAME).collect()));
    tx.update_method(&method).await?;
    let subject = LogSubject { user: Some(&user), ..LogSubject::default() };
    record(app, call, &mut *tx, LogKind::EnrollmentComplete, subject, Map::new()).await?;
    let happened = Happened::MethodAdded(FactorType::PushNotification);
    tell(app, call, &mut *tx, &user, happened, Some(&method.id)).await?;
    tx.commit().await?;
    app.nudge_outbox();
    Ok(EnrolledDevice {
        id: method.id,
        user_id: user.id,
        issuer: call.tenant.friendly_name().to_owned(),
        url: call.guardian_base(),
        token,
        totp_secret,
    })
}

fn device(
    app: &App,
    call: &Call,
    id: &MethodId,
    new: NewDevice,
    token: &Handle,
) -> Result<Device, GuardianError> {
    let place = address_place(call.tenant.id.as_str(), id);
    let address = new.address.expose().as_bytes();
    Ok(Device {
        identifier: new.identifier,
        name: new.name,
        service: new.service,
        sealed_address: app.sealer().seal(place, address, app.random())?,
        key: new.key,
        token: token.hash(),
        enrolled_at: call.now,
    })
}
