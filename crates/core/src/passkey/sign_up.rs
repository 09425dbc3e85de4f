//! A new account whose first way in is a passkey.

use serde_json::{Map, json};

use super::SignedIn;
use crate::account::passkey::new_method;
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::error::Fault;
use crate::factor::FactorType;
use crate::factor::webauthn::Credential;
use crate::id::{ConnectionId, UserId};
use crate::log::{LogKind, LogSubject, record};
use crate::login::{Recipient, send_first_link};
use crate::port::{StoreError, Tx};
use crate::session::{MethodEvent, Usage};
use crate::user::{Profile, User};

/// Why no account was made.
#[derive(Debug)]
pub(crate) enum SignUpError {
    /// Somebody has the name, or the passkey, already.
    Taken,
    /// Not the person's fault.
    Fault(Fault),
}

impl From<Fault> for SignUpError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for SignUpError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Taken,
            other => Self::Fault(other.into()),
        }
    }
}

/// Makes the account and its passkey in the caller's transaction.
pub(crate) async fn sign_up(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    client: &Client,
    connection_id: &ConnectionId,
    (id, profile): (UserId, Profile),
    credential: Credential,
) -> Result<SignedIn, SignUpError> {
    let user = User {
        id,
        connection_id: connection_id.clone(),
        profile,
        blocked: false,
        created_at: call.now,
        updated_at: call.now,
    };
    tx.insert_user(&user).await?;
    let mut method = new_method(app, call, &user.id, credential);
    method.last_auth_at = Some(call.now);
    tx.insert_method(&method).await?;
    let to = Recipient { user: &user, client: Some(&client.id), languages: None };
    send_first_link(app, call, tx, to).await?;
    let subject = LogSubject { client: Some(&client.id), user: Some(&user), name: None };
    let mut details = Map::new();
    details.insert("authentication_methods".into(), json!(["passkey"]));
    record(app, call, tx, LogKind::Signup, subject, details).await?;
    let event = MethodEvent { usage: Usage::Primary, factor: FactorType::Passkey, at: call.now };
    Ok(SignedIn { user, event, method })
}
