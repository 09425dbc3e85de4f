//! Whether to offer somebody who has just signed in a passkey on this device (contract 04 §10.8).

use serde::{Deserialize, Serialize};

use super::{LoginTransaction, PASSKEY_SNOOZE};
use crate::account::MAX_METHODS;
use crate::call::Call;
use crate::connection::{Connection, PasskeyOptions};
use crate::error::Fault;
use crate::factor::AuthenticationMethod;
use crate::id::UserId;
use crate::passkey::SignedIn;
use crate::port::Tx;

/// Why a passkey is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyOffer {
    /// The person used a passkey of another device.
    Local,
    /// The person used a password and has no passkey here.
    Progressive,
}

/// What to offer after a password.
pub(super) async fn due_after_password(
    call: &Call,
    tx: &mut dyn Tx,
    connection: &Connection,
    transaction: &LoginTransaction,
    user: &UserId,
) -> Result<Option<PasskeyOffer>, Fault> {
    let options = connection.options.passkey;
    if !is_possible(options, transaction) || !options.progressive_enrollment_enabled {
        return Ok(None);
    }
    let methods = tx.methods(user).await?;
    if has_passkey(&methods, &call.tenant.relying_party_id(&call.host)) {
        return Ok(None);
    }
    Ok(is_welcome(call, tx, &methods, user).await?.then_some(PasskeyOffer::Progressive))
}

/// What to offer after a passkey; `cross_platform` says that it came from elsewhere.
pub(super) async fn due_after_passkey(
    call: &Call,
    tx: &mut dyn Tx,
    connection: &Connection,
    transaction: &LoginTransaction,
    signed_in: &SignedIn,
    cross_platform: bool,
) -> Result<Option<PasskeyOffer>, Fault> {
    let options = connection.options.passkey;
    // Somebody who carries a security key around means to.
    let is_of_a_phone = signed_in.method.kind.credential().is_some_and(|credential| {
        credential.transports.iter().any(|own| matches!(own.as_str(), "hybrid" | "internal"))
    });
    if !is_possible(options, transaction)
        || !options.local_enrollment_enabled
        || !cross_platform
        || !is_of_a_phone
    {
        return Ok(None);
    }
    let user = &signed_in.user.id;
    let methods = tx.methods(user).await?;
    Ok(is_welcome(call, tx, &methods, user).await?.then_some(PasskeyOffer::Local))
}

fn is_possible(options: PasskeyOptions, transaction: &LoginTransaction) -> bool {
    options.enabled && transaction.state.has_platform_authenticator
}

fn has_passkey(methods: &[AuthenticationMethod], rp_id: &str) -> bool {
    let mut credentials = methods.iter().filter_map(|method| method.kind.credential());
    credentials.any(|credential| credential.relying_party_id == rp_id)
}

async fn is_welcome(
    call: &Call,
    tx: &mut dyn Tx,
    methods: &[AuthenticationMethod],
    user: &UserId,
) -> Result<bool, Fault> {
    let until = tx.passkeys_snoozed_until(user).await?;
    // The password is a method, too.
    Ok(methods.len() + 1 < MAX_METHODS && until.is_none_or(|until| call.now >= until))
}

/// Offers the person none for a while.
pub(super) async fn snooze(call: &Call, tx: &mut dyn Tx, user: &UserId) -> Result<(), Fault> {
    Ok(tx.snooze_passkeys(user, call.now.plus_seconds(PASSKEY_SNOOZE)).await?)
}
