//! What follows a change: the log event, and a mail to the person.

use serde_json::{Map, Value, json};

use super::Caller;
use super::objection::offer;
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::{AuthenticationMethod, FactorType};
use crate::id::MethodId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::{Happened, Message, queue};
use crate::port::Tx;
use crate::user::User;

/// Seconds after which telling somebody about a change is pointless.
const NEWS_LIFETIME: i64 = 604_800;

/// Writes the log event of a My Account operation that went through.
pub(super) async fn record_success(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    caller: &Caller,
    operation: &str,
    factor: FactorType,
    method: Option<&AuthenticationMethod>,
) -> Result<(), Fault> {
    let mut details = Map::new();
    details.insert("operation".into(), operation.into());
    details.insert("authentication_method".into(), json!({ "type": factor.as_str() }));
    let id = method.map_or(Value::Null, |method| method.full_id().into());
    details.insert("authentication_method_id".into(), id);
    let subject = LogSubject {
        client: Some(&caller.client_id),
        user: Some(&caller.account.user),
        name: None,
    };
    record(app, call, tx, LogKind::MethodSucceeded, subject, details).await
}

/// Writes the log event of a My Account operation that was refused; `error` is what was answered.
///
/// # Errors
/// If it cannot be stored.
pub async fn record_refusal(
    app: &App,
    call: &Call,
    caller: &Caller,
    operation: &str,
    method_id: &str,
    error: Value,
) -> Result<(), Fault> {
    let mut details = Map::new();
    details.insert("operation".into(), operation.into());
    details.insert("authentication_method_id".into(), method_id.into());
    details.insert("error".into(), error);
    let subject = LogSubject {
        client: Some(&caller.client_id),
        user: Some(&caller.account.user),
        name: None,
    };
    let mut tx = app.write(&call.tenant.id).await?;
    record(app, call, &mut *tx, LogKind::MethodFailed, subject, details).await?;
    Ok(tx.commit().await?)
}

/// Tells the person what happened to their account, if they have a mail address, and how to object.
/// `user` is the person as they were before the change: whoever changes an account's address must
/// not be the only one to hear of it.
pub(crate) async fn tell(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    happened: Happened,
    method: Option<&MethodId>,
) -> Result<(), Fault> {
    let Some(address) = user.profile.email.as_deref() else { return Ok(()) };
    let ticket = offer(app, call, tx, user, address, happened, method).await?;
    let message = Message::AccountChanged {
        objection_url: Some(format!(
            "{}u/objection?ticket={}",
            call.mail_issuer(),
            ticket.expose()
        )),
        happened,
        tenant: call.tenant.friendly_name().to_owned(),
        at: call.now,
        ip: call.ip.clone(),
        user_agent: call.user_agent.clone(),
        account_url: format!("{}account", call.mail_issuer()),
    };
    queue(app, call, tx, address, &message, call.now.plus_seconds(NEWS_LIFETIME)).await
}
