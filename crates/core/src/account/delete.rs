//! `DELETE …/{id}`: remove a method (contract 01 §4.8).

use serde_json::Map;

use super::admit::locked;
use super::notify::{record_success, tell};
use super::ways_in::{Change, CredentialKey, WaysIn, decide};
use super::{AccountError, Caller, Intent, Listed, MethodRef};
use crate::app::App;
use crate::call::Call;
use crate::factor::{AuthenticationMethod, FactorType};
use crate::log::{LogKind, LogSubject, record};
use crate::message::Happened;
use crate::port::Tx;

/// Removes a method of the caller, and what goes with it. Returns the ids of all that goes, the
/// named one first.
///
/// # Errors
/// See [`AccountError`]; [`AccountError::Needed`] if the account cannot do without it.
pub async fn delete(
    app: &App,
    call: &Call,
    caller: &Caller,
    segment: &str,
    intent: Intent,
) -> Result<Vec<String>, AccountError> {
    let target = MethodRef::parse(segment).ok_or(AccountError::NotFound)?;
    target.find(&caller.account).ok_or(AccountError::NotFound)?;
    let mut tx = app.write(&call.tenant.id).await?;
    let account = locked(call, &mut *tx, caller).await?;
    let key = match target.find(&account).ok_or(AccountError::NotFound)? {
        Listed::Password { .. } => CredentialKey::Password,
        Listed::Method(method) => CredentialKey::Method(method.id),
    };
    let ways = WaysIn::of(call, &account);
    let gone = decide(&ways, &Change::removal(key.clone()))?;
    let mut removed = Vec::new();
    if gone.contains(&CredentialKey::Password) {
        tx.delete_password(caller.user_id()).await?;
        removed.extend(Listed::password(&account).map(|password| password.id()));
        tell_of(app, call, &mut *tx, caller, FactorType::Password, None).await?;
    }
    for method in in_order(&account.methods, &gone, &key) {
        remove(app, call, &mut *tx, caller, method).await?;
        removed.push(method.full_id());
    }
    intent.finish(app, tx).await?;
    Ok(removed)
}

/// The methods that go, the named one first.
fn in_order<'a>(
    methods: &'a [AuthenticationMethod],
    gone: &[CredentialKey],
    named: &CredentialKey,
) -> Vec<&'a AuthenticationMethod> {
    let key = |method: &AuthenticationMethod| CredentialKey::Method(method.id.clone());
    let mut going: Vec<_> = methods.iter().filter(|method| gone.contains(&key(method))).collect();
    going.sort_by_key(|method| key(method) != *named);
    going
}

async fn remove(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    caller: &Caller,
    method: &AuthenticationMethod,
) -> Result<(), AccountError> {
    let factor = method.kind.factor();
    tx.delete_method(caller.user_id(), &method.id).await?;
    tx.void_enrollments(caller.user_id(), factor, Some(&method.id)).await?;
    if method.confirmed {
        tx.forget_browsers(caller.user_id()).await?;
    }
    let subject = LogSubject {
        client: Some(&caller.client_id),
        user: Some(&caller.account.user),
        name: None,
    };
    record(app, call, tx, LogKind::Unenrolled, subject, Map::new()).await?;
    tell_of(app, call, tx, caller, factor, Some(method)).await
}

/// Nobody but who began it has heard of an unconfirmed method.
async fn tell_of(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    caller: &Caller,
    factor: FactorType,
    method: Option<&AuthenticationMethod>,
) -> Result<(), AccountError> {
    record_success(app, call, tx, caller, "delete", factor, method).await?;
    if method.is_none_or(|method| method.confirmed) {
        let id = method.map(|method| &method.id);
        tell(app, call, tx, &caller.account.user, Happened::MethodRemoved(factor), id).await?;
    }
    Ok(())
}
