//! `/oauth/token`: one file per grant type. Checks run in the order of contract 03 O23: client
//! authentication, grant type, parameters, the grant itself.

mod authorization_code;
mod client_credentials;
mod family;
mod mfa;
mod password;
pub(crate) mod passwordless;
mod refresh_target;
mod refresh_token;
mod sign_in;
mod target;
mod webauthn;

pub use webauthn::PasskeyResponse;

use std::sync::Arc;

use self::mfa::Given;
use super::TokenResponse;
use super::dpop::{NonceRule, PresentedProof, ProofError, verify};
use crate::app::App;
use crate::call::Call;
use crate::client::{Client, ClientAuthError, ClientCredentials, GrantType, authenticate};
use crate::error::Fault;
use crate::factor::webauthn::Refusal;
use crate::mfa::Way;
use crate::port::StoreError;
use crate::scope::ScopeSet;
use crate::secret::Handle;

/// The parameters of a token request, as sent.
#[derive(Clone, Default)]
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
    /// `username`.
    pub username: Option<String>,
    /// `password`.
    pub password: Option<String>,
    /// `otp`.
    pub otp: Option<String>,
    /// `mfa_token`.
    pub mfa_token: Option<String>,
    /// `oob_code`.
    pub oob_code: Option<String>,
    /// `binding_code`.
    pub binding_code: Option<String>,
    /// `recovery_code`.
    pub recovery_code: Option<String>,
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
    /// A password grant that names no connection, where the tenant has no default directory.
    NoDefaultConnection,
    /// The password is nobody's of that name.
    WrongPassword,
    /// Too many wrong ones; of what.
    TooManyAttempts(Attempts),
    /// A second factor is missing.
    MfaRequired {
        /// What it can be given, or enrolled, with.
        requirements: MfaRequirements,
        /// What waits for it.
        token: Handle,
    },
    /// Not an `mfa_token`.
    MalformedMfaToken,
    /// An `mfa_token` that is over or used up.
    ExpiredMfaToken,
    /// The code is wrong, used or over; which.
    WrongCode(CodeOf),
    /// Unknown, replaced or expired `oob_code`.
    InvalidOobCode,
    /// Somebody who has a second factor enrols another without giving it.
    AlreadyEnrolled,
    /// Refused on the device.
    Rejected,
    /// The device has not answered.
    Pending,
    /// Asked for again too soon.
    SlowDown,
    /// What was proved is not enough, and only signing in anew would help.
    Unmet,
    /// Not the client's fault.
    Fault(Fault),
}

/// What was tried too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempts {
    /// Passwords.
    Password,
    /// Codes.
    Code,
}

/// Whose code is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeOf {
    /// An authenticator app's.
    App,
    /// The one that was sent for a second factor.
    Sent,
    /// The one on paper.
    Paper,
    /// The one that was sent by mail to sign in with.
    Email,
    /// The one that was sent by text message to sign in with.
    Sms,
}

/// `mfa_requirements` (contract 04 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MfaRequirements {
    /// Give one of these.
    Challenge(Vec<Way>),
    /// Enrol one of these.
    Enroll(Vec<Way>),
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
    let unsupported = || GrantError::UnsupportedGrantType(name.to_owned());
    let grant =
        GrantType::parse(name).filter(|own| SERVED.contains(own)).ok_or_else(unsupported)?;
    if !client.settings.grant_types.contains(&grant) {
        return Err(GrantError::GrantNotAllowed(name.to_owned()));
    }
    // Before anything is used up: a client that is asked for a nonce comes again.
    let verify = |presented| verify(app, call, presented, None, nonce_rule(client, grant));
    let proof = presented.map(verify).transpose()?;
    let proof = proof.as_ref();
    match grant {
        GrantType::AuthorizationCode => {
            authorization_code::exchange(app, call, client, request, proof).await
        }
        GrantType::ClientCredentials => {
            client_credentials::exchange(app, call, client, request, proof).await
        }
        GrantType::MfaOob => mfa::exchange(app, call, client, request, proof, Given::Oob).await,
        GrantType::MfaOtp => mfa::exchange(app, call, client, request, proof, Given::Otp).await,
        GrantType::MfaRecoveryCode => {
            mfa::exchange(app, call, client, request, proof, Given::RecoveryCode).await
        }
        GrantType::Password => password::exchange(app, call, client, request, proof, false).await,
        GrantType::PasswordRealm => {
            password::exchange(app, call, client, request, proof, true).await
        }
        GrantType::PasswordlessOtp => {
            passwordless::exchange(app, call, client, request, proof).await
        }
        GrantType::RefreshToken => refresh_token::exchange(app, call, client, request, proof).await,
        GrantType::Webauthn => webauthn::exchange(app, call, client, request, proof).await,
        _ => Err(unsupported()),
    }
}

/// The grant types that are served.
const SERVED: [GrantType; 10] = [
    GrantType::AuthorizationCode,
    GrantType::ClientCredentials,
    GrantType::MfaOob,
    GrantType::MfaOtp,
    GrantType::MfaRecoveryCode,
    GrantType::Password,
    GrantType::PasswordRealm,
    GrantType::PasswordlessOtp,
    GrantType::RefreshToken,
    GrantType::Webauthn,
];

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
