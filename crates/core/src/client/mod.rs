//! Applications (RFC 6749 "clients") and what they may ask for.

mod assertion;
mod authenticate;
mod create;
mod credential;
mod grant_type;
pub(crate) mod pem;
mod refresh_token;
mod urls;

pub use assertion::ASSERTION_TYPE;
pub use authenticate::{ClientAuthError, ClientCredentials, authenticate};
pub use create::{CreateError, FirstGrants, create, new_client, new_secret};
pub use credential::{
    AssertionAlgorithm, ClientAuthenticationMethods, Credential, MAX_CREDENTIALS, PublicKey,
};
pub use grant_type::GrantType;
pub use refresh_token::{RefreshTokenPolicy, RefreshTokenSettings};
pub use urls::{is_non_verifiable, origin_of, same_redirect_uri, tenant_allows_logout_url};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{ClientGrantId, ClientId, ResourceServerId};
use crate::scope::ScopeSet;
use crate::session::LogoutListener;
use crate::time::Timestamp;
use crate::token::SigningAlgorithm;

/// An application registered with a tenant.
#[derive(Clone, Debug)]
pub struct Client {
    /// `client_id`.
    pub id: ClientId,
    /// The sealed `client_secret`; none for public applications.
    pub sealed_secret: Option<Vec<u8>>,
    /// What its owners set.
    pub settings: ClientSettings,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// What is set about an application. The serialised form is the stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent settings, as administrators see them"
)]
pub struct ClientSettings {
    /// The name people see.
    pub name: String,
    /// What it is, for those who administer it.
    pub description: Option<String>,
    /// Shown where people decide about it.
    pub logo_uri: Option<String>,
    /// Kind of application.
    pub app_type: Option<AppType>,
    /// Run by the same people as the tenant.
    pub is_first_party: bool,
    /// How it authenticates at the token endpoint; what suits its kind if none is set.
    pub token_endpoint_auth_method: Option<AuthMethod>,
    /// How it authenticates instead, if not by a secret.
    pub client_authentication_methods: Option<ClientAuthenticationMethods>,
    /// Its keys, in use or not.
    pub credentials: Vec<Credential>,
    /// Redirect URIs; in Housekey's own applications `{issuer}` stands for the called issuer.
    pub callbacks: Vec<String>,
    /// Where logout may lead.
    pub allowed_logout_urls: Vec<String>,
    /// Origins that may use `web_message`.
    pub web_origins: Vec<String>,
    /// Further origins that may call from a browser.
    pub allowed_origins: Vec<String>,
    /// Grant types it may use.
    pub grant_types: Vec<GrantType>,
    /// How its refresh tokens live.
    pub refresh_token: RefreshTokenSettings,
    /// Seconds an ID token is valid.
    pub id_token_lifetime: i64,
    /// What ID tokens are signed with.
    pub id_token_alg: SigningAlgorithm,
    /// Overrides the tenant's setting of the same name.
    pub skip_non_verifiable_callback_uri_confirmation_prompt: Option<bool>,
    /// Always put `auth_time` into ID tokens.
    pub require_auth_time: bool,
    /// Has to push its authorization requests (RFC 9126).
    pub require_pushed_authorization_requests: bool,
    /// Seconds such a request waits.
    pub par_request_expiry: Option<i64>,
    /// Gets only tokens that are bound to a key (RFC 9449).
    pub require_proof_of_possession: bool,
    /// How it hears of sessions that ended.
    pub logout_listener: LogoutListener,
    /// Its apps on phones.
    pub mobile: MobileSettings,
    /// One of Housekey's own pages; not listed, not editable.
    pub is_system: bool,
    /// What stands for all applications of the tenant: settings some tools look for there.
    pub is_global: bool,
    /// Free words about it, which Actions can read.
    pub client_metadata: Option<Map<String, Value>>,
    /// What administrators set that has no effect in this version, as they sent it.
    pub kept: Map<String, Value>,
    /// When it was changed last; none if never.
    pub updated_at: Option<Timestamp>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: None,
            logo_uri: None,
            app_type: None,
            is_first_party: true,
            token_endpoint_auth_method: None,
            client_authentication_methods: None,
            credentials: Vec::new(),
            callbacks: Vec::new(),
            allowed_logout_urls: Vec::new(),
            web_origins: Vec::new(),
            allowed_origins: Vec::new(),
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            refresh_token: RefreshTokenSettings::default(),
            id_token_lifetime: 36_000,
            id_token_alg: SigningAlgorithm::default(),
            skip_non_verifiable_callback_uri_confirmation_prompt: None,
            require_auth_time: false,
            require_pushed_authorization_requests: false,
            par_request_expiry: None,
            require_proof_of_possession: false,
            logout_listener: LogoutListener::default(),
            mobile: MobileSettings::default(),
            is_system: false,
            is_global: false,
            client_metadata: None,
            kept: Map::new(),
            updated_at: None,
        }
    }
}

/// The apps of an application, by which phones let them use passkeys of its host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MobileSettings {
    /// On Android.
    pub android: Option<AndroidApp>,
    /// On iOS.
    pub ios: Option<IosApp>,
}

/// An Android app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AndroidApp {
    /// Its package.
    pub app_package_name: String,
    /// SHA-256 of the certificates it is signed with: pairs of digits with colons between them.
    pub sha256_cert_fingerprints: Vec<String>,
}

/// An iOS app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IosApp {
    /// Its maker.
    pub team_id: String,
    /// Its bundle.
    pub app_bundle_identifier: String,
}

impl ClientSettings {
    /// Whether the application keeps no secret (RFC 6749 §2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.client_authentication_methods.is_none() && self.auth_method() == AuthMethod::None
    }

    /// How it authenticates at the token endpoint. What runs on people's devices keeps no secret.
    #[must_use]
    pub fn auth_method(&self) -> AuthMethod {
        let by_kind = match self.app_type {
            Some(AppType::Native | AppType::Spa) => AuthMethod::None,
            _ => AuthMethod::ClientSecretPost,
        };
        self.token_endpoint_auth_method.unwrap_or(by_kind)
    }
}

/// Kind of application, as the Management API names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppType {
    /// Acts for itself.
    NonInteractive,
    /// Installed on a device.
    Native,
    /// Renders on a server.
    RegularWeb,
    /// An API that exchanges tokens.
    ResourceServer,
    /// Runs in the browser.
    Spa,
    /// A partner's product, by its name.
    #[serde(untagged)]
    Partner(String),
}

/// `token_endpoint_auth_method` (RFC 7591 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// HTTP Basic.
    ClientSecretBasic,
    /// In the body.
    ClientSecretPost,
    /// Public application.
    None,
}

/// An application's permission to ask an API for scopes (contract 03 §5).
#[derive(Clone, Debug)]
pub struct ClientGrant {
    /// `cgr_…`.
    pub id: ClientGrantId,
    /// Who may ask.
    pub client_id: ClientId,
    /// Which API.
    pub resource_server_id: ResourceServerId,
    /// On whose behalf.
    pub subject_type: SubjectType,
    /// For what.
    pub scope: GrantedScope,
}

/// On whose behalf a client grant speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// The application itself.
    Client,
    /// A person.
    User,
}

/// The scopes of a client grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantedScope {
    /// Whatever the API has, now and later.
    All,
    /// These.
    Only(ScopeSet),
}

impl GrantedScope {
    /// Whether `scope` is covered.
    #[must_use]
    pub fn covers(&self, scope: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(scopes) => scopes.contains(scope),
        }
    }
}
