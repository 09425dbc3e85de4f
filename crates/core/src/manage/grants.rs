//! What people allowed applications to do, as operators see it (contract 05 §9.3).

use serde_json::Value;

use super::record::{Done, settle};
use super::sessions::revoke_some;
use super::{ManageError, Operator, Thing};
use crate::access::Consent;
use crate::app::App;
use crate::call::Call;
use crate::id::ConsentId;
use crate::port::{ConsentFilter, Listed, Part, Tx};
use crate::token::Family;

const RESOURCE: &str = "grants";
/// How many of a person's consents are withdrawn in one transaction.
const BATCH: Part = Part::After { key: None, take: 1000 };

/// Consents.
///
/// # Errors
/// If the database is not available.
pub async fn list(
    app: &App,
    call: &Call,
    filter: &ConsentFilter,
    part: &Part,
) -> Result<Listed<Consent>, ManageError> {
    Ok(app.read(&call.tenant.id).await?.consents(filter, part).await?)
}

/// Withdraws a consent, and the refresh tokens it let the application have.
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
    let consent = tx.consent_of_id(&ConsentId::from_raw(id)).await?;
    let consent = consent.ok_or(ManageError::NotFound(Thing::Grant))?;
    withdraw(call, &mut *tx, &consent).await?;
    let done = Done { method: "DELETE", resource: RESOURCE, id, body: Value::Null };
    settle(app, call, tx, operator, done).await
}

/// Withdraws all consents of a user.
///
/// # Errors
/// If it cannot be stored.
pub async fn delete_of(
    app: &App,
    call: &Call,
    operator: &Operator,
    user: &str,
) -> Result<(), ManageError> {
    let id = crate::id::UserId::from_raw(user);
    let filter = ConsentFilter { user: Some(id), ..ConsentFilter::default() };
    let mut tx = app.write(&call.tenant.id).await?;
    loop {
        let some = tx.consents(&filter, &BATCH).await?;
        for consent in &some.items {
            withdraw(call, &mut *tx, consent).await?;
        }
        if some.next.is_none() {
            break;
        }
    }
    let done = Done { method: "DELETE", resource: RESOURCE, id: user, body: Value::Null };
    settle(app, call, tx, operator, done).await
}

async fn withdraw(call: &Call, tx: &mut dyn Tx, consent: &Consent) -> Result<(), ManageError> {
    tx.delete_consent(&consent.id).await?;
    let is_for = |family: &Family| {
        let audience = family.audience.as_ref();
        audience.is_some_and(|own| own.resource_server_id == consent.resource_server_id)
    };
    revoke_some(call, tx, &consent.user_id, Some(&consent.client_id), is_for).await
}
