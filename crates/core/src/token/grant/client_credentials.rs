//! `grant_type=client_credentials`: an application acts for itself (RFC 6749 §4.4).

use serde_json::{Map, json};

use super::{GrantError, TokenRequest};
use crate::access::{ClientAccess, granted_to_client};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::log::{LogKind, LogSubject, record};
use crate::port::Tx;
use crate::resource_server::ResourceServer;
use crate::scope::ScopeSet;
use crate::token::TokenResponse;
use crate::token::dpop::{Proof, bind};
use crate::token::issue::{ClientToken, sign_for_client};

pub(super) async fn exchange(
    app: &App,
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    proof: Option<&Proof>,
) -> Result<TokenResponse, GrantError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let outcome = issue(app, call, client, request, proof, &mut *tx).await;
    let kind = match &outcome {
        Ok(_) => LogKind::ClientCredentialsExchange,
        Err(_) => LogKind::ClientCredentialsExchangeFailed,
    };
    let mut details = Map::new();
    details.insert("audience".to_owned(), json!(request.audience));
    let subject = LogSubject { client: Some(&client.id), ..LogSubject::default() };
    record(app, call, &mut *tx, kind, subject, details).await?;
    tx.commit().await?;
    outcome
}

async fn issue(
    app: &App,
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    proof: Option<&Proof>,
    tx: &mut dyn Tx,
) -> Result<TokenResponse, GrantError> {
    let (audience, api, scope) = granted(call, client, request)?;
    let binding = bind(client, Some(api), proof)?;
    if let Some(proof) = proof {
        proof.spend(call, tx).await?;
    }
    let token = ClientToken { audience, api, scope, binding };
    Ok(sign_for_client(app, call, client, token)?)
}

/// Audience, API and scopes of the token.
fn granted<'r>(
    call: &'r Call,
    client: &Client,
    request: &'r TokenRequest,
) -> Result<(&'r str, &'r ResourceServer, ScopeSet), GrantError> {
    if client.settings.is_public() {
        return Err(GrantError::GrantNotAllowed("client_credentials".to_owned()));
    }
    let audience = request.audience.as_deref().ok_or(GrantError::NoDefaultAudience)?;
    let api = call
        .tenant
        .api_for(audience, &call.issuer, &call.canonical_issuer())
        .ok_or_else(|| GrantError::UnknownAudience { audience: audience.to_owned() })?;
    let requested = request.scope.as_deref().map(ScopeSet::parse).filter(|scope| !scope.is_empty());
    match granted_to_client(call, client, api, requested.as_ref()) {
        ClientAccess::Granted(scope) => Ok((audience, api, scope)),
        ClientAccess::Denied => Err(GrantError::NotAuthorized { audience: audience.to_owned() }),
        ClientAccess::NoGrant => Err(GrantError::NoClientGrant { audience: audience.to_owned() }),
        ClientAccess::Beyond(scope) => Err(GrantError::ScopeNotGranted(scope)),
    }
}
