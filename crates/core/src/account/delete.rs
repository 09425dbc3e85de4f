//! `DELETE …/{id}`: remove a method (contract 01 §4.8).

use serde_json::Map;

use super::notify::{record_success, tell};
use super::{AccountError, Caller, MethodRef};
use crate::app::App;
use crate::call::Call;
use crate::factor::{AuthenticationMethod, FactorType};
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::Happened;
use crate::tenant::MfaPolicy;

/// Removes a method of the caller.
///
/// # Errors
/// See [`AccountError`]; [`AccountError::Needed`] if the account cannot do without it.
pub async fn delete(
    app: &App,
    call: &Call,
    caller: &Caller,
    segment: &str,
) -> Result<(), AccountError> {
    let target = MethodRef::parse(segment).ok_or(AccountError::NotFound)?;
    target.find(&caller.account).ok_or(AccountError::NotFound)?;
    if target.factor == FactorType::Password {
        return Err(AccountError::Needed(
            "The password is the only way to sign in to this account.",
        ));
    }
    let mut tx = app.write(&call.tenant.id).await?;
    tx.lock_user(caller.user_id()).await?;
    let methods = tx.methods(caller.user_id()).await?;
    let method = methods
        .iter()
        .find(|method| method.id.as_str() == target.suffix)
        .ok_or(AccountError::NotFound)?;
    let required = call.tenant.settings.mfa_policy == MfaPolicy::AllApplications;
    let removed = removed_with(&methods, method, required)?;
    for id in &removed {
        tx.delete_method(caller.user_id(), id).await?;
    }
    tx.void_enrollments(caller.user_id(), target.factor, Some(&method.id)).await?;
    let subject = LogSubject {
        client: Some(&caller.client_id),
        user: Some(&caller.account.user),
        name: None,
    };
    record(app, call, &mut *tx, LogKind::Unenrolled, subject, Map::new()).await?;
    record_success(app, call, &mut *tx, caller, "delete", target.factor, Some(method)).await?;
    if method.confirmed {
        let happened = Happened::MethodRemoved(target.factor);
        tell(app, call, &mut *tx, &caller.account.user, happened).await?;
    }
    tx.commit().await?;
    app.nudge_outbox();
    Ok(())
}

/// What goes when `method` goes: itself, and a recovery code that would be left over.
fn removed_with(
    methods: &[AuthenticationMethod],
    method: &AuthenticationMethod,
    second_factor_required: bool,
) -> Result<Vec<MethodId>, AccountError> {
    let mut removed = vec![method.id.clone()];
    if !method.confirmed {
        return Ok(removed);
    }
    let left: Vec<_> =
        methods.iter().filter(|other| other.confirmed && other.id != method.id).collect();
    let is_code = |method: &AuthenticationMethod| method.kind.factor() == FactorType::RecoveryCode;
    let real_left = left.iter().any(|other| !is_code(other));
    if second_factor_required && (left.is_empty() || (!is_code(method) && !real_left)) {
        return Err(AccountError::Needed(
            "A second factor is required, and this is the last one of this account.",
        ));
    }
    if !is_code(method) && !real_left {
        removed.extend(left.iter().map(|other| other.id.clone()));
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::MethodKind;
    use crate::id::UserId;
    use crate::time::Timestamp;

    fn method(id: &str, kind: MethodKind, confirmed: bool) -> AuthenticationMethod {
        AuthenticationMethod {
            id: MethodId::from_raw(id),
            user_id: UserId::from_raw("auth0|1"),
            kind,
            name: None,
            confirmed,
            created_at: Timestamp(0),
            last_auth_at: None,
        }
    }

    fn totp(id: &str) -> AuthenticationMethod {
        method(id, MethodKind::Totp { sealed_secret: Vec::new(), last_step: None }, true)
    }

    fn code(id: &str) -> AuthenticationMethod {
        method(id, MethodKind::RecoveryCode { mac: String::new() }, true)
    }

    fn ids(removed: &[MethodId]) -> Vec<&str> {
        removed.iter().map(MethodId::as_str).collect()
    }

    #[test]
    fn a_recovery_code_goes_with_the_last_real_factor() {
        let methods = [totp("a"), code("c")];
        assert_eq!(ids(&removed_with(&methods, &methods[0], false).expect("allowed")), ["a", "c"]);
        let methods = [totp("a"), totp("b"), code("c")];
        assert_eq!(ids(&removed_with(&methods, &methods[0], false).expect("allowed")), ["a"]);
    }

    #[test]
    fn the_last_factor_stays_where_one_is_required() {
        let methods = [totp("a")];
        assert!(removed_with(&methods, &methods[0], true).is_err());
        let methods = [totp("a"), code("c")];
        assert!(removed_with(&methods, &methods[0], true).is_err());
        assert!(removed_with(&methods, &methods[1], true).is_ok());
        let methods = [code("c")];
        assert!(removed_with(&methods, &methods[0], true).is_err());
    }

    #[test]
    fn unconfirmed_methods_do_not_count() {
        let pending = method("p", MethodKind::Email { address: "a@b.example".into() }, false);
        let methods = [totp("a"), pending.clone()];
        assert!(removed_with(&methods, &methods[0], true).is_err());
        assert_eq!(ids(&removed_with(&methods, &pending, true).expect("allowed")), ["p"]);
    }
}
