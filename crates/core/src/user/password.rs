//! Changing a password: the one way in which a new password comes to be, from every door.

use crate::account::notify::tell;
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::factor::password::{Broken, PasswordPolicy};
use crate::id::FamilyId;
use crate::message::Happened;
use crate::port::Tx;
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
        if app.hasher().verify(effective, Some(&hash)).await? {
            return Ok(true);
        }
    }
    Ok(false)
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
    tx.delete_sessions_of(&user.id, None).await?;
    tx.sign_out_everywhere(&user.id, call.now).await?;
    tx.forget_browsers(&user.id).await?;
    let offline_too = call.tenant.settings.revoke_refresh_tokens_on_password_change;
    tx.revoke_families_of(&user.id, offline_too, except, call.now).await?;
    tell(app, call, tx, user, Happened::PasswordChanged, None).await
}
