//! `/oauth/revoke` (RFC 7009, contract 03 §11.2).

use std::sync::Arc;

use serde_json::Map;

use super::family::{Family, RefreshToken};
use super::grant::GrantError;
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, ClientCredentials, authenticate};
use crate::log::{LogKind, LogSubject, record};
use crate::port::{Part, Tx};
use crate::user::User;

/// How many refresh tokens of one person and client are looked at. There are fewer.
const ALL: Part = Part::After { key: None, take: 10_000 };

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
    if let Some(user) = &user
        && call.tenant.settings.flag("revoke_refresh_token_grant")
    {
        withdraw(call, &mut *tx, &family, user).await?;
    }
    let subject = LogSubject { client: Some(&client.id), user: user.as_ref(), name: None };
    record(app, call, &mut *tx, LogKind::RefreshTokenRevoked, subject, Map::new()).await?;
    tx.commit().await?;
    Ok(())
}

/// Withdraws what the person allowed the client at the API of a family, and ends what else came of it.
async fn withdraw(
    call: &Call,
    tx: &mut dyn Tx,
    family: &Family,
    user: &User,
) -> Result<(), GrantError> {
    let api = |family: &Family| family.audience.as_ref().map(|own| own.resource_server_id.clone());
    let own = api(family);
    if let Some(api) = &own
        && let Some(consent) = tx.consent(&user.id, &family.client_id, api).await?
    {
        tx.delete_consent(&consent.id).await?;
    }
    let all = tx.refresh_families_of(&user.id, Some(&family.client_id), &ALL, call.now).await?;
    for other in all.items.iter().filter(|other| api(other) == own) {
        tx.revoke_family(&other.id, call.now).await?;
    }
    Ok(())
}
