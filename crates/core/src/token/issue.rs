//! Issuing: the only place that signs tokens.

use super::algorithm::{SigningAlgorithm, sign_shared};
use super::claims::{Confirmation, OneOrMany, WireClaims, seal_opaque};
use super::dpop::{Binding, TokenScheme};
use super::id_token::{self, Facts};
use super::{Audience, Family};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::error::Fault;
use crate::id::SessionId;
use crate::mfa::Assured;
use crate::resource_server::ResourceServer;
use crate::scope::ScopeSet;
use crate::secret::Handle;
use crate::time::Timestamp;
use crate::user::User;

/// Seconds an access token without an API is valid.
const USERINFO_LIFETIME: i64 = 86_400;

/// Everything the tokens of one answer depend on.
#[derive(Debug)]
pub struct Issued<'a> {
    /// To whom.
    pub client: &'a Client,
    /// About whom.
    pub user: &'a User,
    /// From which authorization.
    pub family: &'a Family,
    /// For which API.
    pub audience: Option<&'a Audience>,
    /// With which scopes.
    pub scope: ScopeSet,
    /// What the person may do at the API, if it asks.
    pub permissions: Option<ScopeSet>,
    /// `nonce` of the request.
    pub nonce: Option<&'a str>,
    /// `auth_time`, where it was asked for.
    pub auth_time: Option<Timestamp>,
    /// `sid`, in tokens that come from a session.
    pub sid: Option<&'a SessionId>,
    /// `gty`.
    pub grant: Option<&'static str>,
    /// The refresh token to hand out, if any.
    pub refresh_token: Option<Handle>,
    /// The key to bind the access token to.
    pub binding: Option<&'a Binding>,
    /// That what the person proved is enough for that API.
    pub assured: Assured,
    /// Whether a second factor was given for this very answer: `amr` and `acr`.
    pub multi_factor: bool,
}

/// A token answer.
#[derive(Debug)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// How it is to be used.
    pub token_type: TokenScheme,
    /// Seconds it is valid.
    pub expires_in: i64,
    /// The granted scopes.
    pub scope: ScopeSet,
    /// The ID token, with `openid`.
    pub id_token: Option<String>,
    /// The refresh token, when there is a new one.
    pub refresh_token: Option<Handle>,
    /// The code on paper that takes the place of the one that was used.
    pub recovery_code: Option<String>,
}

impl Issued<'_> {
    /// Signs the tokens.
    ///
    /// # Errors
    /// If the tenant has no signing key, or signing fails.
    pub fn sign(self, app: &App, call: &Call) -> Result<TokenResponse, Fault> {
        if !self.assured.is_for(self.audience.map(|api| &api.resource_server_id)) {
            return Err(Fault::new(
                "a token was to be signed for an API that nobody was assured for",
            ));
        }
        let expires_in = self.lifetime(call);
        let claims = self.access_claims(app, call, expires_in);
        let access_token = match self.audience {
            Some(_) => sign_for_api(app, call, self.api(call), &claims)?,
            None => seal_opaque(app, call, &claims)?,
        };
        let id_token = if self.scope.contains("openid") {
            let facts = Facts {
                nonce: self.nonce,
                auth_time: self.auth_time,
                sid: self.sid,
                multi_factor: self.multi_factor,
            };
            let claims = id_token::claims(call, self.client, self.user, &self.scope, facts);
            Some(sign_for_application(app, call, self.client, &claims)?)
        } else {
            None
        };
        Ok(TokenResponse {
            access_token,
            token_type: token_type(self.binding),
            expires_in,
            scope: self.scope,
            id_token,
            refresh_token: self.refresh_token,
            recovery_code: None,
        })
    }

    fn lifetime(&self, call: &Call) -> i64 {
        self.api(call).map_or(USERINFO_LIFETIME, |api| api.settings.token_lifetime)
    }

    fn api<'a>(&self, call: &'a Call) -> Option<&'a ResourceServer> {
        self.audience?.api(call)
    }

    fn access_claims(&self, app: &App, call: &Call, expires_in: i64) -> WireClaims {
        let userinfo = call.userinfo_audience();
        let aud = match self.audience {
            None => OneOrMany::One(userinfo),
            Some(api) if self.scope.contains("openid") && !is_shared(self.api(call)) => {
                OneOrMany::Many(vec![api.value.clone(), userinfo])
            }
            Some(api) => OneOrMany::One(api.value.clone()),
        };
        let now = call.now.as_seconds();
        let claims = WireClaims {
            iss: call.issuer.clone(),
            sub: self.user.id.to_string(),
            aud,
            iat: now,
            exp: now + expires_in,
            scope: self.scope.to_string(),
            azp: None,
            client_id: None,
            permissions: None,
            gty: self.grant.map(ToOwned::to_owned),
            grant_id: self.family.id.to_string(),
            jti: None,
            cnf: Confirmation::of(self.binding),
        };
        let (client, permissions) = (&self.client.id, self.permissions.as_ref());
        claims.in_dialect(client, self.api(call), permissions, app.random())
    }
}

/// Whether the API's tokens are signed under a secret: those are not good here (contract 03 §10.1).
fn is_shared(api: Option<&ResourceServer>) -> bool {
    api.is_some_and(|api| api.settings.signing_alg == SigningAlgorithm::Hs256)
}

/// An access token as its API wants it. Without an API of its own it is one of ours.
fn sign_for_api(
    app: &App,
    call: &Call,
    api: Option<&ResourceServer>,
    claims: &WireClaims,
) -> Result<String, Fault> {
    let algorithm = api.map(|api| api.settings.signing_alg).unwrap_or_default();
    let secret = match api.filter(|_| is_shared(api)) {
        Some(api) => api.reveal_signing_secret(app, &call.tenant.id)?,
        None => None,
    };
    sign(call, algorithm, secret.as_deref(), type_of(api), claims)
}

/// An ID token as its application wants it.
fn sign_for_application(
    app: &App,
    call: &Call,
    client: &Client,
    claims: &Map<String, Value>,
) -> Result<String, Fault> {
    let algorithm = client.settings.id_token_alg;
    let secret = match algorithm {
        SigningAlgorithm::Hs256 => client.reveal_secret(app, &call.tenant.id)?,
        _ => None,
    };
    sign(call, algorithm, secret.as_deref(), "JWT", claims)
}

fn sign(
    call: &Call,
    algorithm: SigningAlgorithm,
    secret: Option<&str>,
    typ: &str,
    claims: &impl Serialize,
) -> Result<String, Fault> {
    if algorithm != SigningAlgorithm::Hs256 {
        return call.tenant.signing_key()?.sign_as(algorithm, typ, claims);
    }
    let secret = secret.ok_or_else(|| Fault::new("there is no secret to sign with"))?;
    sign_shared(secret, typ, claims)
}

/// `typ` of an access token for an API (RFC 9068 §2.1).
fn type_of(api: Option<&ResourceServer>) -> &'static str {
    if api.is_some_and(|api| api.settings.token_dialect.is_rfc9068()) { "at+jwt" } else { "JWT" }
}

fn token_type(binding: Option<&Binding>) -> TokenScheme {
    binding.map_or(TokenScheme::Bearer, |_| TokenScheme::Dpop)
}

/// What the access token of an application that acts for itself is about.
pub(super) struct ClientToken<'a> {
    /// `aud`.
    pub audience: &'a str,
    /// The API.
    pub api: &'a ResourceServer,
    /// Its scopes.
    pub scope: ScopeSet,
    /// The key to bind it to.
    pub binding: Option<&'a Binding>,
}

/// Signs the access token of an application that acts for itself. It comes alone.
///
/// # Errors
/// If the tenant has no signing key, or signing fails.
pub(super) fn sign_for_client(
    app: &App,
    call: &Call,
    client: &Client,
    token: ClientToken<'_>,
) -> Result<TokenResponse, Fault> {
    let ClientToken { audience, api, scope, binding } = token;
    let lifetime = api.settings.token_lifetime;
    let now = call.now.as_seconds();
    let claims = WireClaims {
        iss: call.issuer.clone(),
        sub: WireClaims::subject_of(&client.id),
        aud: OneOrMany::One(audience.to_owned()),
        iat: now,
        exp: now + lifetime,
        scope: scope.to_string(),
        azp: None,
        client_id: None,
        permissions: None,
        gty: Some("client-credentials".to_owned()),
        grant_id: String::new(),
        jti: Some(app.random().base64url(16)),
        cnf: Confirmation::of(binding),
    };
    let claims = claims.in_dialect(&client.id, Some(api), Some(&scope), app.random());
    Ok(TokenResponse {
        access_token: sign_for_api(app, call, Some(api), &claims)?,
        token_type: token_type(binding),
        expires_in: lifetime,
        scope,
        id_token: None,
        refresh_token: None,
        recovery_code: None,
    })
}
