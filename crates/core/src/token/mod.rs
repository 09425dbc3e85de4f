//! Tokens: grants, issuing, refresh families, signing keys, verification.

mod algorithm;
mod claims;
pub mod dpop;
mod family;
pub mod grant;
mod id_token;
mod issue;
mod keys;
pub mod revoke;
pub mod userinfo;
mod verify;

pub use algorithm::SigningAlgorithm;
pub use claims::{AccessClaims, ClientClaims};
pub use family::{Family, Head, RefreshToken, Rotation, Standing};
pub use issue::{Issued, TokenResponse};
pub use keys::{
    KeyState, Reign, RevokedKey, SigningKey, StoredKey, fingerprint, generate_key, rotate,
};
pub use verify::{
    ClientTokenError, HintClaims, InvalidToken, verify_access_token, verify_client_token,
    verify_for_userinfo, verify_id_token, verify_id_token_hint,
};

use serde::{Deserialize, Serialize};

use self::dpop::Binding;

use crate::call::Call;
use crate::id::{ClientId, FamilyId, ResourceServerId, SessionId, UserId};
use crate::resource_server::ResourceServer;
use crate::scope::ScopeSet;
use crate::secret::HandleHash;
use crate::session::MethodEvent;
use crate::time::Timestamp;

/// The API a token is for, and the `aud` it was asked for under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// The API.
    pub resource_server_id: ResourceServerId,
    /// The value of `aud`.
    pub value: String,
}

impl Audience {
    /// The API, if it is still there.
    #[must_use]
    pub fn api<'a>(&self, call: &'a Call) -> Option<&'a ResourceServer> {
        call.tenant.resource_server(&self.resource_server_id)
    }
}

/// An authorization code (RFC 6749 §4.1.2), bound to everything that was decided before it.
#[derive(Clone, Debug)]
pub struct AuthorizationCode {
    /// Hash of the code.
    pub handle: HandleHash,
    /// The family that exchanging it creates.
    pub family_id: FamilyId,
    /// What was decided.
    pub authorization: Authorization,
    /// End.
    pub expires_at: Timestamp,
}

/// What a code stands for. The serialised form is the stored form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Authorization {
    /// For whom it was issued.
    pub client_id: ClientId,
    /// Who authenticated.
    pub user_id: UserId,
    /// The issuer it was asked from; a code of one host is worthless on another.
    pub issuer: String,
    /// The session it was issued in.
    pub session_id: SessionId,
    /// How the person authenticated.
    pub events: Vec<MethodEvent>,
    /// For which API.
    pub audience: Option<Audience>,
    /// The granted scopes.
    pub scope: ScopeSet,
    /// `redirect_uri` as used.
    pub redirect_uri: String,
    /// Whether the request named it; then the exchange must, too.
    pub redirect_uri_sent: bool,
    /// PKCE (RFC 7636), S256.
    pub code_challenge: Option<String>,
    /// OpenID Connect `nonce`.
    pub nonce: Option<String>,
    /// Whether the ID token gets `auth_time`.
    pub wants_auth_time: bool,
    /// Whether the person gave a second factor on the way to this code.
    #[serde(default)]
    pub multi_factor: bool,
    /// The key that was announced (RFC 9449 §10); the exchange must prove it.
    #[serde(default)]
    pub dpop_jkt: Option<Binding>,
}
