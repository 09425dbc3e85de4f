//! Resource servers: the APIs tokens are issued for (contract 03 §5, 05 §5).

mod management;
mod possession;
mod signing;
mod unmet;

pub use possession::{Possession, PossessionMechanism, ProofOfPossession, RequiredFor};
pub use unmet::{ConsentPolicy, TokenEncryption};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::ResourceServerId;
use crate::seal::SealedText;
use crate::token::SigningAlgorithm;

/// An API.
#[derive(Clone, Debug)]
pub struct ResourceServer {
    /// 24 hexadecimal digits.
    pub id: ResourceServerId,
    /// Whose API it is, and with that its audience.
    pub kind: ResourceServerKind,
    /// What its owners set.
    pub settings: ResourceServerSettings,
}

/// Whose API it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceServerKind {
    /// Somebody's, under a fixed identifier.
    Custom {
        /// The audience.
        identifier: String,
    },
    /// The Management API of the tenant's canonical domain.
    Management,
    /// The API by which people manage their authenticators (contract 04 §4.5). Every tenant has it,
    /// nobody sets anything about it, and so it is not stored.
    Mfa,
    /// The My Account API, one audience per host.
    MyAccount,
}

/// What is set about an API. The serialised form is the stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceServerSettings {
    /// Name on the consent page.
    pub name: String,
    /// The scopes it knows.
    pub scopes: Vec<ScopeDescription>,
    /// Seconds an access token is valid.
    pub token_lifetime: i64,
    /// `offline_access` yields refresh tokens.
    pub allow_offline_access: bool,
    /// Applications of the tenant's own need no consent.
    pub skip_consent_for_verifiable_first_party_clients: bool,
    /// Who may ask on behalf of a person.
    pub user_policy: AccessPolicy,
    /// Who may ask for itself.
    pub client_policy: AccessPolicy,
    /// People get the scopes they have permission for, and no others.
    pub enforce_policies: bool,
    /// What its access tokens look like.
    pub token_dialect: TokenDialect,
    /// What somebody must have proved to use it, beyond signing in.
    pub authorization_policy: Option<AuthorizationPolicy>,
    /// Whether it takes tokens that are bound to a key.
    pub proof_of_possession: Option<ProofOfPossession>,
    /// The key its access tokens are to be encrypted for. None are issued while it is set.
    pub token_encryption: Option<TokenEncryption>,
    /// How people are to be asked. Nobody gets tokens while it is set.
    pub consent_policy: Option<ConsentPolicy>,
    /// What its access tokens are signed with.
    pub signing_alg: SigningAlgorithm,
    /// What they are signed under if that is HS256.
    pub signing_secret: Option<SealedText>,
    /// What administrators set that has no effect in this version, as they sent it.
    pub kept: Map<String, Value>,
}

impl Default for ResourceServerSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            scopes: Vec::new(),
            token_lifetime: 86_400,
            allow_offline_access: false,
            skip_consent_for_verifiable_first_party_clients: false,
            user_policy: AccessPolicy::AllowAll,
            client_policy: AccessPolicy::RequireClientGrant,
            enforce_policies: false,
            token_dialect: TokenDialect::AccessToken,
            authorization_policy: None,
            proof_of_possession: None,
            token_encryption: None,
            consent_policy: None,
            signing_alg: SigningAlgorithm::default(),
            signing_secret: None,
            kept: Map::new(),
        }
    }
}

/// `token_dialect` (contract 03 §10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenDialect {
    /// Auth0's own claims.
    AccessToken,
    /// The same with `permissions`.
    AccessTokenAuthz,
    /// Those of RFC 9068.
    Rfc9068Profile,
    /// The same with `permissions`.
    Rfc9068ProfileAuthz,
}

impl TokenDialect {
    /// Whether the claims are those of RFC 9068.
    #[must_use]
    pub fn is_rfc9068(self) -> bool {
        matches!(self, Self::Rfc9068Profile | Self::Rfc9068ProfileAuthz)
    }

    /// Whether `permissions` is among the claims.
    #[must_use]
    pub fn has_permissions(self) -> bool {
        matches!(self, Self::AccessTokenAuthz | Self::Rfc9068ProfileAuthz)
    }
}

/// `authorization_policy`: for the My Account API the only one there is, the Default Policy, asks
/// for a recent second factor (contract 04 §8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationPolicy {
    /// The policy's id.
    pub policy_id: String,
}

impl AuthorizationPolicy {
    /// The Default Policy, which requires a second factor (contract 05 §5.3).
    #[must_use]
    pub fn require_2fa() -> Self {
        Self { policy_id: "019b76da-a800-73c9-b656-b349ae415c17".to_owned() }
    }
}

/// A scope and what it allows, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeDescription {
    /// The scope.
    pub value: String,
    /// Shown on the consent page.
    #[serde(default)]
    pub description: String,
}

/// `subject_type_authorization.*.policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessPolicy {
    /// Every application, every scope.
    AllowAll,
    /// Nobody.
    DenyAll,
    /// Applications with a client grant, within its scopes.
    RequireClientGrant,
}

impl ResourceServer {
    /// The audience of this API for calls on `issuer`; `canonical` is the issuer of the tenant's
    /// own domain. Both end in a slash.
    #[must_use]
    pub fn audience(&self, issuer: &str, canonical: &str) -> String {
        match &self.kind {
            ResourceServerKind::Custom { identifier } => identifier.clone(),
            ResourceServerKind::Management => format!("{canonical}api/v2/"),
            ResourceServerKind::Mfa => format!("{issuer}mfa/"),
            ResourceServerKind::MyAccount => format!("{issuer}me/"),
        }
    }

    /// Whether the API has `scope`.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.settings.scopes.iter().any(|own| own.value == scope)
    }

    /// Whether its tokens name permissions: for people all they have there, for applications what
    /// they were granted.
    #[must_use]
    pub fn names_permissions(&self) -> bool {
        self.settings.enforce_policies && self.settings.token_dialect.has_permissions()
    }

    /// Whether it is one of Housekey's own, which only first parties may use.
    #[must_use]
    pub fn is_system(&self) -> bool {
        !matches!(self.kind, ResourceServerKind::Custom { .. })
    }

    /// The My Account API as activation makes it (contract 05 §5.3).
    #[must_use]
    pub fn my_account(id: ResourceServerId) -> Self {
        Self {
            id,
            kind: ResourceServerKind::MyAccount,
            settings: ResourceServerSettings {
                name: "Auth0 My Account API".to_owned(),
                scopes: my_account_scopes(),
                token_lifetime: 600,
                allow_offline_access: true,
                skip_consent_for_verifiable_first_party_clients: true,
                user_policy: AccessPolicy::RequireClientGrant,
                client_policy: AccessPolicy::DenyAll,
                proof_of_possession: Some(ProofOfPossession::optional()),
                ..ResourceServerSettings::default()
            },
        }
    }

    /// The API by which people manage their authenticators (contract 04 §4.5).
    #[must_use]
    pub fn mfa() -> Self {
        Self {
            id: ResourceServerId::from_raw("mfa"),
            kind: ResourceServerKind::Mfa,
            settings: ResourceServerSettings {
                name: "Auth0 MFA API".to_owned(),
                scopes: described(MFA_SCOPES),
                token_lifetime: 600,
                allow_offline_access: true,
                skip_consent_for_verifiable_first_party_clients: true,
                client_policy: AccessPolicy::DenyAll,
                ..ResourceServerSettings::default()
            },
        }
    }

    /// With the scopes this version has, where the API is Housekey's own.
    #[must_use]
    pub fn with_own_scopes(mut self) -> Self {
        match self.kind {
            ResourceServerKind::Custom { .. } | ResourceServerKind::Mfa => {}
            ResourceServerKind::Management => self.settings.scopes = management::scopes(),
            ResourceServerKind::MyAccount => self.settings.scopes = my_account_scopes(),
        }
        self
    }

    /// The Management API of a new tenant (contract 05 §5.2).
    #[must_use]
    pub fn management(id: ResourceServerId) -> Self {
        Self {
            id,
            kind: ResourceServerKind::Management,
            settings: ResourceServerSettings {
                name: "Auth0 Management API".to_owned(),
                ..ResourceServerSettings::default()
            },
        }
    }
}

/// The scopes of the My Account API. Nobody sets them, so what a tenant stored when it was made by an
/// older version does not count.
fn my_account_scopes() -> Vec<ScopeDescription> {
    described(MY_ACCOUNT_SCOPES)
}

fn described(scopes: &[(&str, &str)]) -> Vec<ScopeDescription> {
    let described = |(value, description): &(&str, &str)| ScopeDescription {
        value: (*value).to_owned(),
        description: (*description).to_owned(),
    };
    scopes.iter().map(described).collect()
}

const MFA_SCOPES: &[(&str, &str)] = &[
    ("enroll", "Enroll authenticators"),
    ("read:authenticators", "Read authenticators"),
    ("remove:authenticators", "Remove authenticators"),
];

const MY_ACCOUNT_SCOPES: &[(&str, &str)] = &[
    ("read:me:authentication_methods", "Read Authentication Methods"),
    ("create:me:authentication_methods", "Create Authentication Methods"),
    ("update:me:authentication_methods", "Update Authentication Methods"),
    ("delete:me:authentication_methods", "Delete Authentication Methods"),
    ("read:me:factors", "Read Factors"),
    ("read:me:connected_accounts", "Read Connected Accounts"),
    ("create:me:connected_accounts", "Create Connected Accounts"),
    ("delete:me:connected_accounts", "Delete Connected Accounts"),
    ("read:me:consents", "Read Consents"),
    ("read:me:organizations", "Read Organizations"),
];
