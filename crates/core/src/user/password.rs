//! Changing a password: the one way in which a new password comes to be, from every door.

use crate::account::notify::tell;
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::password::imported::ImportedHash;
use crate::factor::password::{Broken, Held, KnownHash, PasswordPolicy, Turn};
use crate::id::{FamilyId, UserId};
use crate::message::Happened;
use crate::port::Tx;
use crate::session::{Ending, end_all};
use crate::user::{Profile, User};

/// A password that satisfies the policy, hashed.
pub struct NewPassword {
    hash: String,
    keep_history: u32,
}

impl NewPassword {
    /// Checks `password` against the policy of the user's connection, former passwords included,
    /// and hashes it. No transaction may be open: this takes long.
    ///
    /// # Errors
    /// The outer error is a fault; the inner one lists the broken rules.
    pub async fn check(
        app: &App,
        call: &Call,
        user: &User,
        password: &str,
    ) -> Result<Result<Self, Vec<Broken>>, Fault> {
        let policy = policy_of(call, user)?;
        let mut broken = policy.broken_by(password, &user.profile);
        let effective = policy.effective(password);
        if broken.is_empty()
            && policy.history.active
            && was_used(app, call, user, policy, effective).await?
        {
            broken.push(Broken::History(policy.history.size));
        }
        if broken.is_empty() {
            Ok(Ok(Self::hashed(app, policy, effective).await?))
        } else {
            Ok(Err(broken))
        }
    }

    /// The same for somebody who has no account yet.
    ///
    /// # Errors
    /// The outer error is a fault; the inner one lists the broken rules.
    pub async fn first(
        app: &App,
        policy: &PasswordPolicy,
        profile: &Profile,
        password: &str,
    ) -> Result<Result<Self, Vec<Broken>>, Fault> {
        let broken = policy.broken_by(password, profile);
        if broken.is_empty() {
            Ok(Ok(Self::hashed(app, policy, policy.effective(password)).await?))
        } else {
            Ok(Err(broken))
        }
    }

    /// The hash.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    async fn hashed(app: &App, policy: &PasswordPolicy, effective: &str) -> Result<Self, Fault> {
        let keep_history = if policy.history.active { policy.history.size.min(24) } else { 0 };
        Ok(Self { hash: app.hasher().hash(effective, app.random()).await?, keep_history })
    }
}

fn policy_of<'a>(call: &'a Call, user: &User) -> Result<&'a PasswordPolicy, Fault> {
    call.tenant
        .connection(&user.connection_id)
        .map(|connection| &connection.options.password)
        .ok_or_else(|| Fault::new(format!("user {} has no connection", user.id)))
}

async fn was_used(
    app: &App,
    call: &Call,
    user: &User,
    policy: &PasswordPolicy,
    effective: &str,
) -> Result<bool, Fault> {
    let size = policy.history.size.clamp(1, 24);
    let mut tx = app.read(&call.tenant.id).await?;
    let former = tx.password_history(&user.id, size).await?;
    drop(tx);
    for hash in former {
        let hash = known(app, call, &user.id, hash)?;
        if app.hasher().verify(effective, Some(hash)).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A stored hash, ready to be checked.
fn known(app: &App, call: &Call, user: &UserId, stored: String) -> Result<KnownHash, Fault> {
    let imported = ImportedHash::open(&stored, &call.tenant.id, user, app.sealer())?;
    Ok(imported.map_or(KnownHash::Own(stored), |hash| KnownHash::Imported(Box::new(hash))))
}

/// Whether `password` is the one behind a user's stored hash; takes as long when there is none. It is
/// checked as the connection's `policy` shortens it. A right password that another system hashed is
/// hashed anew. A wrong one keeps the turn until it was counted.
///
/// # Errors
/// If the stored hash does not open, or the new one cannot be stored.
pub async fn is_right(
    app: &App,
    call: &Call,
    turn: Turn<'_>,
    policy: &PasswordPolicy,
    password: &str,
    stored: Option<(&UserId, &str)>,
) -> Result<(bool, Option<Held>), Fault> {
    let effective = policy.effective(password);
    let Some((user, stored)) = stored else {
        let (right, held) = turn.verify(effective, None).await?;
        return Ok((right, Some(held)));
    };
    let hash = known(app, call, user, stored.to_owned())?;
    let is_imported = matches!(hash, KnownHash::Imported(_));
    // The other system did not know how this one shortens passwords.
    let presented = if is_imported { password } else { effective };
    let (right, held) = turn.verify(presented, Some(hash)).await?;
    if right && is_imported {
        // The new hash waits for a turn of its own.
        drop(held);
        let own = app.hasher().hash(effective, app.random()).await?;
        let mut tx = app.write(&call.tenant.id).await?;
        tx.rehash_password(user, stored, &own).await?;
        tx.commit().await?;
        return Ok((right, None));
    }
    Ok((right, Some(held)))
}

/// Stores the password, ends what was signed in with the old one, and tells the person.
///
/// Sessions end, and so do logins under way; authorizations without refresh tokens end with them, those with refresh tokens
/// where the tenant says so. `except` is the authorization that made the change.
///
/// # Errors
/// If something cannot be stored.
pub async fn store_password(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    user: &User,
    new: &NewPassword,
    except: Option<&FamilyId>,
) -> Result<(), Fault> {
    tx.set_password(&user.id, &new.hash, new.keep_history, call.now).await?;
    end_all(app, (&call.tenant, call.now), tx, &user.id, Ending::PasswordChanged).await?;
    tx.sign_out_everywhere(&user.id, call.now).await?;
    tx.forget_browsers(&user.id).await?;
    let offline_too = call.tenant.settings.revoke_refresh_tokens_on_password_change;
    tx.revoke_families_of(&user.id, offline_too, except, call.now).await?;
    tell(app, call, tx, user, Happened::PasswordChanged, None).await
}
