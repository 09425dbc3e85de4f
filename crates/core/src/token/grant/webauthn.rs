//! `urn:okta:params:oauth:grant-type:webauthn`: tokens for a passkey that was used, or made, on an
//! app's own page (contract 04 §10.4).

use super::sign_in::{SignedIn, issue, log};
use super::target::{Unnamed, refuse_organization, requested};
use super::{GrantError, TokenRequest};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::connection::Connection;
use crate::factor::webauthn::{
    AuthenticationResponse, Callers, CreationOptions, Purpose, RegistrationResponse, RelyingParty,
    register,
};
use crate::id::UserId;
use crate::log::LogKind;
use crate::login::may_sign_up;
use crate::mfa::{FirstGrant, SignIn};
use crate::passkey::{
    Ceremony, PasskeyState, SignInError, SignUpError, SignedIn as SignedInUser, challenge_of,
    sign_in, sign_up,
};
use crate::port::Tx;
use crate::secret::{Handle, HandleHash};
use crate::token::TokenResponse;
use crate::token::dpop::{Proof, bind};
use crate::user::Profile;

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
    let (audience, scope) = requested(call, client, request, Unnamed::None)?;
    let api = audience.as_ref().and_then(|own| own.api(call));
    // Asked before anything is used up.
    bind(client, api, proof)?;
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
            let failed = (LogKind::PasswordExchangeFailed, Some(FirstGrant::Passkey));
            log(app, call, &mut *tx, client, None, failed).await?;
            tx.commit().await?;
            return Err(error);
        }
    };
    let SignedInUser { user, event, .. } = signed_in;
    let sign_in = SignIn { grant: FirstGrant::Passkey, audience, scope, events: vec![event] };
    let success = LogKind::PasswordExchange;
    issue(app, call, tx, SignedIn { client, user: &user, sign_in, proof, success }).await
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
    refuse_organization(request)?;
    Ok((Handle::presented(session).hash(), response))
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
) -> Result<SignedInUser, GrantError> {
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
) -> Result<SignedInUser, GrantError> {
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
) -> Result<SignedInUser, GrantError> {
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
