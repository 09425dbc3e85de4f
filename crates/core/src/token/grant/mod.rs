//! `/oauth/token`: one file per grant type. Checks run in the order of contract 03 O23: client
//! authentication, grant type, parameters, the grant itself.

mod authorization_code;
mod client_credentials;
mod family;
mod refresh_token;
mod webauthn;

pub use webauthn::PasskeyResponse;

use std::sync::Arc;

use super::TokenResponse;
use super::dpop::{NonceRule, PresentedProof, ProofError, verify};
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, ClientAuthError, ClientCredentials, GrantType, authenticate};
use crate::error::Fault;
use crate::factor::webauthn::Refusal;
use crate::mfa::{Unassured, Way};
use crate::passkey::GRANT_TYPE;
use crate::port::StoreError;
use crate::scope::ScopeSet;

/// The parameters of a token request, as sent.
#[derive(Clone, Debug, Default)]
pub struct TokenRequest {
    /// `grant_type`.
    pub grant_type: Option<String>,
    /// `code`.
    pub code: Option<String>,
    /// `code_verifier`.
    pub code_verifier: Option<String>,
    /// `redirect_uri`.
    pub redirect_uri: Option<String>,
    /// `refresh_token`.
    pub refresh_token: Option<String>,
    /// `audience`.
    pub audience: Option<String>,
    /// `scope`.
    pub scope: Option<String>,
    /// `realm`.
    pub realm: Option<String>,
    /// `organization`.
    pub organization: Option<String>,
    /// `auth_session`.
    pub auth_session: Option<String>,
    /// `authn_response`.
    pub authn_response: Option<PasskeyResponse>,
}

/// Why there are no tokens.
#[derive(Debug)]
pub enum GrantError {
    /// No `client_id`.
    ClientMissing,
    /// What authenticates the client cannot be read; why.
    ClientMalformed(&'static str),
    /// Unknown client or wrong secret.
    ClientRefused,
    /// A parameter is missing.
    MissingParameter(&'static str),
    /// A grant type nobody serves here.
    UnsupportedGrantType(String),
    /// A grant type this client may not use.
    GrantNotAllowed(String),
    /// Unknown, used, expired, or another client's code.
    InvalidCode,
    /// PKCE failed.
    InvalidVerifier,
    /// The redirect URI is not that of the authorization request.
    WrongRedirectUri {
        /// As sent.
        sent: String,
        /// As it was.
        expected: String,
    },
    /// Unknown, used, expired, revoked, or another client's refresh token.
    InvalidRefreshToken,
    /// The user was deleted.
    UserGone,
    /// The user is blocked.
    UserBlocked,
    /// The client may not have tokens for that API.
    NotAuthorized {
        /// The API asked for.
        audience: String,
    },
    /// A parameter is wrong; how.
    InvalidParameter(String),
    /// There is no such API.
    UnknownAudience {
        /// The API asked for.
        audience: String,
    },
    /// Unknown, used or expired `auth_session`, or another client's.
    InvalidPasskeySession,
    /// Nobody here has this passkey.
    UnknownPasskey,
    /// The passkey's answer does not verify.
    PasskeyRefused(Refusal),
    /// Somebody has the new account's name, or its passkey.
    UserExists,
    /// Too many tries.
    TooMany,
    /// An application that acts for itself must say at which API.
    NoDefaultAudience,
    /// Nobody allowed the application to act for itself at that API.
    NoClientGrant {
        /// The API asked for.
        audience: String,
    },
    /// More than the application was allowed.
    ScopeNotGranted(ScopeSet),
    /// The proof of possession is missing or does not hold.
    Proof(ProofError),
    /// The proof is not by the key that was announced.
    WrongKey,
    /// A second factor is missing; what it can be given, or enrolled, with.
    MfaRequired(MfaRequirements),
    /// What was proved is not enough, and only signing in anew would help.
    Unmet,
    /// Not the client's fault.
    Fault(Fault),
}

/// `mfa_requirements` (contract 04 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MfaRequirements {
    /// Give one of these.
    Challenge(Vec<Way>),
    /// Enrol one of these.
    Enroll(Vec<Way>),
}

impl From<Unassured> for GrantError {
    fn from(unassured: Unassured) -> Self {
        match unassured {
            Unassured::SecondFactor(ways) => Self::MfaRequired(MfaRequirements::Challenge(ways)),
            Unassured::Enrollment(ways) => Self::MfaRequired(MfaRequirements::Enroll(ways)),
            Unassured::Unmet => Self::Unmet,
            Unassured::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<Fault> for GrantError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for GrantError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<ProofError> for GrantError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Fault(fault) => Self::Fault(fault),
            other => Self::Proof(other),
        }
    }
}

impl From<ClientAuthError> for GrantError {
    fn from(error: ClientAuthError) -> Self {
        match error {
            ClientAuthError::Missing => Self::ClientMissing,
            ClientAuthError::Malformed(why) => Self::ClientMalformed(why),
            ClientAuthError::Refused => Self::ClientRefused,
            ClientAuthError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// The outcome of a token request, with the client as far as it is known: who may read the answer
/// in a browser depends on it.
pub struct Exchange {
    /// The client, once authenticated.
    pub client: Option<Arc<Client>>,
    /// The tokens, or why not.
    pub outcome: Result<TokenResponse, GrantError>,
}

/// Exchanges a grant for tokens. With a proof they are bound to its key, where the API takes such
/// tokens.
pub async fn exchange(
    app: &App,
    call: &Call,
    credentials: &ClientCredentials,
    request: &TokenRequest,
    proof: Option<&PresentedProof<'_>>,
) -> Exchange {
    match authenticate(app, call, credentials).await {
        Err(error) => Exchange { client: None, outcome: Err(error.into()) },
        Ok(client) => {
            let outcome = dispatch(app, call, &client, request, proof).await;
            Exchange { client: Some(client), outcome }
        }
    }
}

/// A token with which an application acts for itself, for whoever runs this server: it has the keys
/// to everything already, so the application's own credentials would prove nothing more. All other
/// rules hold, and the log tells of it.
///
/// # Errors
/// Those of `client_credentials`.
pub async fn for_operator(
    app: &App,
    call: &Call,
    client: &Client,
    audience: &str,
    scope: Option<&str>,
) -> Result<TokenResponse, GrantError> {
    let request = TokenRequest {
        grant_type: Some("client_credentials".to_owned()),
        audience: Some(audience.to_owned()),
        scope: scope.map(ToOwned::to_owned),
        ..TokenRequest::default()
    };
    dispatch(app, call, client, &request, None).await
}

async fn dispatch(
    app: &App,
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    presented: Option<&PresentedProof<'_>>,
) -> Result<TokenResponse, GrantError> {
    let name = request.grant_type.as_deref().ok_or(GrantError::MissingParameter("grant_type"))?;
    let allowed = |grant: GrantType| {
        if !client.settings.grant_types.contains(&grant) {
            return Err(GrantError::GrantNotAllowed(name.to_owned()));
        }
        // Before anything is used up: a client that is asked for a nonce comes again.
        let verify = |presented| verify(app, call, presented, None, nonce_rule(client, grant));
        Ok(presented.map(verify).transpose()?)
    };
    match name {
        "authorization_code" => {
            let proof = allowed(GrantType::AuthorizationCode)?;
            authorization_code::exchange(app, call, client, request, proof.as_ref()).await
        }
        "client_credentials" => {
            let proof = allowed(GrantType::ClientCredentials)?;
            client_credentials::exchange(app, call, client, request, proof.as_ref()).await
        }
        "refresh_token" => {
            let proof = allowed(GrantType::RefreshToken)?;
            refresh_token::exchange(app, call, client, request, proof.as_ref()).await
        }
        GRANT_TYPE => {
            let proof = allowed(GrantType::Webauthn)?;
            webauthn::exchange(app, call, client, request, proof.as_ref()).await
        }
        other => Err(GrantError::UnsupportedGrantType(other.to_owned())),
    }
}

/// Applications without a secret show by a nonce that their proofs were not made in advance
/// (contract 03 O25). Never on a refresh: some of them throw their refresh token away when it does
/// not work at once.
fn nonce_rule(client: &Client, grant: GrantType) -> NonceRule {
    match grant {
        GrantType::RefreshToken => NonceRule::Ignored,
        _ if client.settings.is_public() => NonceRule::Required,
        _ => NonceRule::IfSent,
    }
}
