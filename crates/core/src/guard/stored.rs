//! Limits that outlive a restart and hold over all processes: what is sent to people, and what is
//! guessed (contract 04 §11.3). They are taken from in the transaction of the fact they count.

use crate::app::App;
use crate::factor::phone::PhoneNumber;
use crate::guard::{Decision, Limit};
use crate::id::UserId;
use crate::port::{StoreError, Tx};
use crate::time::Timestamp;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// What is counted, and for whom.
#[derive(Clone, Copy, Debug)]
pub enum Counter<'a> {
    /// Mails with codes to one address.
    MailsTo(&'a str),
    /// Mails with codes that one person asked for.
    MailsFor(&'a UserId),
    /// Text messages and calls to one number.
    CallsTo(&'a PhoneNumber),
    /// Text messages and calls that one person asked for.
    CallsFor(&'a UserId),
    /// Push messages to one person.
    Pushes(&'a UserId),
    /// Wrong one-time codes of one person; a right one does not reset it.
    WrongCodes(&'a UserId),
    /// Wrong recovery codes of one person.
    WrongRecoveryCodes(&'a UserId),
    /// Mails that tell a person that somebody guesses.
    BlockNotices(&'a UserId),
}

impl Counter<'_> {
    /// How many, and how fast there are more again.
    #[must_use]
    pub fn limit(self) -> Limit {
        let (requests, period_ms) = match self {
            Self::BlockNotices(_) => (1, 24 * HOUR_MS),
            Self::Pushes(_) => (5, MINUTE_MS),
            Self::MailsTo(_) => (5, 5 * MINUTE_MS),
            Self::MailsFor(_) => (20, 20 * MINUTE_MS),
            Self::CallsFor(_) => (10, 10 * HOUR_MS),
            Self::CallsTo(_) | Self::WrongCodes(_) | Self::WrongRecoveryCodes(_) => (10, HOUR_MS),
        };
        Limit { requests, period_ms }
    }

    /// The name it is kept under.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::MailsTo(address) => format!("mails-to|{}", address.to_lowercase()),
            Self::MailsFor(user) => format!("mails-for|{user}"),
            Self::CallsTo(number) => format!("calls-to|{}", number.as_str()),
            Self::CallsFor(user) => format!("calls-for|{user}"),
            Self::Pushes(user) => format!("pushes|{user}"),
            Self::WrongCodes(user) => format!("wrong-codes|{user}"),
            Self::WrongRecoveryCodes(user) => format!("wrong-recovery-codes|{user}"),
            Self::BlockNotices(user) => format!("block-notices|{user}"),
        }
    }
}

/// Takes one; whoever else takes from the same counter waits until this transaction ends.
///
/// # Errors
/// If the database fails.
pub async fn take(
    app: &App,
    tx: &mut dyn Tx,
    counter: Counter<'_>,
    now: Timestamp,
) -> Result<Decision, StoreError> {
    take_named(app, tx, &counter.name(), counter.limit(), now).await
}

/// The same of a counter whose limit a tenant sets.
///
/// # Errors
/// If the database fails.
pub async fn take_named(
    app: &App,
    tx: &mut dyn Tx,
    name: &str,
    limit: Limit,
    now: Timestamp,
) -> Result<Decision, StoreError> {
    let mut bucket = tx.lock_bucket(name, limit.bucket(now)).await?;
    let decision = limit.take(&mut bucket, now);
    if decision.allowed {
        tx.put_bucket(name, bucket).await?;
    }
    Ok(Decision { allowed: decision.allowed || app.limiter().is_off(), ..decision })
}

/// Whether there is one to take, without taking it and without waiting for whoever does.
///
/// # Errors
/// If the database fails.
pub async fn look_named(
    app: &App,
    tx: &mut dyn Tx,
    name: &str,
    limit: Limit,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if app.limiter().is_off() {
        return Ok(true);
    }
    let bucket = tx.bucket(name).await?;
    Ok(bucket.is_none_or(|mut bucket| limit.take(&mut bucket, now).allowed))
}

/// Whether there is one to take, without taking it.
///
/// # Errors
/// If the database fails.
pub async fn look(
    app: &App,
    tx: &mut dyn Tx,
    counter: Counter<'_>,
    now: Timestamp,
) -> Result<Decision, StoreError> {
    let limit = counter.limit();
    let mut bucket = tx.lock_bucket(&counter.name(), limit.bucket(now)).await?;
    let decision = limit.take(&mut bucket, now);
    Ok(Decision { allowed: decision.allowed || app.limiter().is_off(), ..decision })
}
