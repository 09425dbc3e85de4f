//! `urn:okta:params:oauth:grant-type:webauthn`: tokens for a passkey that was used, or made, on an
//! app's own page (contract 04 §10.4).

use serde_json::{Map, json};

use super::family::{NewFamily, open_family};
use super::{GrantError, TokenRequest};
use crate::access::{granted, permissions};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::connection::Connection;
use crate::factor::webauthn::{
    AuthenticationResponse, Callers, CreationOptions, Purpose, RegistrationResponse, RelyingParty,
    register,
};
use crate::id::{FamilyId, UserId};
use crate::log::{LogKind, LogSubject, record};
use crate::login::may_sign_up;
use crate::mfa::Unassured;
use crate::mfa::grant::{Moment, assure};
use crate::passkey::{
    Ceremony, GRANT_TYPE, PasskeyState, SignInError, SignUpError, SignedIn, challenge_of, sign_in,
    sign_up,
};
use crate::port::Tx;
use crate::scope::ScopeSet;
use crate::secret::{Handle, HandleHash};
use crate::token::dpop::{Binding, Proof, bind};
use crate::token::{Audience, Issued, TokenResponse};
use crate::user::{Profile, User};

/// `authn_response`, by the ceremony it ends.
#[derive(Clone, Debug)]
pub enum PasskeyResponse {
    /// A passkey was used.
    Login(AuthenticationResponse),
    /// A passkey was made.
    Registration(RegistrationResponse),
    /// It cannot be read; why.
    Unreadable(String),
}

/// Exchanges an answer. Whatever is wrong with it, the `auth_session` is used up.
pub(super) async fn exchange(
    app: &App,
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    proof: Option<&Proof>,
) -> Result<TokenResponse, GrantError> {
    let (session, response) = sent(request)?;
    let (audience, scope) = requested(call, client, request)?;
    let api = audience.as_ref().and_then(|own| own.api(call));
    let binding = bind(client, api, proof)?;
    let mut tx = app.write(&call.tenant.id).await?;
    if let Some(proof) = proof {
        proof.spend(call, &mut *tx).await?;
    }
    let spent = tx.spend_passkey_transaction(&session).await?;
    let spent = spent.ok_or(GrantError::InvalidPasskeySession)?;
    let in_time = call.now < spent.expires_at;
    let outcome = match own_connection(call, client, request, &spent.state) {
        Ok(connection) if in_time => {
            let ceremony = Answer { client, connection, session: &session, response };
            settle(app, call, &mut *tx, &ceremony, spent.state.ceremony).await
        }
        Ok(_) => Err(GrantError::InvalidPasskeySession),
        Err(error) => Err(error),
    };
    let signed_in = match outcome {
        Ok(signed_in) => signed_in,
        // The database refuses more in this transaction, and nothing else would come of a retry.
        Err(error @ (GrantError::UserExists | GrantError::Fault(_))) => return Err(error),
        Err(error) => {
            log(app, call, &mut *tx, client, None, LogKind::PasswordExchangeFailed).await?;
            tx.commit().await?;
            return Err(error);
        }
    };
    let for_api = Target { audience, scope, binding };
    issue(app, call, client, tx, &signed_in, for_api).await
}

/// What the tokens are for.
struct Target<'a> {
    audience: Option<Audience>,
    scope: ScopeSet,
    binding: Option<&'a Binding>,
}

async fn issue(
    app: &App,
    call: &Call,
    client: &Client,
    mut tx: Box<dyn Tx>,
    signed_in: &SignedIn,
    target: Target<'_>,
) -> Result<TokenResponse, GrantError> {
    let Target { audience, scope, binding } = target;
    let user = &signed_in.user;
    let api = audience.as_ref();
    let api = api.and_then(|audience| call.tenant.resource_server(&audience.resource_server_id));
    let events = vec![signed_in.event.clone()];
    // A passkey is a first factor and no second one (contract 04 §10.9).
    let assured = match assure(call, &mut *tx, api, user, &events, Moment::SignIn).await {
        Ok(assured) => assured,
        Err(Unassured::Fault(fault)) => return Err(fault.into()),
        Err(unassured) => {
            log(app, call, &mut *tx, client, Some(user), LogKind::MfaRequired).await?;
            tx.commit().await?;
            app.nudge_outbox();
            return Err(unassured.into());
        }
    };
    let permissions = permissions(&mut *tx, api, &user.id).await?;
    let scope = granted(call, client, api, &scope, permissions.as_ref())
        .map_err(|_| GrantError::NotAuthorized { audience: value_of(audience.as_ref()) })?;
    let new = NewFamily {
        id: FamilyId::generate(app.random()),
        user_id: &user.id,
        session_id: None,
        audience: audience.as_ref(),
        scope: &scope,
        events,
        binding,
    };
    let (family, refresh_token) = open_family(app, call, &mut *tx, client, new).await?;
    tx.count_login(&user.id, &call.ip, call.now).await?;
    log(app, call, &mut *tx, client, Some(user), LogKind::PasswordExchange).await?;
    tx.commit().await?;
    app.nudge_outbox();
    let issued = Issued {
        client,
        user,
        family: &family,
        audience: audience.as_ref(),
        scope,
        permissions,
        nonce: None,
        auth_time: client.settings.require_auth_time.then_some(call.now),
        sid: None,
        grant: Some(GRANT_TYPE),
        refresh_token,
        binding,
        assured,
        multi_factor: false,
    };
    Ok(issued.sign(app, call)?)
}

fn value_of(audience: Option<&Audience>) -> String {
    audience.map(|audience| audience.value.clone()).unwrap_or_default()
}

/// The parameters nothing can be done without.
fn sent(request: &TokenRequest) -> Result<(HandleHash, &PasskeyResponse), GrantError> {
    let session =
        request.auth_session.as_deref().ok_or(GrantError::MissingParameter("auth_session"))?;
    let response =
        request.authn_response.as_ref().ok_or(GrantError::MissingParameter("authn_response"))?;
    if let PasskeyResponse::Unreadable(why) = response {
        return Err(GrantError::InvalidParameter(why.clone()));
    }
    if let Some(organization) = &request.organization {
        let text = format!("parameter organization is invalid: {organization}");
        return Err(GrantError::InvalidParameter(text));
    }
    Ok((Handle::presented(session).hash(), response))
}

/// The API and what of the requested scopes the client gets there.
fn requested(
    call: &Call,
    client: &Client,
    request: &TokenRequest,
) -> Result<(Option<Audience>, ScopeSet), GrantError> {
    let named = request.audience.as_deref().or(call.tenant.settings.default_audience.as_deref());
    let api = named
        .map(|audience| {
            let api = call.tenant.api_for(audience, &call.issuer, &call.canonical_issuer());
            api.ok_or_else(|| GrantError::UnknownAudience { audience: audience.to_owned() })
        })
        .transpose()?;
    let scope = ScopeSet::parse(request.scope.as_deref().unwrap_or_default());
    let scope = granted(call, client, api, &scope, None).map_err(|_| {
        GrantError::NotAuthorized { audience: named.unwrap_or_default().to_owned() }
    })?;
    let audience = api.zip(named).map(|(api, value)| Audience {
        resource_server_id: api.id.clone(),
        value: value.to_owned(),
    });
    Ok((audience, scope))
}

/// The connection of a ceremony that this client began on this host.
fn own_connection<'a>(
    call: &'a Call,
    client: &Client,
    request: &TokenRequest,
    state: &PasskeyState,
) -> Result<&'a Connection, GrantError> {
    if state.client_id != client.id || state.issuer != call.issuer {
        return Err(GrantError::InvalidPasskeySession);
    }
    let connection = call.tenant.connection(&state.connection_id);
    let connection = connection
        .filter(|own| own.serves(&client.id) && own.options.passkey.enabled)
        .ok_or(GrantError::InvalidPasskeySession)?;
    match request.realm.as_deref() {
        Some(realm) if realm != connection.name => {
            Err(GrantError::InvalidParameter("The realm is not that of auth_session.".to_owned()))
        }
        _ => Ok(connection),
    }
}

/// An answer with what it is checked against.
struct Answer<'a> {
    client: &'a Client,
    connection: &'a Connection,
    session: &'a HandleHash,
    response: &'a PasskeyResponse,
}

async fn settle(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    answer: &Answer<'_>,
    ceremony: Ceremony,
) -> Result<SignedIn, GrantError> {
    match (ceremony, answer.response) {
        (Ceremony::Login, PasskeyResponse::Login(response)) => {
            use_passkey(app, call, tx, answer, response).await
        }
        (Ceremony::Register { user_id, profile }, PasskeyResponse::Registration(response)) => {
            make_passkey(app, call, tx, answer, (user_id, *profile), response.clone()).await
        }
        _ => Err(GrantError::InvalidParameter(
            "authn_response does not belong to auth_session.".to_owned(),
        )),
    }
}

async fn use_passkey(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    answer: &Answer<'_>,
    response: &AuthenticationResponse,
) -> Result<SignedIn, GrantError> {
    let party = RelyingParty::of(call, Callers::Client(answer.client));
    let challenge = challenge_of(app, call, answer.session, Purpose::Get);
    let is_challenge = |presented: &str| challenge.check(&party, presented, call.now);
    let connection = answer.connection;
    match sign_in(call, tx, connection, &party, is_challenge, response).await {
        Ok(signed_in) => Ok(signed_in),
        Err(SignInError::Unknown) => Err(GrantError::UnknownPasskey),
        Err(SignInError::Refused(refusal, _)) => Err(GrantError::PasskeyRefused(refusal)),
        Err(SignInError::Blocked) => Err(GrantError::UserBlocked),
        Err(SignInError::Fault(fault)) => Err(fault.into()),
    }
}

async fn make_passkey(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    answer: &Answer<'_>,
    (user_id, profile): (UserId, Profile),
    response: RegistrationResponse,
) -> Result<SignedIn, GrantError> {
    let party = RelyingParty::of(call, Callers::Client(answer.client));
    let challenge = challenge_of(app, call, answer.session, Purpose::Create);
    let is_challenge = |presented: &str| challenge.check(&party, presented, call.now);
    let handle = CreationOptions::user_handle(user_id.as_str());
    let credential =
        register(&party, is_challenge, &handle, response).map_err(GrantError::PasskeyRefused)?;
    if answer.connection.options.disable_signup {
        let text = "Signups are disabled for the connection.";
        return Err(GrantError::InvalidParameter(text.to_owned()));
    }
    if !may_sign_up(app, call) {
        return Err(GrantError::TooMany);
    }
    let id = &answer.connection.id;
    match sign_up(app, call, tx, answer.client, id, (user_id, profile), credential).await {
        Ok(signed_in) => Ok(signed_in),
        Err(SignUpError::Taken) => Err(GrantError::UserExists),
        Err(SignUpError::Fault(fault)) => Err(fault.into()),
    }
}

async fn log(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    client: &Client,
    user: Option<&User>,
    kind: LogKind,
) -> Result<(), GrantError> {
    let subject = LogSubject { client: Some(&client.id), user, name: None };
    let mut details = Map::new();
    details.insert("authentication_methods".into(), json!(["passkey"]));
    Ok(record(app, call, tx, kind, subject, details).await?)
}
