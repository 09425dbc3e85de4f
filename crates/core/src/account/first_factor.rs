//! The first second factor of a person counts as given when it is proved (contract 04 §8.1): or
//! else an application that asked for it would be asked for it again with its next token.

use super::Caller;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::{AuthenticationMethod, FactorType};
use crate::mfa::{Has, SecondFactors};
use crate::port::{Account, Tx};
use crate::session::{MethodEvent, Usage, append};

/// How often to try again when tokens of the same family are exchanged meanwhile.
const TRIES: usize = 3;

/// Records that `method` was proved, on the authorization that it was enrolled with and the session
/// that this began in. Only for somebody who had none before: whoever has one proves that one, so a
/// stolen access token does not renew itself.
pub(super) async fn count_first(
    call: &Call,
    tx: &mut dyn Tx,
    caller: &Caller,
    account: &Account,
    method: &AuthenticationMethod,
) -> Result<(), Fault> {
    let factor = method.kind.factor();
    let others = account.methods.iter().filter(|own| own.id != method.id);
    let before = SecondFactors::of(call, &account.user, &others.cloned().collect::<Vec<_>>());
    let is_first = matches!(before.class(call), Has::Nothing { .. });
    if !is_first || factor == FactorType::RecoveryCode {
        return Ok(());
    }
    let event = MethodEvent { usage: Usage::Secondary, factor, at: call.now };
    for _ in 0..TRIES {
        let Some(mut family) = tx.family(&caller.family_id).await? else { return Ok(()) };
        append(&mut family.events, std::slice::from_ref(&event));
        if !tx.advance_family(&family).await? {
            continue;
        }
        let session = match &family.session_id {
            Some(id) => tx.session(id).await?,
            None => None,
        };
        if let Some(mut session) = session {
            append(&mut session.events, std::slice::from_ref(&event));
            tx.update_session(&session).await?;
        }
        break;
    }
    Ok(())
}
