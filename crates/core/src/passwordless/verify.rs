//! Taking a code: from then on somebody is signed in, and has an account if they had none.

use serde_json::{Map, json};

use super::{MAX_ATTEMPTS, address, connection_of, name_of, user_id};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::connection::{Connection, Passwordless};
use crate::error::Fault;
use crate::factor::{FactorType, code};
use crate::id::UserId;
use crate::log::{LogKind, LogSubject, record};
use crate::login::may_sign_up;
use crate::port::{StoreError, Tx};
use crate::session::{MethodEvent, Usage};
use crate::user::{Identifier, Profile, User};

/// Why nobody was signed in.
#[derive(Debug)]
pub(crate) enum VerifyError {
    /// The realm is none of this kind.
    UnknownRealm,
    /// The code is wrong, used, over, or nobody's.
    Wrong(Passwordless),
    /// The user is blocked.
    Blocked,
    /// Too many new accounts.
    TooMany,
    /// Not the person's fault.
    Fault(Fault),
}

impl From<Fault> for VerifyError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for VerifyError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Takes a code in the caller's transaction, which is to be committed whatever comes of it: a wrong
/// one is counted.
pub(crate) async fn verify(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    client: &Client,
    (realm, username, otp): (&str, &str, &str),
) -> Result<(User, MethodEvent, Passwordless), VerifyError> {
    let found = connection_of(call, client, realm).ok_or(VerifyError::UnknownRealm)?;
    let (connection, kind) = found;
    let wrong = || VerifyError::Wrong(kind);
    let address = address(kind, username).ok_or_else(wrong)?;
    let name = name_of(client, connection, &address);
    // The try is counted before it is looked at: of many at once no more count than one by one.
    let mac = tx.try_passwordless_code(&name, MAX_ATTEMPTS, call.now).await?.ok_or_else(wrong)?;
    if !code::matches(call.tenant.id.as_str(), &name, app.sealer(), otp.trim(), &mac) {
        return Err(wrong());
    }
    tx.delete_passwordless_code(&name).await?;
    let user = match tx.user_by_identifier(&connection.id, &address).await? {
        Some((user, _)) if user.blocked => return Err(VerifyError::Blocked),
        Some((user, _)) => verified(call, tx, user, kind).await?,
        None if connection.options.disable_signup => return Err(wrong()),
        None if !may_sign_up(app, call) => return Err(VerifyError::TooMany),
        None => sign_up(app, call, tx, client, found, &address).await?,
    };
    let factor = match kind {
        Passwordless::Email => FactorType::Email,
        Passwordless::Sms => FactorType::Phone,
    };
    Ok((user, MethodEvent { usage: Usage::Primary, factor, at: call.now }, kind))
}

/// Whoever typed the code has shown to get what is sent there.
async fn verified(
    call: &Call,
    tx: &mut dyn Tx,
    mut user: User,
    kind: Passwordless,
) -> Result<User, StoreError> {
    let mut profile = user.profile.clone();
    match kind {
        Passwordless::Email => profile.email_verified = true,
        Passwordless::Sms => profile.phone_verified = true,
    }
    if profile != user.profile {
        tx.update_profile(&user, &profile, call.now).await?;
        user.profile = profile;
    }
    Ok(user)
}

async fn sign_up(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    client: &Client,
    (connection, kind): (&Connection, Passwordless),
    address: &Identifier,
) -> Result<User, VerifyError> {
    let value = address.value().to_owned();
    let profile = match kind {
        Passwordless::Email => {
            Profile { email: Some(value), email_verified: true, ..Profile::default() }
        }
        Passwordless::Sms => {
            Profile { phone_number: Some(value), phone_verified: true, ..Profile::default() }
        }
    };
    let own = user_id(app, call, (connection, kind), address);
    // Somebody who had this address before may have another by now, and goes on being who they are.
    let id = match tx.user(&own).await? {
        None => own,
        Some(_) => UserId::from_raw(format!("{}|{}", kind.as_str(), app.random().hex(12))),
    };
    let user = User {
        id,
        connection_id: connection.id.clone(),
        profile,
        blocked: false,
        created_at: call.now,
        updated_at: call.now,
    };
    tx.insert_user(&user).await?;
    let subject = LogSubject { client: Some(&client.id), user: Some(&user), name: None };
    let mut details = Map::new();
    details.insert("authentication_methods".into(), json!([kind.as_str()]));
    record(app, call, tx, LogKind::Signup, subject, details).await?;
    Ok(user)
}
