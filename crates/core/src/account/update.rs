//! `PATCH …/{id}`: rename a method (contract 01 §4.7).

use super::admit::locked;
use super::notify::{record_success, tell};
use super::{AccountError, Caller, Intent, Listed, MethodRef, Violation};
use crate::app::App;
use crate::call::Call;
use crate::factor::{AuthenticationMethod, FactorType};
use crate::message::Happened;

/// What to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The new name.
    pub name: Option<String>,
    /// Whether `preferred_authentication_method` was sent, which only phones have.
    pub prefers_channel: bool,
}

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// Changes a method of the caller and returns it.
///
/// # Errors
/// See [`AccountError`].
pub async fn update(
    app: &App,
    call: &Call,
    caller: &Caller,
    segment: &str,
    change: &Change,
    intent: Intent,
) -> Result<Listed, AccountError> {
    let target = MethodRef::parse(segment).ok_or(AccountError::NotFound)?;
    let listed = target.find(&caller.account).ok_or(AccountError::NotFound)?;
    let name = checked(target.factor, change)?;
    let (Some(name), Listed::Method(method)) = (name, &listed) else { return Ok(listed) };
    let mut tx = app.write(&call.tenant.id).await?;
    // Read again under the lock: a proof may have moved the method's state meanwhile.
    let account = locked(call, &mut *tx, caller).await?;
    let fresh = account.methods.into_iter().find(|own| own.id == method.id);
    let renamed = AuthenticationMethod { name: Some(name), ..fresh.ok_or(AccountError::NotFound)? };
    tx.update_method(&renamed).await?;
    record_success(app, call, &mut *tx, caller, "update", target.factor, Some(&renamed)).await?;
    if renamed.confirmed {
        let happened = Happened::MethodRenamed(target.factor);
        tell(app, call, &mut *tx, &caller.account.user, happened, Some(&renamed.id)).await?;
    }
    intent.finish(app, tx).await?;
    Ok(Listed::Method(renamed))
}

fn checked(factor: FactorType, change: &Change) -> Result<Option<String>, AccountError> {
    let refuse = |member: &str, detail: &str| {
        AccountError::Invalid(vec![Violation::new(
            format!("/{member}"),
            format!("data/{member} {detail}"),
        )])
    };
    if change.prefers_channel && factor != FactorType::Phone {
        return Err(refuse(
            "preferred_authentication_method",
            "must not be present for this type of authentication method",
        ));
    }
    let Some(name) = &change.name else { return Ok(None) };
    if matches!(factor, FactorType::RecoveryCode | FactorType::Password) {
        return Err(refuse("name", "must not be present for this type of authentication method"));
    }
    let name = name.trim();
    match name.chars().count() {
        0 => Err(refuse("name", "must NOT have fewer than 1 characters")),
        1..=MAX_NAME if name.chars().any(char::is_control) => {
            Err(refuse("name", "must not contain control characters"))
        }
        1..=MAX_NAME => Ok(Some(name.to_owned())),
        _ => Err(refuse("name", "must NOT have more than 100 characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rename(factor: FactorType, name: &str) -> Result<Option<String>, AccountError> {
        checked(factor, &Change { name: Some(name.to_owned()), prefers_channel: false })
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(rename(FactorType::Totp, " Phone ").expect("fine"), Some("Phone".to_owned()));
        assert_eq!(
            rename(FactorType::Totp, &"é".repeat(100)).expect("fine").map(|n| n.len()),
            Some(200)
        );
        for bad in ["", "   ", "a\u{0}b", &"x".repeat(101)] {
            assert!(rename(FactorType::Totp, bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn some_methods_have_no_name() {
        assert!(rename(FactorType::Password, "x").is_err());
        assert!(rename(FactorType::RecoveryCode, "x").is_err());
        let channel = Change { name: None, prefers_channel: true };
        assert!(checked(FactorType::Totp, &channel).is_err());
    }
}
