//! `POST /passwordless/start`: send a code.

use std::sync::Arc;

use serde_json::{Map, json};

use super::{PasswordlessCode, address, connection_of, name_of, user_id};
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, ClientAuthError, ClientCredentials, GrantType, authenticate};
use crate::connection::{Connection, Passwordless};
use crate::error::Fault;
use crate::factor::code;
use crate::factor::phone::{PhoneChannel, PhoneNumber};
use crate::guard::Limit;
use crate::guard::stored::{self, Counter};
use crate::log::{LogKind, LogSubject, record};
use crate::message::{Addressee, Delivery, Message, QueuedMessage, deliver_now, hold, queue};
use crate::port::{StoreError, Tx};
use crate::user::Identifier;

/// How often one address may ask (contract 04 §11.3).
const STARTS: Limit = Limit { requests: 50, period_ms: 3_600_000 };

/// Where a code is to go.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// `connection`.
    pub connection: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// `phone_number`.
    pub phone_number: Option<String>,
    /// `send`.
    pub send: Option<String>,
}

/// A code is on its way, if there is anybody it can be for.
#[derive(Debug)]
pub struct Started {
    /// The part of the person's id behind the provider.
    pub id: String,
    /// Where it goes.
    pub address: Identifier,
}

/// Why none was sent.
#[derive(Debug)]
pub enum StartError {
    /// Something about the client.
    Client(ClientAuthError),
    /// The client may not use the grant that would follow.
    NotAllowed,
    /// Something about the request; what.
    Invalid(String),
    /// Too many, from one address or to one.
    TooMany,
    /// The provider refuses, or there is none.
    NotSent,
    /// Not the client's fault.
    Fault(Fault),
}

impl From<Fault> for StartError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// The outcome, with the application as far as it is known: who may read it depends on that.
pub struct Answer {
    /// The application.
    pub client: Option<Arc<Client>>,
    /// What came of it.
    pub outcome: Result<Started, StartError>,
}

/// Sends a code. Whether anybody has that address is not told.
pub async fn start(
    app: &App,
    call: &Call,
    credentials: &ClientCredentials,
    request: &Start,
) -> Answer {
    match authenticate(app, call, credentials).await {
        Err(error) => Answer { client: None, outcome: Err(StartError::Client(error)) },
        Ok(client) => {
            let outcome = begin(app, call, &client, request).await;
            Answer { client: Some(client), outcome }
        }
    }
}

async fn begin(
    app: &App,
    call: &Call,
    client: &Client,
    request: &Start,
) -> Result<Started, StartError> {
    if !client.settings.grant_types.contains(&GrantType::PasswordlessOtp) {
        return Err(StartError::NotAllowed);
    }
    let (connection, kind, address) = asked(call, client, request)?;
    let bucket = format!("passwordless|{}|{}", call.tenant.id, call.ip);
    if app.limiter().take(bucket, STARTS, call.now).is_some_and(|decision| !decision.allowed) {
        return Err(StartError::TooMany);
    }
    let id = user_id(app, call, (connection, kind), &address);
    let mut tx = app.write(&call.tenant.id).await?;
    if !count(app, call, &mut *tx, &address).await? {
        tx.commit().await?;
        return Err(StartError::TooMany);
    }
    let is_known = tx.user_by_identifier(&connection.id, &address).await?.is_some();
    let held = if is_known || !connection.options.disable_signup {
        send(app, call, &mut *tx, client, connection, &address).await?
    } else {
        None
    };
    tx.commit().await?;
    app.nudge_outbox();
    if let Some(held) = held {
        match deliver_now(app, &call.tenant, &held).await? {
            Delivery::Taken | Delivery::Later => {}
            Delivery::Refused | Delivery::NoRecipient => return Err(StartError::NotSent),
        }
    }
    let id = id.as_str().split_once('|').map_or_else(String::new, |(_, id)| id.to_owned());
    Ok(Started { id, address })
}

/// Where the code is to go.
fn asked<'a>(
    call: &'a Call,
    client: &Client,
    request: &Start,
) -> Result<(&'a Connection, Passwordless, Identifier), StartError> {
    let invalid = |text: &str| StartError::Invalid(text.to_owned());
    let name = request.connection.as_deref();
    let name = name.ok_or_else(|| invalid("Missing required parameter: connection"))?;
    let (connection, kind) = connection_of(call, client, name)
        .ok_or_else(|| invalid("The connection is not enabled for the client"))?;
    match request.send.as_deref() {
        None | Some("code") => {}
        Some(_) => return Err(invalid("Only codes are sent: send must be code")),
    }
    let (typed, name) = match kind {
        Passwordless::Email => (&request.email, "email"),
        Passwordless::Sms => (&request.phone_number, "phone_number"),
    };
    let typed = typed
        .as_deref()
        .ok_or_else(|| StartError::Invalid(format!("Missing required parameter: {name}")))?;
    let address =
        address(kind, typed).ok_or_else(|| StartError::Invalid(format!("{name} is invalid")))?;
    Ok((connection, kind, address))
}

async fn count(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    address: &Identifier,
) -> Result<bool, StoreError> {
    let number = PhoneNumber::from_stored(address.value());
    let counter = match &number {
        Some(number) => Counter::CallsTo(number),
        None => Counter::MailsTo(address.value()),
    };
    Ok(stored::take(app, tx, counter, call.now).await?.allowed)
}

async fn send(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    client: &Client,
    connection: &Connection,
    address: &Identifier,
) -> Result<Option<QueuedMessage>, StartError> {
    let own = connection.options.codes;
    let name = name_of(client, connection, address);
    let tenant = call.tenant.id.as_str();
    let sent = code::generate_long(tenant, &name, own.length, app.sealer(), app.random());
    let expires_at = call.now.plus_seconds(own.lifetime);
    let code = PasswordlessCode { name, mac: sent.mac, expires_at };
    tx.put_passwordless_code(&code).await?;
    let message = Message::SignInCode {
        code: sent.code,
        tenant: call.tenant.friendly_name().to_owned(),
        minutes: own.lifetime / 60,
        channel: match address {
            Identifier::Phone(_) => Some(PhoneChannel::Sms),
            Identifier::Email(_) | Identifier::Username(_) => None,
        },
    };
    let subject = LogSubject { client: Some(&client.id), user: None, name: Some(address.value()) };
    let mut details = Map::new();
    details.insert("connection".into(), json!(connection.name));
    record(app, call, tx, LogKind::SignInCodeSent, subject, details).await?;
    let to = Addressee::from(address.value()).towards(Some(&client.id));
    match address {
        Identifier::Phone(_) => {
            if call.tenant.settings.phone.provider.is_none() {
                return Err(StartError::NotSent);
            }
            Ok(Some(hold(app, call, tx, to, &message, expires_at).await?))
        }
        Identifier::Email(_) | Identifier::Username(_) => {
            queue(app, call, tx, to, &message, expires_at).await?;
            Ok(None)
        }
    }
}
