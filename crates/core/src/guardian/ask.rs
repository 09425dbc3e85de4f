//! Asking a device for approval, and using the approval up.

use serde_json::Map;

use super::source::Source;
use super::transaction::{Answer, PushTransaction, RequestedDetails, RichConsent, State};
use super::{LIFETIME, PushPayload};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::{AuthenticationMethod, FactorType};
use crate::guard::stored::{self, Counter};
use crate::id::{MethodId, RichConsentId, UserId};
use crate::log::{LogKind, LogSubject, record};
use crate::message::{Delivery, Message, QueuedMessage, deliver_now, hold};
use crate::port::{StoreError, Tx};
use crate::secret::{Handle, HandleHash};
use crate::user::User;

/// Whom to ask for what.
#[derive(Clone, Debug)]
pub struct Question {
    /// Who is to approve.
    pub user_id: UserId,
    /// On which device: the method's id.
    pub device_id: MethodId,
    /// What exactly, if that is more than a login.
    pub details: Option<RequestedDetails>,
}

/// Why nobody was asked.
#[derive(Debug)]
pub enum AskError {
    /// The person has no such device.
    NotEnrolled,
    /// The person was asked too often; seconds until they may be asked again.
    TooMany {
        /// Seconds.
        again_in: i64,
    },
    /// The message was refused, or nobody carries it.
    NotSent,
    /// Not the client's fault.
    Fault(Fault),
}

impl From<Fault> for AskError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for AskError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Asks a device. An earlier question to it can be answered no longer. What it returns is how the
/// caller gets at the answer.
///
/// # Errors
/// See [`AskError`].
pub async fn ask(app: &App, call: &Call, question: Question) -> Result<Handle, AskError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let user = enrolled(&mut *tx, &question).await?;
    let decision = stored::take(app, &mut *tx, Counter::Pushes(&user.id), call.now).await?;
    if !decision.allowed {
        return Err(AskError::TooMany { again_in: decision.retry_after });
    }
    let handle = Handle::generate(app.random());
    let (transaction, payload) = draw(app, call, question, &handle);
    tx.supersede_push_transactions(&transaction.device_id).await?;
    tx.insert_push_transaction(&transaction).await?;
    let message = Message::Push { tenant: call.tenant.friendly_name().to_owned(), payload };
    let to = transaction.device_id.as_str();
    let held = hold(app, call, &mut *tx, to, &message, transaction.expires_at).await?;
    for kind in [LogKind::ChallengeStarted, LogKind::PushSent] {
        let subject = LogSubject { user: Some(&user), ..LogSubject::default() };
        record(app, call, &mut *tx, kind, subject, Map::new()).await?;
    }
    tx.commit().await?;
    settle(app, call, &user, &transaction, &held).await?;
    Ok(handle)
}

async fn enrolled(tx: &mut dyn Tx, question: &Question) -> Result<User, AskError> {
    tx.lock_user(&question.user_id).await?;
    let is_device = |method: &AuthenticationMethod| {
        method.id == question.device_id
            && method.confirmed
            && method.kind.factor() == FactorType::PushNotification
    };
    let methods = tx.methods(&question.user_id).await?;
    if !methods.iter().any(is_device) {
        return Err(AskError::NotEnrolled);
    }
    tx.user(&question.user_id).await?.ok_or(AskError::NotEnrolled)
}

fn draw(
    app: &App,
    call: &Call,
    question: Question,
    handle: &Handle,
) -> (PushTransaction, PushPayload) {
    let (token, challenge) = (Handle::generate(app.random()), Handle::generate(app.random()));
    let consent = question.details.map(|requested_details| RichConsent {
        id: RichConsentId::generate(app.random()),
        requested_details,
    });
    let payload = PushPayload {
        server: call.guardian_base(),
        enrollment: question.device_id.to_string(),
        token: token.expose().to_owned(),
        challenge: challenge.expose().to_owned(),
        at: call.now,
        link: consent.as_ref().map(|consent| consent.id.to_string()),
        source: Source::of(&call.user_agent),
    };
    let transaction = PushTransaction {
        handle: handle.hash(),
        token: token.hash(),
        challenge: challenge.hash(),
        user_id: question.user_id,
        device_id: question.device_id,
        consent,
        state: State::Pending,
        reason: None,
        created_at: call.now,
        expires_at: call.now.plus_seconds(LIFETIME),
    };
    (transaction, payload)
}

/// Hands the message over; a question that never arrives is not left open.
async fn settle(
    app: &App,
    call: &Call,
    user: &User,
    transaction: &PushTransaction,
    held: &QueuedMessage,
) -> Result<(), AskError> {
    match deliver_now(app, &call.tenant, held).await? {
        Delivery::Taken | Delivery::Later => return Ok(()),
        Delivery::Refused | Delivery::NoRecipient => {}
    }
    let mut tx = app.write(&call.tenant.id).await?;
    tx.supersede_push_transactions(&transaction.device_id).await?;
    let subject = LogSubject { user: Some(user), ..LogSubject::default() };
    record(app, call, &mut *tx, LogKind::PushFailed, subject, Map::new()).await?;
    tx.commit().await.map_err(Fault::from)?;
    Err(AskError::NotSent)
}

/// What became of a question.
///
/// # Errors
/// If the database fails.
pub async fn look(app: &App, call: &Call, handle: &Handle) -> Result<Answer, Fault> {
    let mut tx = app.read(&call.tenant.id).await?;
    let found = tx.push_transaction(&handle.hash()).await?;
    Ok(found.map_or(Answer::Gone, |transaction| transaction.answer(call.now)))
}

/// Uses an approval up: the transaction for exactly one caller, while it is in time. The device
/// counts as used.
///
/// # Errors
/// If the database fails.
pub async fn spend(
    app: &App,
    call: &Call,
    handle: &Handle,
) -> Result<Option<PushTransaction>, Fault> {
    let mut tx = app.write(&call.tenant.id).await?;
    let spent = spend_in(call, &mut *tx, &handle.hash()).await?;
    tx.commit().await?;
    Ok(spent)
}

/// The same within a transaction that does more.
pub(crate) async fn spend_in(
    call: &Call,
    tx: &mut dyn Tx,
    handle: &HandleHash,
) -> Result<Option<PushTransaction>, Fault> {
    let spent = tx.spend_push_transaction(handle, call.now).await?;
    let Some(transaction) = spent else { return Ok(None) };
    let methods = tx.methods(&transaction.user_id).await?;
    let used = methods.into_iter().find(|method| method.id == transaction.device_id);
    if let Some(mut method) = used {
        method.last_auth_at = Some(call.now);
        tx.update_method(&method).await?;
    }
    Ok(Some(transaction))
}
