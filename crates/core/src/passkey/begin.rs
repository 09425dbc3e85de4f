//! `POST /passkey/register` and `POST /passkey/challenge`: apps begin a ceremony on a page of their
//! own (contract 04 §10.2, §10.3).

use std::sync::Arc;

use serde_json::{Map, json};

use super::profile::check_profile;
use super::{Ceremony, PasskeyState, PasskeyTransaction};
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, ClientAuthError, ClientCredentials, GrantType, authenticate};
use crate::connection::Connection;
use crate::error::Fault;
use crate::factor::webauthn::{
    CHALLENGE_LIFETIME, Callers, Challenge, CreationOptions, Purpose, RelyingParty, RequestOptions,
};
use crate::guard::Limit;
use crate::id::UserId;
use crate::log::{LogKind, LogSubject, record};
use crate::port::StoreError;
use crate::secret::{Handle, HandleHash};
use crate::user::Profile;

/// Ceremonies begun from one address.
const BEGINNINGS: Limit = Limit { requests: 100, period_ms: 60_000 };
/// The grant type as clients are allowed it.
pub(crate) const GRANT_TYPE: &str = "urn:okta:params:oauth:grant-type:webauthn";

/// What a request of either kind may name.
#[derive(Clone, Debug, Default)]
pub struct Realm {
    /// `realm`: the connection.
    pub connection: Option<String>,
    /// `organization`.
    pub organization: Option<String>,
}

/// A begun ceremony.
#[derive(Debug)]
pub struct Begun<O> {
    /// Finishes it.
    pub auth_session: Handle,
    /// `authn_params_public_key`.
    pub options: O,
}

/// Why none was begun.
#[derive(Debug)]
pub enum BeginError {
    /// No `client_id`.
    ClientMissing,
    /// Unknown client or wrong secret.
    ClientRefused,
    /// The client may not use passkeys this way.
    NotAllowed,
    /// Something about the request; what.
    Invalid(String),
    /// Too many from one address.
    TooMany,
    /// Not the client's fault.
    Fault(Fault),
}

impl From<Fault> for BeginError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for BeginError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<ClientAuthError> for BeginError {
    fn from(error: ClientAuthError) -> Self {
        match error {
            ClientAuthError::Missing => Self::ClientMissing,
            ClientAuthError::Malformed(_) | ClientAuthError::Refused => Self::ClientRefused,
            ClientAuthError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// The outcome, with the client as far as it is known: who may read the answer depends on it.
pub struct Beginning<O> {
    /// The client, once authenticated.
    pub client: Option<Arc<Client>>,
    /// The options, or why not.
    pub outcome: Result<Begun<O>, BeginError>,
}

/// Begins signing somebody up. The account is made once the passkey is.
pub async fn begin_registration(
    app: &App,
    call: &Call,
    credentials: &ClientCredentials,
    realm: &Realm,
    profile: Profile,
) -> Beginning<CreationOptions> {
    let client = match authenticate(app, call, credentials).await {
        Ok(client) => client,
        Err(error) => return Beginning { client: None, outcome: Err(error.into()) },
    };
    let outcome = registration(app, call, &client, realm, profile).await;
    let outcome = logged(app, call, &client, "register", outcome).await;
    Beginning { client: Some(client), outcome }
}

/// Begins signing somebody in who has a passkey.
pub async fn begin_login(
    app: &App,
    call: &Call,
    credentials: &ClientCredentials,
    realm: &Realm,
) -> Beginning<RequestOptions> {
    let client = match authenticate(app, call, credentials).await {
        Ok(client) => client,
        Err(error) => return Beginning { client: None, outcome: Err(error.into()) },
    };
    let outcome = login(app, call, &client, realm).await;
    let outcome = logged(app, call, &client, "login", outcome).await;
    Beginning { client: Some(client), outcome }
}

async fn registration(
    app: &App,
    call: &Call,
    client: &Client,
    realm: &Realm,
    profile: Profile,
) -> Result<Begun<CreationOptions>, BeginError> {
    let connection = admitted(app, call, client, realm)?;
    check_profile(connection, &profile).map_err(|text| BeginError::Invalid(text.to_owned()))?;
    let mut tx = app.read(&call.tenant.id).await?;
    for identifier in profile.identifiers() {
        if tx.user_by_identifier(&connection.id, &identifier).await?.is_some() {
            return Err(BeginError::Invalid("The user already exists.".to_owned()));
        }
    }
    drop(tx);
    let user_id = UserId::generate(app.random());
    let party = RelyingParty::of(call, Callers::Client(client));
    let auth_session = Handle::generate(app.random());
    let challenge = challenge(app, call, &auth_session.hash(), Purpose::Create, &party);
    let options = CreationOptions::new(&party, &party.id, challenge, user_id.as_str(), &profile);
    let ceremony = Ceremony::Register { user_id, profile: Box::new(profile) };
    store(app, call, client, connection, &auth_session, ceremony).await?;
    Ok(Begun { auth_session, options })
}

async fn login(
    app: &App,
    call: &Call,
    client: &Client,
    realm: &Realm,
) -> Result<Begun<RequestOptions>, BeginError> {
    let connection = admitted(app, call, client, realm)?;
    let party = RelyingParty::of(call, Callers::Client(client));
    let auth_session = Handle::generate(app.random());
    let challenge = challenge(app, call, &auth_session.hash(), Purpose::Get, &party);
    store(app, call, client, connection, &auth_session, Ceremony::Login).await?;
    Ok(Begun { auth_session, options: RequestOptions { challenge, rp_id: party.id } })
}

/// The connection, if the client and whoever asks may use passkeys there.
fn admitted<'a>(
    app: &App,
    call: &'a Call,
    client: &Client,
    realm: &Realm,
) -> Result<&'a Connection, BeginError> {
    let bucket = format!("passkey|{}|{}", call.tenant.id, call.ip);
    if app.limiter().take(bucket, BEGINNINGS, call.now).is_some_and(|decision| !decision.allowed) {
        return Err(BeginError::TooMany);
    }
    let settings = &client.settings;
    if !settings.is_first_party || !settings.grant_types.contains(&GrantType::Webauthn) {
        return Err(BeginError::NotAllowed);
    }
    if let Some(organization) = &realm.organization {
        let text = format!("parameter organization is invalid: {organization}");
        return Err(BeginError::Invalid(text));
    }
    let connection = match realm.connection.as_deref() {
        Some(name) => call.tenant.connection_named(name).filter(|own| own.serves(&client.id)),
        None => call.tenant.default_connection(&client.id),
    };
    let connection = connection
        .ok_or_else(|| BeginError::Invalid("The realm is not enabled for the client.".into()))?;
    if !connection.options.passkey.enabled {
        let text = "Passkeys are not enabled for the connection.";
        return Err(BeginError::Invalid(text.to_owned()));
    }
    Ok(connection)
}

fn challenge(
    app: &App,
    call: &Call,
    session: &HandleHash,
    purpose: Purpose,
    party: &RelyingParty<'_>,
) -> String {
    let expires_at = call.now.plus_seconds(CHALLENGE_LIFETIME);
    challenge_of(app, call, session, purpose).issue(party, expires_at)
}

/// The challenge of an `auth_session`.
pub(crate) fn challenge_of<'a>(
    app: &'a App,
    call: &'a Call,
    session: &'a HandleHash,
    purpose: Purpose,
) -> Challenge<'a> {
    Challenge {
        sealer: app.sealer(),
        tenant: &call.tenant.id,
        table: "passkey_transactions",
        session: session.as_str(),
        purpose,
    }
}

async fn store(
    app: &App,
    call: &Call,
    client: &Client,
    connection: &Connection,
    auth_session: &Handle,
    ceremony: Ceremony,
) -> Result<(), BeginError> {
    let transaction = PasskeyTransaction {
        handle: auth_session.hash(),
        state: PasskeyState {
            client_id: client.id.clone(),
            issuer: call.issuer.clone(),
            connection_id: connection.id.clone(),
            ceremony,
        },
        expires_at: call.now.plus_seconds(CHALLENGE_LIFETIME),
    };
    let mut tx = app.write_passing(&call.tenant.id).await?;
    tx.insert_passkey_transaction(&transaction).await?;
    tx.commit().await?;
    Ok(())
}

async fn logged<O>(
    app: &App,
    call: &Call,
    client: &Client,
    purpose: &str,
    outcome: Result<O, BeginError>,
) -> Result<O, BeginError> {
    let kind = match &outcome {
        Ok(_) => LogKind::PasskeyChallengeStarted,
        // Whoever asks too often should not fill the log, too.
        Err(BeginError::TooMany | BeginError::Fault(_)) => return outcome,
        Err(_) => LogKind::PasskeyChallengeFailed,
    };
    let mut details = Map::new();
    details.insert("purpose".into(), json!(purpose));
    let subject = LogSubject { client: Some(&client.id), ..LogSubject::default() };
    let mut tx = app.write(&call.tenant.id).await?;
    record(app, call, &mut *tx, kind, subject, details).await?;
    tx.commit().await?;
    outcome
}
