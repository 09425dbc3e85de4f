//! A second factor that was proved: stored, and told of (contract 04 §9.6).

use serde_json::Map;

use super::Way;
use super::person::Person;
use crate::account::MAX_METHODS;
use crate::account::notify::tell;
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::{AuthenticationMethod, FactorType, MethodKind, recovery_code};
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::Happened;
use crate::port::Tx;

/// A new method of a person.
pub(crate) fn new_method(
    call: &Call,
    person: &Person,
    id: MethodId,
    kind: MethodKind,
    confirmed: bool,
) -> AuthenticationMethod {
    AuthenticationMethod {
        id,
        user_id: person.user.id.clone(),
        kind,
        name: None,
        confirmed,
        created_at: call.now,
        last_auth_at: None,
    }
}

/// Notes that a method counts from now on, and tells the person.
pub(crate) async fn announce(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    person: &Person,
    method: &AuthenticationMethod,
) -> Result<(), Fault> {
    log(app, call, tx, person, LogKind::EnrollmentComplete).await?;
    let happened = Happened::MethodAdded(method.kind.factor());
    tell(app, call, tx, &person.user, happened, Some(&method.id)).await
}

/// A recovery code beside a person's first second factor, where the tenant uses them and the person
/// has none. It is not stored yet.
pub(crate) fn new_recovery_code(
    app: &App,
    call: &Call,
    person: &Person,
    confirmed: bool,
) -> Option<(AuthenticationMethod, String)> {
    let has_one = person
        .methods
        .iter()
        .any(|own| own.confirmed && own.kind.factor() == FactorType::RecoveryCode);
    // One more than the factor beside it.
    let has_room = person.methods.len() + 2 < MAX_METHODS;
    if has_one || !has_room || !Way::RecoveryCode.is_on(&call.tenant.settings) {
        return None;
    }
    let id = MethodId::generate(app.random());
    let begun = recovery_code::begin(&call.tenant.id, &id, app.sealer(), app.random());
    Some((new_method(call, person, id, begun.kind, confirmed), begun.code))
}

/// Writes an event of an enrolment.
pub(crate) async fn log(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    person: &Person,
    kind: LogKind,
) -> Result<(), Fault> {
    let subject = LogSubject { user: Some(&person.user), ..LogSubject::default() };
    record(app, call, tx, kind, subject, Map::new()).await
}
