//! "This was not me": a link in each mail about a change, by which the person undoes it.
//!
//! Opening the link changes nothing, because mail scanners open links too; answering the page does.
//! It takes back what was added, ends every session and every authorization, and leads to a new
//! password. The link goes to the address as it was before the change, and works whatever became of
//! the account's address since.

use serde_json::{Map, Value, json};

use super::Listed;
use super::ways_in::{Change, CredentialKey, WaysIn};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::AuthenticationMethod;
use crate::id::{MethodId, UserId};
use crate::log::{LogKind, LogSubject, record};
use crate::login::{form_token, new_reset_ticket};
use crate::message::Happened;
use crate::port::{Account, Tx};
use crate::secret::{Handle, HandleHash, constant_time_eq};
use crate::session::{Ending, end_all};
use crate::time::Timestamp;
use crate::user::User;

/// Seconds a link to object lives.
const LIFETIME: i64 = 432_000;

/// A link by which somebody may object to a change. Used once, by one conditional statement.
#[derive(Clone, Debug)]
pub struct Objection {
    /// Hash of the link's ticket.
    pub handle: HandleHash,
    /// Whose account.
    pub user_id: UserId,
    /// The method that the change is about, if it has a row.
    pub method_id: Option<MethodId>,
    /// The change.
    pub happened: Happened,
    /// The address the link was sent to.
    pub address: String,
    /// Where the change was made from.
    pub ip: String,
    /// With which program.
    pub user_agent: String,
    /// When the change was made.
    pub created_at: Timestamp,
    /// End.
    pub expires_at: Timestamp,
}

/// What the page behind a link shows.
#[derive(Debug)]
pub struct ObjectionForm {
    /// What to object to.
    pub objection: Objection,
    /// The form's token.
    pub csrf: String,
    /// The browser's handle, if it has to be given one.
    pub new_browser: Option<Handle>,
}

/// What objecting led to.
#[derive(Debug)]
pub enum Objected {
    /// It is done. The handle opens the page for a new password; there is none if the account's
    /// mail address is no longer the one the link was sent to.
    Done {
        /// What was objected to.
        objection: Objection,
        /// Ticket of the reset page.
        reset: Option<Handle>,
    },
    /// The form did not come from the page, as this browser got it.
    Forged,
    /// The link is used, old, or never was one.
    LinkDead,
}

/// Makes a link to object to a change that happens in `tx`; returns its ticket.
pub(super) async fn offer(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    address: &str,
    happened: Happened,
    method: Option<&MethodId>,
) -> Result<Handle, Fault> {
    let ticket = Handle::generate(app.random());
    tx.insert_objection(&Objection {
        handle: ticket.hash(),
        user_id: user.id.clone(),
        method_id: method.cloned(),
        happened,
        address: address.to_owned(),
        ip: call.ip.clone(),
        user_agent: call.user_agent.clone(),
        created_at: call.now,
        expires_at: call.now.plus_seconds(LIFETIME),
    })
    .await?;
    Ok(ticket)
}

/// What the page behind a link shows, for the browser with that handle; none if the link is used,
/// old, or never was one.
///
/// # Errors
/// If the database is not available.
pub async fn objection_form(
    app: &App,
    call: &Call,
    ticket: &Handle,
    browser: Option<&Handle>,
) -> Result<Option<ObjectionForm>, Fault> {
    let mut tx = app.read(&call.tenant.id).await?;
    let found = tx.objection(&ticket.hash(), call.now).await?;
    let new_browser = browser.is_none().then(|| Handle::generate(app.random()));
    Ok(found.zip(browser.or(new_browser.as_ref()).cloned()).map(|(objection, browser)| {
        ObjectionForm { objection, csrf: form_token(ticket, &browser), new_browser }
    }))
}

/// Objects: exactly one answer per link does it.
///
/// # Errors
/// If the database is not available.
pub async fn object(
    app: &App,
    call: &Call,
    ticket: &Handle,
    browser: Option<&Handle>,
    csrf: &str,
) -> Result<Objected, Fault> {
    let expected = browser.map(|browser| form_token(ticket, browser));
    if !expected.is_some_and(|own| constant_time_eq(own.as_bytes(), csrf.as_bytes())) {
        return Ok(Objected::Forged);
    }
    let mut tx = app.write(&call.tenant.id).await?;
    let Some(objection) = tx.spend_objection(&ticket.hash(), call.now).await? else {
        return Ok(Objected::LinkDead);
    };
    tx.lock_user(&objection.user_id).await?;
    let Some(account) = tx.account_of(&objection.user_id).await? else {
        return Ok(Objected::LinkDead);
    };
    let revoked = revoke(call, &mut *tx, &account, &objection).await?;
    let user = &account.user.id;
    let sessions =
        end_all(app, (&call.tenant, call.now), &mut *tx, user, Ending::SessionRevoked).await?;
    let families = tx.revoke_families_of(&account.user.id, true, None, call.now).await?;
    tx.sign_out_everywhere(&account.user.id, call.now).await?;
    tx.forget_browsers(&account.user.id).await?;
    let subject = LogSubject { user: Some(&account.user), ..LogSubject::default() };
    if matches!(objection.happened, Happened::MethodAdded(_)) && !revoked.is_empty() {
        record(app, call, &mut *tx, LogKind::Unenrolled, subject, Map::new()).await?;
    }
    let details = details(&objection, &revoked, sessions, families);
    record(app, call, &mut *tx, LogKind::MethodSucceeded, subject, details).await?;
    let is_theirs = account.user.profile.email.as_deref() == Some(objection.address.as_str());
    let reset = if is_theirs {
        Some(new_reset_ticket(app, call, &mut *tx, &account.user, &objection.address).await?)
    } else {
        None
    };
    tx.commit().await?;
    Ok(Objected::Done { objection, reset })
}

/// Takes back what the change added, and what goes with it; ids of all that went. Nobody is asked
/// whether the account can do without: the link to a new password is a way in.
async fn revoke(
    call: &Call,
    tx: &mut dyn Tx,
    account: &Account,
    objection: &Objection,
) -> Result<Vec<String>, Fault> {
    let mut revoked = Vec::new();
    let Some(added) = added(account, objection) else { return Ok(revoked) };
    for key in WaysIn::of(call, account).gone_with(&Change::removal(added)) {
        match key {
            CredentialKey::Password => {
                tx.delete_password(&account.user.id).await?;
                revoked.extend(Listed::password(account).map(|password| password.id()));
            }
            CredentialKey::Method(id) => {
                tx.delete_method(&account.user.id, &id).await?;
                let method = account.methods.iter().find(|method| method.id == id);
                revoked.extend(method.map(AuthenticationMethod::full_id));
            }
        }
    }
    Ok(revoked)
}

/// What the change added, if it is still there. A password that was changed again since is another
/// one, and has a link of its own.
fn added(account: &Account, objection: &Objection) -> Option<CredentialKey> {
    match objection.happened {
        Happened::MethodAdded(_) | Happened::RecoveryCodeReplaced | Happened::RecoveryCodeUsed => {
            let id = objection.method_id.clone()?;
            account.methods.iter().any(|own| own.id == id).then_some(CredentialKey::Method(id))
        }
        Happened::PasswordChanged => {
            let password = account.password.as_ref()?;
            let since = password.changed_at.unwrap_or(password.created_at);
            (since == objection.created_at).then_some(CredentialKey::Password)
        }
        Happened::MethodRemoved(_) | Happened::MethodRenamed(_) => None,
    }
}

fn details(
    objection: &Objection,
    revoked: &[String],
    sessions: u64,
    families: u64,
) -> Map<String, Value> {
    let factor = objection.happened.factor();
    let id = objection.method_id.as_ref().map(|id| format!("{factor}|{id}"));
    [
        ("operation", json!("object")),
        ("authentication_method", json!({ "type": factor.as_str() })),
        ("authentication_method_id", json!(id)),
        ("revoked", json!(revoked)),
        ("sessions_ended", json!(sessions)),
        ("authorizations_revoked", json!(families)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
