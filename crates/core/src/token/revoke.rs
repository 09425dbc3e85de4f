//! `/oauth/revoke` (RFC 7009, contract 03 §11.2).

use std::sync::Arc;

use serde_json::Map;

use super::family::RefreshToken;
use super::grant::GrantError;
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, ClientCredentials, authenticate};
use crate::log::{LogKind, LogSubject, record};

/// The outcome, with the client as far as it is known.
pub struct Revocation {
    /// The client, once authenticated.
    pub client: Option<Arc<Client>>,
    /// Done, or why not. An unknown token counts as revoked.
    pub outcome: Result<(), GrantError>,
}

/// Revokes the family of a refresh token, if it is the client's.
pub async fn revoke(
    app: &App,
    call: &Call,
    credentials: &ClientCredentials,
    token: Option<&str>,
) -> Revocation {
    match authenticate(app, call, credentials).await {
        Err(error) => Revocation { client: None, outcome: Err(error.into()) },
        Ok(client) => {
            let outcome = revoke_own(app, call, &client, token).await;
            Revocation { client: Some(client), outcome }
        }
    }
}

async fn revoke_own(
    app: &App,
    call: &Call,
    client: &Client,
    token: Option<&str>,
) -> Result<(), GrantError> {
    let token = token.ok_or(GrantError::MissingParameter("token"))?;
    let Some(token) = RefreshToken::parse(token) else { return Ok(()) };
    let mut tx = app.write(&call.tenant.id).await?;
    let Some((family, user)) = tx.family_by_handle(&token.handle).await? else { return Ok(()) };
    // The handle alone, which every descendant shares, does not prove possession of a token; but
    // whoever has it has had one, and ending the family is what they ask for.
    if family.client_id != client.id || !tx.revoke_family(&family.id, call.now).await? {
        return Ok(());
    }
    let subject = LogSubject { client: Some(&client.id), user: user.as_ref(), name: None };
    record(app, call, &mut *tx, LogKind::RefreshTokenRevoked, subject, Map::new()).await?;
    tx.commit().await?;
    Ok(())
}
