//! `refresh_token` (RFC 6749 §6, contract 03 §9).
//!
//! One read, one conditional update, and nothing of the token is used up before every check has
//! passed: browsers drop their token on any refusal. Whoever loses a race for the update tries once
//! more with the family locked, so that inside the leeway every racer gets a successor.

use serde_json::{Map, json};

use super::family::refresh_binding;
use super::refresh_target::{Target, target};
use super::sign_in::demand;
use super::{GrantError, TokenRequest};
use crate::access::{granted, permissions};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::log::{LogKind, LogSubject, record};
use crate::mfa::grant::{Moment, assure};
use crate::mfa::{Assured, MfaTransaction, Origin, Unassured};
use crate::port::Tx;
use crate::resource_server::ResourceServer;
use crate::scope::ScopeSet;
use crate::secret::Handle;
use crate::session::{MethodEvent, append};
use crate::token::dpop::{Binding, MISSING, Proof, ProofError, bind};
use crate::token::family::RefreshToken;
use crate::token::{Audience, Family, Issued, Rotation, TokenResponse};
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
    Exchange { app, call, client, request, proof, text, token, step_up: None }.run().await
}

/// A second factor that was given because a refresh token was not enough.
pub(super) struct StepUp {
    /// The record of it.
    pub event: MethodEvent,
    /// The event that tells of it.
    pub success: LogKind,
}

/// Goes on with a refresh that waited for a second factor. From now on the whole family has it, and
/// so has the session it began in.
pub(super) async fn step_up(
    app: &App,
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    proof: Option<&Proof>,
    (mut tx, step_up): (Box<dyn Tx>, StepUp),
) -> Result<TokenResponse, GrantError> {
    let text = request.refresh_token.as_deref().ok_or(GrantError::InvalidRefreshToken)?;
    let token = RefreshToken::parse(text).ok_or(GrantError::InvalidRefreshToken)?;
    tx.lock_family(&token.handle).await?;
    let step_up = Some(step_up);
    let exchange = Exchange { app, call, client, request, proof, text, token, step_up };
    let next = exchange.next(&mut *tx).await?;
    exchange.conclude(next, tx).await?.ok_or(GrantError::InvalidRefreshToken)
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
    /// The second factor it waited for.
    step_up: Option<StepUp>,
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
    /// What the person proved is not enough any more.
    Unassured(Unassured),
}

/// What moving a family on leads to.
enum Rotated {
    /// The presented token is good; the new one, if there is one.
    Good(Option<Handle>),
    /// It was replaced before.
    Reuse,
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

    /// What to answer to somebody who is not assured: nothing of the token is used up, and with a
    /// second factor it goes on from here.
    async fn demand(
        &self,
        mut tx: Box<dyn Tx>,
        user: &User,
        unassured: Unassured,
    ) -> Result<GrantError, GrantError> {
        let Self { app, call, client, request, proof, text, .. } = self;
        let kind = match &unassured {
            Unassured::Unmet => LogKind::RefreshExchangeFailed,
            _ => LogKind::MfaRequired,
        };
        let token = Handle::generate(app.random());
        let handle = token.hash();
        let place = MfaTransaction::place(call, &handle);
        let origin = Origin::Refresh {
            sealed_token: app.sealer().seal(place, text.as_bytes(), app.random())?,
            audience: request.audience.clone(),
            scope: request.scope.clone(),
        };
        let refused = (proof.map(|own| &own.binding), unassured);
        let error = demand(call, &mut *tx, client, &user.id, (token, origin), refused).await?;
        let subject = LogSubject { client: Some(&client.id), user: Some(user), name: None };
        let mut details = Map::new();
        details.insert("grant_type".into(), "refresh_token".into());
        details.insert("failure_reason".into(), "unmet_authentication_requirements".into());
        record(app, call, &mut *tx, kind, subject, details).await?;
        tx.commit().await?;
        Ok(error)
    }

    /// Reads the family and moves it on, in memory.
    async fn next(&self, tx: &mut dyn Tx) -> Result<Next<'a>, GrantError> {
        let Self { call, client, request, proof, .. } = self;
        let (mut family, user) = own_family(tx, call, client, &self.token).await?;
        check_key(&family, *proof)?;
        let Target { audience, scope } = target(call, client, request, &family)?;
        let api = api_of(call, audience.as_ref())?;
        let permissions = permissions(tx, api, &user.id).await?;
        let scope = granted(call, client, api, &scope, permissions.as_ref())
            .map_err(|_| not_authorized(audience.as_ref()))?;
        family.device.again(call);
        let binding = bind(client, api, *proof)?;
        let refresh_token = match self.rotate(&mut family, binding)? {
            Rotated::Good(refresh_token) => refresh_token,
            Rotated::Reuse => return Ok(Next { family, user, outcome: Outcome::Reuse }),
        };
        // So far this is in memory alone: a token that is refused here stays good for whoever comes
        // back with a second factor.
        let assured = match assure(call, tx, api, &user, &family.events, Moment::Later).await {
            Ok(assured) => assured,
            Err(Unassured::Fault(fault)) => return Err(fault.into()),
            Err(unassured) => {
                return Ok(Next { family, user, outcome: Outcome::Unassured(unassured) });
            }
        };
        let tokens = NewTokens { audience, scope, permissions, refresh_token, binding, assured };
        Ok(Next { family, user, outcome: Outcome::Tokens(tokens) })
    }

    /// Moves the family on, in memory.
    fn rotate(
        &self,
        family: &mut Family,
        binding: Option<&Binding>,
    ) -> Result<Rotated, GrantError> {
        let Self { app, call, client, text, token, .. } = self;
        let (settings, now, random) = (&client.settings.refresh_token, call.now, app.random());
        if let Some(StepUp { event, .. }) = &self.step_up {
            append(&mut family.events, std::slice::from_ref(event));
            let child = family.step_up(text, token, settings, now, random);
            let child = child.ok_or(GrantError::InvalidRefreshToken)?;
            return Ok(Rotated::Good(Some(child)));
        }
        match family.exchange(text, token, settings, now, random) {
            Rotation::Reuse => Ok(Rotated::Reuse),
            Rotation::Retired => Err(GrantError::InvalidRefreshToken),
            Rotation::Keep => Ok(Rotated::Good(None)),
            Rotation::Replace(successor) => {
                // It was issued for a proof, so from now on it takes one.
                let own = family.binding.take();
                family.binding = own.or_else(|| refresh_binding(client, binding));
                Ok(Rotated::Good(Some(successor)))
            }
        }
    }

    /// Stores what was decided and signs; none if the family changed since it was read.
    async fn conclude(
        &self,
        next: Next<'a>,
        tx: Box<dyn Tx>,
    ) -> Result<Option<TokenResponse>, GrantError> {
        let Self { app, call, client, .. } = self;
        let Next { family, user, outcome } = next;
        let tokens = match outcome {
            Outcome::Tokens(tokens) => tokens,
            Outcome::Reuse => {
                revoke_reused(app, call, client, tx, &family, &user).await?;
                return Err(GrantError::InvalidRefreshToken);
            }
            Outcome::Unassured(unassured) => {
                return Err(self.demand(tx, &user, unassured).await?);
            }
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
        let mut kind = LogKind::RefreshExchange;
        if let Some(StepUp { event, success }) = &self.step_up {
            raise_session(&mut *tx, family, event).await?;
            kind = *success;
        }
        let mut details = Map::new();
        details.insert("grant_type".into(), "refresh_token".into());
        details.insert("refresh_token".into(), json!({ "access": "offline" }));
        record(app, call, &mut *tx, kind, subject, details).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// The live family behind the token, if it is this client's on this host, and its user.
async fn own_family(
    tx: &mut dyn Tx,
    call: &Call,
    client: &Client,
    token: &RefreshToken,
) -> Result<(Family, User), GrantError> {
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
    Ok((family, user))
}

/// The API that tokens are to be for; it may be gone.
fn api_of<'a>(
    call: &'a Call,
    audience: Option<&Audience>,
) -> Result<Option<&'a ResourceServer>, GrantError> {
    let api = audience.map(|own| own.api(call).ok_or_else(|| not_authorized(audience)));
    api.transpose()
}

fn not_authorized(audience: Option<&Audience>) -> GrantError {
    let audience = audience.map(|own| own.value.clone()).unwrap_or_default();
    GrantError::NotAuthorized { audience }
}

/// Notes a second factor in the session a family began in, if that is still there.
async fn raise_session(
    tx: &mut dyn Tx,
    family: &Family,
    event: &MethodEvent,
) -> Result<(), GrantError> {
    let Some(id) = &family.session_id else { return Ok(()) };
    if let Some(mut session) = tx.session(id).await? {
        append(&mut session.events, std::slice::from_ref(event));
        tx.update_session(&session).await?;
    }
    Ok(())
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
    audience: Option<Audience>,
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
        audience: tokens.audience.as_ref(),
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
