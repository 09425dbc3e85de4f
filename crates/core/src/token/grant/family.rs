//! The beginning of a token family, whatever grant it begins with.

use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::error::Fault;
use crate::id::{FamilyId, SessionId, UserId};
use crate::port::Tx;
use crate::scope::ScopeSet;
use crate::secret::Handle;
use crate::session::{MethodEvent, SeenFrom};
use crate::token::dpop::Binding;
use crate::token::{Audience, Family};

/// Live refresh tokens one person may have with one application (contract 03 §9.2).
const MAX_FAMILIES: u32 = 200;

/// What a family begins with.
pub(super) struct NewFamily<'a> {
    /// Its id.
    pub id: FamilyId,
    /// Who authorized.
    pub user_id: &'a UserId,
    /// The session it began in, if there is one.
    pub session_id: Option<&'a SessionId>,
    /// The API.
    pub audience: Option<&'a Audience>,
    /// The granted scopes.
    pub scope: &'a ScopeSet,
    /// How the person authenticated.
    pub events: Vec<MethodEvent>,
    /// The key its access token is bound to.
    pub binding: Option<&'a Binding>,
}

/// Stores a new family; gives its refresh token, too, if it has one.
pub(super) async fn open_family(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    client: &Client,
    new: NewFamily<'_>,
) -> Result<(Family, Option<Handle>), Fault> {
    let settings = &client.settings.refresh_token;
    let offline = new.scope.contains("offline_access");
    let until = |life: Option<i64>| life.map(|life| call.now.plus_seconds(life));
    let access_token_end = call.now.plus_seconds(access_lifetime(call, new.audience));
    let mut family = Family {
        id: new.id,
        handle: None,
        user_id: new.user_id.clone(),
        client_id: client.id.clone(),
        issuer: call.issuer.clone(),
        session_id: new.session_id.cloned(),
        audience: new.audience.cloned(),
        scope: new.scope.clone(),
        binding: refresh_binding(client, new.binding),
        events: new.events,
        heads: Vec::new(),
        created_at: call.now,
        last_used_at: call.now,
        // Without a refresh token nothing of the family outlives the access token.
        expires_at: if offline { until(settings.absolute()) } else { Some(access_token_end) },
        idle_expires_at: if offline { until(settings.idle()) } else { None },
        revoked_at: None,
        device: SeenFrom::first(call),
        metadata: serde_json::Map::new(),
        version: 0,
    };
    let refresh_token = offline.then(|| family.begin(app.random()));
    tx.insert_family(&family).await?;
    if refresh_token.is_some() {
        tx.trim_families(new.user_id, &client.id, MAX_FAMILIES, call.now).await?;
    }
    Ok((family, refresh_token))
}

/// The key that refresh tokens are bound to. Those of an application with a secret are bound to that
/// already (RFC 9449 §5).
pub(super) fn refresh_binding(client: &Client, binding: Option<&Binding>) -> Option<Binding> {
    binding.filter(|_| client.settings.is_public()).cloned()
}

fn access_lifetime(call: &Call, audience: Option<&Audience>) -> i64 {
    audience
        .and_then(|audience| audience.api(call))
        .map_or(86_400, |api| api.settings.token_lifetime)
}
