//! One factor of one person, by its id alone (contract 05 §11).

use serde_json::{Map, Value};

use super::record::{Done, commit};
use super::{ManageError, Operator, Thing};
use crate::account::notify::tell;
use crate::app::App;
use crate::call::Call;
use crate::factor::AuthenticationMethod;
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::Happened;

/// The method of that id. Passwords and passkeys are no second factors.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn find(app: &App, call: &Call, id: &str) -> Result<AuthenticationMethod, ManageError> {
    let mut tx = app.read(&call.tenant.id).await?;
    let method = tx.method(&MethodId::from_raw(id)).await?;
    method
        .filter(|method| method.kind.factor().usage() == "secondary")
        .ok_or(ManageError::NotFound(Thing::Part))
}

/// Removes the method of that id; its owner is told.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn delete(
    app: &App,
    call: &Call,
    operator: &Operator,
    id: &str,
) -> Result<(), ManageError> {
    let method = find(app, call, id).await?;
    let factor = method.kind.factor();
    let mut tx = app.write(&call.tenant.id).await?;
    if !tx.delete_method(&method.user_id, &method.id).await? {
        return Err(ManageError::NotFound(Thing::Part));
    }
    tx.void_enrollments(&method.user_id, factor, Some(&method.id)).await?;
    if let Some(user) = tx.user(&method.user_id).await? {
        let client = Some(&operator.client_id);
        let subject = LogSubject { client, user: Some(&user), name: None };
        record(app, call, &mut *tx, LogKind::Unenrolled, subject, Map::new()).await?;
        if method.confirmed {
            let happened = Happened::MethodRemoved(factor);
            tell(app, call, &mut *tx, &user, happened, Some(&method.id)).await?;
        }
    }
    let done = Done { method: "DELETE", resource: "guardian/enrollments", id, body: Value::Null };
    commit(app, call, tx, operator, done).await?;
    app.nudge_outbox();
    Ok(())
}
