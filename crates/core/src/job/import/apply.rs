//! A user of a file becomes a user.

use super::user::{ImportedFactor, ImportedUser};
use super::{ImportTask, StepError};
use crate::app::App;
use crate::document::Flaw;
use crate::factor::password::imported::ImportedHash;
use crate::factor::phone::PhoneChannel;
use crate::factor::{AuthenticationMethod, MethodKind};
use crate::id::{MethodId, TenantId, UserId};
use crate::port::{Account, StoreError, Tx};
use crate::session::{Ending, end_all};
use crate::tenant::LoadedTenant;
use crate::time::Timestamp;
use crate::user::{Profile, User};

/// What became of a user of a file.
pub(super) enum Put {
    Inserted,
    Updated,
    Refused(Vec<Flaw>),
}

/// Who is there already.
enum Present {
    Nobody,
    One(UserId),
    /// More than one, or somebody the description does not fit.
    Others,
}

/// Adds a user, or changes the one who is there.
pub(super) async fn put(
    app: &App,
    tenant: &LoadedTenant,
    tx: &mut dyn Tx,
    task: &ImportTask,
    user: &ImportedUser,
    now: Timestamp,
) -> Result<Put, StepError> {
    match present(tx, task, user).await? {
        Present::Nobody => {
            insert(app, &tenant.id, tx, task, user, now).await?;
            Ok(Put::Inserted)
        }
        Present::One(id) if task.upsert => {
            let Some(account) = tx.account_of(&id).await? else { return Ok(duplicate()) };
            update(app, tenant, tx, &account, user, now).await?;
            Ok(Put::Updated)
        }
        Present::One(_) | Present::Others => Ok(duplicate()),
    }
}

fn duplicate() -> Put {
    Put::Refused(vec![Flaw::new("DUPLICATED_USER", "The user already exists.", "")])
}

/// Looks for everybody of that id or one of these names; a name taken in between is a conflict.
async fn present(
    tx: &mut dyn Tx,
    task: &ImportTask,
    user: &ImportedUser,
) -> Result<Present, StoreError> {
    let mut found: Option<User> = match &user.id {
        Some(id) => tx.user(id).await?,
        None => None,
    };
    for identifier in user.profile.identifiers() {
        let named = tx.user_by_identifier(&task.connection_id, &identifier).await?;
        let Some((named, _)) = named else { continue };
        if found.as_ref().is_some_and(|other| other.id != named.id) {
            return Ok(Present::Others);
        }
        found = Some(named);
    }
    let Some(found) = found else { return Ok(Present::Nobody) };
    let fits = found.connection_id == task.connection_id
        && user.id.as_ref().is_none_or(|id| *id == found.id);
    Ok(if fits { Present::One(found.id) } else { Present::Others })
}

async fn insert(
    app: &App,
    tenant: &TenantId,
    tx: &mut dyn Tx,
    task: &ImportTask,
    imported: &ImportedUser,
    now: Timestamp,
) -> Result<(), StepError> {
    let user = User {
        id: imported.id.clone().unwrap_or_else(|| UserId::generate(app.random())),
        connection_id: task.connection_id.clone(),
        profile: Profile {
            email_verified: imported.email_verified.unwrap_or_default(),
            phone_verified: imported.phone_verified.unwrap_or_default(),
            ..imported.profile.clone()
        },
        blocked: imported.blocked.unwrap_or_default(),
        created_at: now,
        updated_at: now,
    };
    tx.insert_user(&user).await?;
    if let Some(hash) = &imported.hash {
        let sealed = hash.seal(tenant, &user.id, app.sealer(), app.random())?;
        tx.set_password(&user.id, &sealed, 0, now).await?;
    }
    for factor in &imported.factors {
        add_factor(app, tenant, tx, &user.id, factor, now).await?;
    }
    Ok(())
}

/// Changes everything but the mail address, a password that is Housekey's own, and factors of a kind
/// that is there (contract 05 §9.4).
async fn update(
    app: &App,
    tenant: &LoadedTenant,
    tx: &mut dyn Tx,
    account: &Account,
    imported: &ImportedUser,
    now: Timestamp,
) -> Result<(), StepError> {
    let user = &account.user;
    let profile = merged(&user.profile, imported);
    if profile != user.profile {
        tx.update_profile(user, &profile, now).await?;
    }
    if let Some(blocked) = imported.blocked.filter(|blocked| *blocked != user.blocked) {
        tx.set_blocked(&user.id, blocked, now).await?;
        if blocked {
            end_all(app, (tenant, now), tx, &user.id, Ending::SessionRevoked).await?;
            tx.sign_out_everywhere(&user.id, now).await?;
            tx.revoke_families_of(&user.id, true, None, now).await?;
        }
    }
    let stored = account.password.as_ref().map(|password| password.hash.as_str());
    if let (true, Some(hash), Some(stored)) = (
        imported.replaces_hash,
        &imported.hash,
        stored.filter(|stored| ImportedHash::is_one(stored)),
    ) {
        let sealed = hash.seal(&tenant.id, &user.id, app.sealer(), app.random())?;
        tx.rehash_password(&user.id, stored, &sealed).await?;
    }
    for factor in &imported.factors {
        let kind = factor.factor();
        let has = account.methods.iter().any(|own| own.confirmed && own.kind.factor() == kind);
        if !has {
            add_factor(app, &tenant.id, tx, &user.id, factor, now).await?;
        }
    }
    Ok(())
}

/// A profile with what is new in it; members of metadata are replaced one by one.
fn merged(before: &Profile, imported: &ImportedUser) -> Profile {
    let (mut after, new) = (before.clone(), imported.profile.clone());
    after.email_verified = imported.email_verified.unwrap_or(before.email_verified);
    let has_new_number = new.phone_number.is_some() && new.phone_number != before.phone_number;
    after.phone_verified =
        imported.phone_verified.unwrap_or(before.phone_verified && !has_new_number);
    for (place, value) in [
        (&mut after.username, new.username),
        (&mut after.phone_number, new.phone_number),
        (&mut after.name, new.name),
        (&mut after.nickname, new.nickname),
        (&mut after.given_name, new.given_name),
        (&mut after.family_name, new.family_name),
        (&mut after.picture, new.picture),
    ] {
        if value.is_some() {
            *place = value;
        }
    }
    after.user_metadata.extend(new.user_metadata);
    after.app_metadata.extend(new.app_metadata);
    after
}

async fn add_factor(
    app: &App,
    tenant: &TenantId,
    tx: &mut dyn Tx,
    user: &UserId,
    factor: &ImportedFactor,
    now: Timestamp,
) -> Result<(), StepError> {
    let id = MethodId::generate(app.random());
    let kind = match factor {
        ImportedFactor::Email(address) => MethodKind::Email { address: address.clone() },
        ImportedFactor::Phone(number) => {
            MethodKind::Phone { number: number.clone(), channel: PhoneChannel::Sms }
        }
        ImportedFactor::Totp(secret) => secret.kind(tenant, &id, app.sealer(), app.random())?,
    };
    let method = AuthenticationMethod {
        id,
        user_id: user.clone(),
        kind,
        name: None,
        confirmed: true,
        created_at: now,
        last_auth_at: None,
    };
    Ok(tx.insert_method(&method).await?)
}
