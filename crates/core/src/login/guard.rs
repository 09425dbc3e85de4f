//! Slowing down guesses, until a correct one (contract 05 §17).
//!
//! Wrong passwords are counted in the database: what one server counted holds at all, and after a
//! restart. What is asked for rather than guessed is counted by this process.

use serde_json::{Map, json};

use super::password::MAX_INPUT;
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::guard::stored::{Counter, look_named, take, take_named};
use crate::guard::{Limit, is_among};
use crate::id::ClientId;
use crate::log::{LogKind, LogSubject, record};
use crate::message::{Addressee, Message, queue};
use crate::port::{StoreError, Tx};
use crate::tenant::protection::{BruteForce, CountMode, Shield, SuspiciousIp};
use crate::user::User;

/// Mails asked for by one address for one mailbox: one a minute after the first ten
/// (contract 04 §11.3).
const MAILS: Limit = Limit { requests: 10, period_ms: 600_000 };
/// News that somebody guessed is of use so long.
const NOTICE_LIFETIME: i64 = 86_400;

/// The counter of wrong passwords for `name`, if they are counted.
fn of_name(call: &Call, name: &str) -> Option<(String, Limit)> {
    let own = &call.tenant.settings.attack_protection.brute_force;
    if !own.enabled || is_among(&own.allowlist, &call.ip) {
        return None;
    }
    let from = match own.mode {
        CountMode::CountPerIdentifier => "",
        CountMode::CountPerIdentifierAndIp => call.ip.as_str(),
    };
    Some((format!("{}{from}", wrong_for(name)), own.limit()))
}

/// How the names of the counters of wrong passwords for `name` begin; an address follows.
fn wrong_for(name: &str) -> String {
    let name: String = name.trim().chars().take(MAX_INPUT).collect();
    format!("wrong-passwords|{}|", name.to_lowercase())
}

/// The counter of wrong passwords from the caller's address, if they are counted.
fn of_address(call: &Call) -> Option<(String, Limit)> {
    let own = &call.tenant.settings.attack_protection.suspicious_ip;
    let counts = own.enabled && !is_among(&own.allowlist, &call.ip);
    counts.then(|| (wrong_from(&call.ip), own.pre_login.limit()))
}

/// Under which name wrong passwords from an address are counted.
pub(crate) fn wrong_from(ip: &str) -> String {
    format!("wrong-from|{ip}")
}

fn signups_from(call: &Call, ip: &str) -> String {
    format!("signup|{}|{ip}", call.tenant.id)
}

/// Whether a password for `name` may be tried.
pub(super) async fn may_try_password(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    name: &str,
) -> Result<bool, StoreError> {
    let protection = &call.tenant.settings.attack_protection;
    let counters = [
        (of_name(call, name), protection.brute_force.blocks()),
        (of_address(call), protection.suspicious_ip.blocks()),
    ];
    for (counter, blocks) in counters {
        if let Some((name, limit)) = counter.filter(|_| blocks)
            && !look_named(app, tx, &name, limit, call.now).await?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Counts a wrong password for `name`, and does what is to be done when it was the last.
pub(super) async fn count_wrong_password(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    name: &str,
    subject: LogSubject<'_>,
) -> Result<(), Fault> {
    if let Some((bucket, limit)) = of_name(call, name)
        && take_named(app, tx, &bucket, limit, call.now).await?.is_last()
    {
        record(app, call, tx, LogKind::TooManyWrongPasswords, subject, Map::new()).await?;
        if let Some(user) = subject.user {
            tell(app, call, tx, user, subject.client).await?;
        }
    }
    if let Some((bucket, limit)) = of_address(call)
        && take_named(app, tx, &bucket, limit, call.now).await?.is_last()
    {
        let details = Map::from_iter([("stage".to_owned(), json!("pre-login"))]);
        record(app, call, tx, LogKind::SuspiciousAddress, LogSubject::default(), details).await?;
    }
    Ok(())
}

/// Tells a person that somebody guesses, once a day.
async fn tell(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    client: Option<&ClientId>,
) -> Result<(), Fault> {
    let tells = call
        .tenant
        .settings
        .attack_protection
        .brute_force
        .shields
        .contains(&Shield::UserNotification);
    let Some(email) = user.profile.email.as_deref().filter(|_| tells) else { return Ok(()) };
    if !take(app, tx, Counter::BlockNotices(&user.id), call.now).await?.allowed {
        return Ok(());
    }
    let message = Message::PasswordGuessed {
        tenant: call.tenant.friendly_name().to_owned(),
        at: call.now,
        ip: call.ip.clone(),
        account_url: format!("{}account", call.mail_issuer()),
    };
    let to = Addressee::of(email, user).towards(client);
    queue(app, call, tx, to, &message, call.now.plus_seconds(NOTICE_LIFETIME)).await
}

/// Forgets wrong passwords after a correct one.
pub(super) async fn forgive(app: &App, call: &Call, name: &str) -> Result<(), Fault> {
    let Some((bucket, _)) = of_name(call, name) else { return Ok(()) };
    // Most people have nothing to be forgiven: then nothing is written.
    if app.read(&call.tenant.id).await?.bucket(&bucket).await?.is_none() {
        return Ok(());
    }
    let mut tx = app.write_passing(&call.tenant.id).await?;
    tx.delete_bucket(&bucket).await?;
    Ok(tx.commit().await?)
}

/// The addresses from which no password for `name` may be tried now; an empty one is any.
pub(crate) async fn blocked_addresses(
    call: &Call,
    tx: &mut dyn Tx,
    name: &str,
) -> Result<Vec<String>, StoreError> {
    let own = &call.tenant.settings.attack_protection.brute_force;
    if !own.enabled || !own.blocks() {
        return Ok(Vec::new());
    }
    let (begin, limit) = (wrong_for(name), own.limit());
    let mut addresses = Vec::new();
    for (name, mut bucket) in tx.buckets_beginning(&begin).await? {
        // Behind a longer name that begins like this one stands no address.
        let address = name.strip_prefix(&begin).filter(|rest| !rest.contains('|'));
        if let Some(address) = address.filter(|_| !limit.take(&mut bucket, call.now).allowed) {
            addresses.push(address.to_owned());
        }
    }
    Ok(addresses)
}

/// Forgets wrong passwords for `name` from wherever they came.
pub(crate) async fn forgive_everywhere(tx: &mut dyn Tx, name: &str) -> Result<(), StoreError> {
    let begin = wrong_for(name);
    for (name, _) in tx.buckets_beginning(&begin).await? {
        if !name[begin.len()..].contains('|') {
            tx.delete_bucket(&name).await?;
        }
    }
    Ok(())
}

/// Whether a mail to `address` may be asked for.
pub(super) fn may_ask_for_mail(app: &App, call: &Call, address: &str) -> bool {
    let name: String = address.trim().chars().take(MAX_INPUT).collect();
    let bucket = format!("mail|{}|{}|{}", call.tenant.id, call.ip, name.to_lowercase());
    app.limiter().take(bucket, MAILS, call.now).is_none_or(|decision| decision.allowed)
}

/// Whether an account may be made.
pub(crate) fn may_sign_up(app: &App, call: &Call) -> bool {
    let own = &call.tenant.settings.attack_protection.suspicious_ip;
    if !own.enabled || !own.blocks() || is_among(&own.allowlist, &call.ip) {
        return true;
    }
    let limit = own.pre_user_registration.limit();
    let taken = app.limiter().take(signups_from(call, &call.ip), limit, call.now);
    taken.is_none_or(|decision| decision.allowed)
}

/// Whether an address may not try any more.
pub(crate) async fn is_blocked(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    ip: &str,
) -> Result<bool, StoreError> {
    let own = &call.tenant.settings.attack_protection.suspicious_ip;
    if !own.enabled || !own.blocks() || is_among(&own.allowlist, ip) {
        return Ok(false);
    }
    let login = look_named(app, tx, &wrong_from(ip), own.pre_login.limit(), call.now).await?;
    let limit = own.pre_user_registration.limit();
    Ok(!login || !app.limiter().allows(&signups_from(call, ip), limit, call.now))
}

/// Lets an address try again.
pub(crate) async fn unblock(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    ip: &str,
) -> Result<(), StoreError> {
    tx.delete_bucket(&wrong_from(ip)).await?;
    app.limiter().reset(&signups_from(call, ip));
    Ok(())
}

impl BruteForce {
    fn blocks(&self) -> bool {
        self.shields.contains(&Shield::Block)
    }
}

impl SuspiciousIp {
    fn blocks(&self) -> bool {
        self.shields.contains(&Shield::Block)
    }
}
