//! Applications (RFC 6749 "clients") and what they may ask for.

mod authenticate;
mod create;
mod urls;

pub use authenticate::{ClientAuthError, ClientCredentials, authenticate};
pub use create::{CreateError, Created, create, new_client};
pub use urls::{is_non_verifiable, origin_of, same_redirect_uri, tenant_allows_logout_url};

use serde::{Deserialize, Serialize};

use crate::id::{ClientGrantId, ClientId, ResourceServerId};
use crate::scope::ScopeSet;
use crate::time::Timestamp;

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
    /// Kind of application.
    pub app_type: AppType,
    /// Run by the same people as the tenant.
    pub is_first_party: bool,
    /// How it authenticates at the token endpoint.
    pub token_endpoint_auth_method: AuthMethod,
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
    /// Overrides the tenant's setting of the same name.
    pub skip_non_verifiable_callback_uri_confirmation_prompt: Option<bool>,
    /// Always put `auth_time` into ID tokens.
    pub require_auth_time: bool,
    /// Gets only tokens that are bound to a key (RFC 9449).
    pub require_proof_of_possession: bool,
    /// Its apps on phones.
    pub mobile: MobileSettings,
    /// One of Housekey's own pages; not listed, not editable.
    pub is_system: bool,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            app_type: AppType::RegularWeb,
            is_first_party: true,
            token_endpoint_auth_method: AuthMethod::ClientSecretPost,
            callbacks: Vec::new(),
            allowed_logout_urls: Vec::new(),
            web_origins: Vec::new(),
            allowed_origins: Vec::new(),
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            refresh_token: RefreshTokenSettings::default(),
            id_token_lifetime: 36_000,
            skip_non_verifiable_callback_uri_confirmation_prompt: None,
            require_auth_time: false,
            require_proof_of_possession: false,
            mobile: MobileSettings::default(),
            is_system: false,
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
        self.token_endpoint_auth_method == AuthMethod::None
    }
}

/// Kind of application, as the Management API names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppType {
    /// Acts for itself.
    NonInteractive,
    /// Installed on a device.
    Native,
    /// Renders on a server.
    RegularWeb,
    /// Runs in the browser.
    Spa,
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

/// Grant types an application may be allowed, by their wire names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GrantType {
    /// RFC 6749 §4.1.
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    /// RFC 6749 §4.4.
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    /// Second factor by a code sent elsewhere.
    #[serde(rename = "http://auth0.com/oauth/grant-type/mfa-oob")]
    MfaOob,
    /// Second factor by an authenticator app.
    #[serde(rename = "http://auth0.com/oauth/grant-type/mfa-otp")]
    MfaOtp,
    /// Second factor by recovery code.
    #[serde(rename = "http://auth0.com/oauth/grant-type/mfa-recovery-code")]
    MfaRecoveryCode,
    /// RFC 6749 §4.3.
    #[serde(rename = "password")]
    Password,
    /// The same, naming a connection.
    #[serde(rename = "http://auth0.com/oauth/grant-type/password-realm")]
    PasswordRealm,
    /// RFC 6749 §6.
    #[serde(rename = "refresh_token")]
    RefreshToken,
    /// Passkeys of native applications.
    #[serde(rename = "urn:okta:params:oauth:grant-type:webauthn")]
    Webauthn,
}

/// How an application's refresh tokens live (contract 03 §9.1). Seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefreshTokenSettings {
    /// Each exchange replaces the token.
    pub rotating: bool,
    /// How long a replaced token may be replayed.
    pub leeway: i64,
    /// Until a family ends for good; none is never.
    pub token_lifetime: Option<i64>,
    /// Until an unused family ends; none is never.
    pub idle_token_lifetime: Option<i64>,
}

impl Default for RefreshTokenSettings {
    fn default() -> Self {
        Self {
            rotating: false,
            leeway: 0,
            token_lifetime: Some(2_592_000),
            idle_token_lifetime: Some(2_592_000),
        }
    }
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
