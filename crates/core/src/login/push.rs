//! Pushed authorization requests (RFC 9126, contract 03 §11.5): the application sends its request
//! itself, and people come with no more than a reference to it.

use std::sync::Arc;

use super::authorize::{trusted_destination, validate};
use super::{AuthorizeError, AuthorizeParams, OauthError};
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, ClientAuthError, ClientCredentials, authenticate};
use crate::error::Fault;
use crate::id::ClientId;
use crate::port::StoreError;
use crate::secret::{Handle, HandleHash};
use crate::time::Timestamp;
use crate::token::dpop::{NonceRule, PresentedProof, ProofError, verify};

/// What stands before the reference (RFC 9126 §2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// Seconds a request waits, unless the application says otherwise.
const LIFETIME: i64 = 30;
/// What authenticates the application and is no part of its request.
const AUTHENTICATION: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// A request that waits for somebody to come with it.
#[derive(Clone, Debug)]
pub struct PushedRequest {
    /// Hash of the reference.
    pub handle: HandleHash,
    /// Whose it is.
    pub client_id: ClientId,
    /// Its parameters, as sent.
    pub params: AuthorizeParams,
    /// End.
    pub expires_at: Timestamp,
}

/// Where a pushed request is found.
#[derive(Debug)]
pub struct PushedUri {
    /// `request_uri`.
    pub uri: Handle,
    /// Seconds it is good for.
    pub expires_in: i64,
}

/// Why a request was not taken.
#[derive(Debug)]
pub enum PushError {
    /// The client is not let in.
    Client(ClientAuthError),
    /// The proof of possession does not do.
    Proof(ProofError),
    /// Something is wrong with the request.
    Request(OauthError),
    /// Not the client's fault.
    Fault(Fault),
}

impl From<Fault> for PushError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for PushError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<AuthorizeError> for PushError {
    fn from(error: AuthorizeError) -> Self {
        match error {
            AuthorizeError::Page(error) => Self::Request(error),
            AuthorizeError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// The outcome, with the client as far as it is known: who may read the answer depends on it.
pub struct Pushed {
    /// The client, once authenticated.
    pub client: Option<Arc<Client>>,
    /// Where the request is found, or why it was not taken.
    pub outcome: Result<PushedUri, PushError>,
}

/// Takes a request, if nothing is wrong with it that can be known now. A proof of possession that
/// comes with it announces its key (RFC 9449 §10.1).
pub async fn push(
    app: &App,
    call: &Call,
    credentials: &ClientCredentials,
    params: AuthorizeParams,
    proof: Option<&PresentedProof<'_>>,
) -> Pushed {
    match authenticate(app, call, credentials).await {
        Err(error) => Pushed { client: None, outcome: Err(PushError::Client(error)) },
        Ok(client) => {
            let outcome = store(app, call, &client, params, proof).await;
            Pushed { client: Some(client), outcome }
        }
    }
}

async fn store(
    app: &App,
    call: &Call,
    client: &Client,
    params: AuthorizeParams,
    proof: Option<&PresentedProof<'_>>,
) -> Result<PushedUri, PushError> {
    let invalid = |text: &str| PushError::Request(OauthError::new("invalid_request", text));
    if !call.tenant.settings.takes_pushed_requests() {
        return Err(invalid("Pushed authorization requests are not enabled for this tenant"));
    }
    if params.get("request_uri").is_some() {
        return Err(invalid("request_uri cannot be pushed"));
    }
    if params.get("client_id").is_some_and(|named| named != client.id.as_str()) {
        return Err(invalid("client_id is not the client that authenticates"));
    }
    let nonce = if client.settings.is_public() { NonceRule::Required } else { NonceRule::IfSent };
    let verified = proof.map(|proof| verify(app, call, proof, None, nonce)).transpose();
    let proof = verified.map_err(PushError::Proof)?;
    let mut params = params.without(&AUTHENTICATION);
    if let Some(proof) = &proof {
        let key = proof.binding.as_str();
        if params.get("dpop_jkt").is_some_and(|announced| announced != key) {
            return Err(invalid("dpop_jkt is not the key of the DPoP proof"));
        }
        params = params.with("dpop_jkt", key);
    }
    if let Some(name) = params.repeated() {
        return Err(invalid(&format!("Parameter {name} was sent more than once")));
    }
    let params = params.with("client_id", client.id.as_str());
    let (client, destination) = trusted_destination(call, &params)?;
    validate(app, call, client, &params, &destination).map_err(PushError::Request)?;
    let (handle, expires_in) = (Handle::generate(app.random()), lifetime(client));
    let request = PushedRequest {
        handle: handle.hash(),
        client_id: client.id.clone(),
        params,
        expires_at: call.now.plus_seconds(expires_in),
    };
    let mut tx = app.write_passing(&call.tenant.id).await?;
    if let Some(proof) = proof {
        proof.spend(call, &mut *tx).await.map_err(PushError::Proof)?;
    }
    tx.insert_pushed_request(&request).await?;
    tx.commit().await?;
    let uri = Handle::presented(format!("{PREFIX}{}", handle.expose()));
    Ok(PushedUri { uri, expires_in })
}

fn lifetime(client: &Client) -> i64 {
    client.settings.par_request_expiry.unwrap_or(LIFETIME)
}

/// The request that `uri` refers to, for the application that pushed it, once. What else was sent
/// does not count (RFC 9126 §4).
pub(super) async fn take_up(
    app: &App,
    call: &Call,
    sent: &AuthorizeParams,
    uri: &str,
) -> Result<AuthorizeParams, AuthorizeError> {
    let page = |code, text: &str| AuthorizeError::Page(OauthError::new(code, text));
    let invalid = || page("invalid_request_uri", "The request_uri is unknown, expired or used");
    let client = sent
        .get("client_id")
        .ok_or_else(|| page("invalid_request", "Missing required parameter: client_id"))?;
    let handle = uri.strip_prefix(PREFIX).ok_or_else(invalid)?;
    let handle = Handle::presented(handle).hash();
    let mut tx = app.write_passing(&call.tenant.id).await?;
    let spent = tx.spend_pushed_request(&handle, &ClientId::from_raw(client)).await;
    let spent = spent.map_err(Fault::from)?;
    tx.commit().await.map_err(Fault::from)?;
    let request = spent.filter(|request| call.now < request.expires_at).ok_or_else(invalid)?;
    Ok(request.params)
}
