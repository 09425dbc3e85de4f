//! `PATCH …/{id}`: rename a method, or prefer another channel (contract 01 §4.7).

use super::admit::locked;
use super::enroll::channel_is_off;
use super::notify::{record_success, tell};
use super::{AccountError, Caller, Intent, Listed, MethodRef, Violation};
use crate::app::App;
use crate::call::Call;
use crate::factor::phone::PhoneChannel;
use crate::factor::{AuthenticationMethod, FactorType, MethodKind};
use crate::message::Happened;

/// What to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The new name.
    pub name: Option<String>,
    /// How codes are to reach a phone; nothing else has a channel.
    pub channel: Option<PhoneChannel>,
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
    let settings = &call.tenant.settings;
    if change.channel.is_some_and(|wanted| !settings.phone.allows(settings.factors, wanted)) {
        return Err(channel_is_off());
    }
    let Listed::Method(method) = &listed else { return Ok(listed) };
    if name.is_none() && change.channel.is_none() {
        return Ok(listed);
    }
    let mut tx = app.write(&call.tenant.id).await?;
    // Read again under the lock: a proof may have moved the method's state meanwhile.
    let account = locked(call, &mut *tx, caller).await?;
    let fresh = account.methods.into_iter().find(|own| own.id == method.id);
    let mut method: AuthenticationMethod = fresh.ok_or(AccountError::NotFound)?;
    let is_renamed = name.is_some();
    method.name = name.or(method.name);
    if let (MethodKind::Phone { channel, .. }, Some(wanted)) = (&mut method.kind, change.channel) {
        *channel = wanted;
    }
    tx.update_method(&method).await?;
    record_success(app, call, &mut *tx, caller, "update", target.factor, Some(&method)).await?;
    if method.confirmed && is_renamed {
        let happened = Happened::MethodRenamed(target.factor);
        tell(app, call, &mut *tx, &caller.account.user, happened, Some(&method.id)).await?;
    }
    intent.finish(app, tx).await?;
    Ok(Listed::Method(method))
}

fn checked(factor: FactorType, change: &Change) -> Result<Option<String>, AccountError> {
    let refuse = |member: &str, detail: &str| {
        AccountError::Invalid(vec![Violation::new(
            format!("/{member}"),
            format!("data/{member} {detail}"),
        )])
    };
    if change.channel.is_some() && factor != FactorType::Phone {
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
        checked(factor, &Change { name: Some(name.to_owned()), channel: None })
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
        let channel = Change { name: None, channel: Some(PhoneChannel::Sms) };
        assert!(checked(FactorType::Totp, &channel).is_err());
    }
}
