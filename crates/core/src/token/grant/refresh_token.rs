//! `refresh_token` (RFC 6749 §6, contract 03 §9).
//!
//! One read, one conditional update, and nothing of the token is used up before every check has
//! passed: browsers drop their token on any refusal. Whoever loses a race for the update tries once
//! more with the family locked, so that inside the leeway every racer gets a successor.

use serde_json::{Map, json};

use super::family::refresh_binding;
use super::{GrantError, TokenRequest};
use crate::access::{granted, permissions};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::log::{LogKind, LogSubject, record};
use crate::mfa::Assured;
use crate::mfa::grant::{Moment, assure};
use crate::port::Tx;
use crate::scope::ScopeSet;
use crate::secret::Handle;
use crate::token::dpop::{Binding, MISSING, Proof, ProofError, bind};
use crate::token::family::RefreshToken;
use crate::token::{Family, Issued, Rotation, TokenResponse};
use crate::user::User;

/// Exchanges a refresh token.
pub(super) async fn exchange(
    app: &App,
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    proof: Option<&Proof>,
) -> Result<TokenResponse, GrantError> {
    let text =
        request.refresh_token.as_deref().ok_or(GrantError::MissingParameter("refresh_token"))?;
    let token = RefreshToken::parse(text).ok_or(GrantError::InvalidRefreshToken)?;
    let exchange = Exchange { app, call, client, request, proof, text, token };
    let outcome = exchange.run().await;
    let kind = match &outcome {
        Err(GrantError::MfaRequired(_)) => LogKind::MfaRequired,
        Err(GrantError::Unmet) => LogKind::RefreshExchangeFailed,
        _ => return outcome,
    };
    exchange.log_unassured(kind).await?;
    outcome
}

/// One exchange, with all that it depends on.
struct Exchange<'a> {
    app: &'a App,
    call: &'a Call,
    client: &'a Client,
    request: &'a TokenRequest,
    proof: Option<&'a Proof>,
    text: &'a str,
    token: RefreshToken,
}

/// What an exchange comes to, as the family was when it was read.
struct Next<'a> {
    family: Family,
    user: User,
    outcome: Outcome<'a>,
}

enum Outcome<'a> {
    /// A token that was replaced before is presented again: somebody copied it.
    Reuse,
    Tokens(NewTokens<'a>),
}

impl<'a> Exchange<'a> {
    async fn run(&self) -> Result<TokenResponse, GrantError> {
        let tenant = &self.call.tenant.id;
        let mut tx = self.app.read(tenant).await?;
        let next = self.next(&mut *tx).await?;
        drop(tx);
        if let Some(tokens) = self.conclude(next, self.app.write(tenant).await?).await? {
            return Ok(tokens);
        }
        let mut tx = self.app.write(tenant).await?;
        tx.lock_family(&self.token.handle).await?;
        let next = self.next(&mut *tx).await?;
        self.conclude(next, tx).await?.ok_or(GrantError::InvalidRefreshToken)
    }

    /// Notes that what the person proved is not enough any more.
    async fn log_unassured(&self, kind: LogKind) -> Result<(), GrantError> {
        let Self { app, call, client, .. } = self;
        let mut tx = app.write(&call.tenant.id).await?;
        let found = tx.family_by_handle(&self.token.handle).await?;
        let user = found.and_then(|(_, user)| user);
        let subject = LogSubject { client: Some(&client.id), user: user.as_ref(), name: None };
        let mut details = Map::new();
        details.insert("grant_type".into(), "refresh_token".into());
        details.insert("failure_reason".into(), "unmet_authentication_requirements".into());
        record(app, call, &mut *tx, kind, subject, details).await?;
        Ok(tx.commit().await?)
    }

    /// Reads the family and moves it on, in memory.
    async fn next(&self, tx: &mut dyn Tx) -> Result<Next<'a>, GrantError> {
        let Self { app, call, client, request, proof, text, token } = self;
        let (mut family, user, permissions) = own_family(tx, call, client, token).await?;
        check_key(&family, *proof)?;
        let scope = scope_of(call, client, request, &family, permissions.as_ref())?;
        family.device.again(call);
        let api = family.audience.as_ref().and_then(|own| own.api(call));
        let binding = bind(client, api, *proof)?;
        let settings = &client.settings.refresh_token;
        let refresh_token = match family.exchange(text, token, settings, call.now, app.random()) {
            Rotation::Reuse => return Ok(Next { family, user, outcome: Outcome::Reuse }),
            Rotation::Keep => None,
            Rotation::Replace(successor) => {
                // It was issued for a proof, so from now on it takes one.
                family.binding = family.binding.or_else(|| refresh_binding(client, binding));
                Some(successor)
            }
        };
        // So far this is in memory alone: a token that is refused here stays good for whoever comes
        // back with a second factor.
        let assured = assure(call, tx, api, &user, &family.events, Moment::Later).await?;
        let tokens = NewTokens { scope, permissions, refresh_token, binding, assured };
        Ok(Next { family, user, outcome: Outcome::Tokens(tokens) })
    }

    /// Stores what was decided and signs; none if the family changed since it was read.
    async fn conclude(
        &self,
        next: Next<'a>,
        tx: Box<dyn Tx>,
    ) -> Result<Option<TokenResponse>, GrantError> {
        let Self { app, call, client, .. } = self;
        let Next { family, user, outcome } = next;
        let Outcome::Tokens(tokens) = outcome else {
            revoke_reused(app, call, client, tx, &family, &user).await?;
            return Err(GrantError::InvalidRefreshToken);
        };
        if !self.store(tx, &family, &user).await? {
            return Ok(None);
        }
        sign(app, call, client, &family, &user, tokens).map(Some)
    }

    /// Stores the exchange. False if the family changed since it was read.
    async fn store(
        &self,
        mut tx: Box<dyn Tx>,
        family: &Family,
        user: &User,
    ) -> Result<bool, GrantError> {
        let Self { app, call, client, proof, .. } = self;
        if !tx.advance_family(family).await? {
            return Ok(false);
        }
        if let Some(proof) = proof {
            proof.spend(call, &mut *tx).await?;
        }
        let subject = LogSubject { client: Some(&client.id), user: Some(user), name: None };
        let mut details = Map::new();
        details.insert("refresh_token".into(), json!({ "access": "offline" }));
        record(app, call, &mut *tx, LogKind::RefreshExchange, subject, details).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// The live family behind the token, if it is this client's on this host, its user, and what that
/// user may do at the API, if it asks.
async fn own_family(
    tx: &mut dyn Tx,
    call: &Call,
    client: &Client,
    token: &RefreshToken,
) -> Result<(Family, User, Option<ScopeSet>), GrantError> {
    let (family, user) =
        tx.family_by_handle(&token.handle).await?.ok_or(GrantError::InvalidRefreshToken)?;
    let is_own = family.client_id == client.id && family.issuer == call.issuer;
    if !is_own || !family.is_live(call.now) {
        return Err(GrantError::InvalidRefreshToken);
    }
    let user = user.ok_or(GrantError::UserGone)?;
    if user.blocked {
        return Err(GrantError::UserBlocked);
    }
    let api = family.audience.as_ref().and_then(|audience| audience.api(call));
    let permissions = permissions(tx, api, &user.id).await?;
    Ok((family, user, permissions))
}

/// A family that is bound takes a proof by its key, and nothing else about it changes before there
/// is one: whoever copied a token and has not the key gets nowhere.
fn check_key(family: &Family, proof: Option<&Proof>) -> Result<(), GrantError> {
    match (&family.binding, proof) {
        (Some(_), None) => Err(ProofError::Invalid(MISSING).into()),
        (Some(binding), Some(proof)) if proof.binding != *binding => {
            Err(GrantError::InvalidRefreshToken)
        }
        _ => Ok(()),
    }
}

/// The original scopes, down to those asked for, as far as they are granted today.
fn scope_of(
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    family: &Family,
    permissions: Option<&ScopeSet>,
) -> Result<ScopeSet, GrantError> {
    let original = family.audience.as_ref();
    let asked = request.audience.as_deref();
    if let Some(asked) = asked
        && original.is_none_or(|original| original.value != asked)
    {
        return Err(GrantError::NotAuthorized { audience: asked.to_owned() });
    }
    let requested = match request.scope.as_deref() {
        Some(scope) => ScopeSet::parse(scope).filtered(|scope| family.scope.contains(scope)),
        None => family.scope.clone(),
    };
    let not_authorized = || GrantError::NotAuthorized {
        audience: original.map(|audience| audience.value.clone()).unwrap_or_default(),
    };
    let api = match original {
        None => None,
        Some(audience) => Some(
            call.tenant.resource_server(&audience.resource_server_id).ok_or_else(not_authorized)?,
        ),
    };
    granted(call, client, api, &requested, permissions).map_err(|_| not_authorized())
}

async fn revoke_reused(
    app: &App,
    call: &Call,
    client: &Client,
    mut tx: Box<dyn Tx>,
    family: &Family,
    user: &User,
) -> Result<(), GrantError> {
    tx.revoke_family(&family.id, call.now).await?;
    let subject = LogSubject { client: Some(&client.id), user: Some(user), name: None };
    record(app, call, &mut *tx, LogKind::RefreshTokenReused, subject, Map::new()).await?;
    tx.commit().await?;
    Ok(())
}

/// What an exchange gives.
struct NewTokens<'a> {
    scope: ScopeSet,
    permissions: Option<ScopeSet>,
    refresh_token: Option<Handle>,
    binding: Option<&'a Binding>,
    assured: Assured,
}

fn sign(
    app: &App,
    call: &Call,
    client: &Client,
    family: &Family,
    user: &User,
    tokens: NewTokens<'_>,
) -> Result<TokenResponse, GrantError> {
    let issued = Issued {
        client,
        user,
        family,
        audience: family.audience.as_ref(),
        scope: tokens.scope,
        permissions: tokens.permissions,
        nonce: None,
        auth_time: None,
        // Offline tokens outlive the session, so they do not name it (contract 03 O5).
        sid: None,
        grant: Some("refresh_token"),
        refresh_token: tokens.refresh_token,
        binding: tokens.binding,
        assured: tokens.assured,
        multi_factor: false,
    };
    Ok(issued.sign(app, call)?)
}
