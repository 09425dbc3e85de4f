//! The claims of access tokens (contract 03 §10.1), and the opaque form used without an API.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::dpop::Binding;
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::{ClientId, FamilyId, UserId};
use crate::port::Random;
use crate::resource_server::ResourceServer;
use crate::scope::ScopeSet;
use crate::seal::Place;

/// What a verified access token says.
#[derive(Clone, Debug)]
pub struct AccessClaims {
    /// `sub`.
    pub user_id: UserId,
    /// `azp`.
    pub client_id: ClientId,
    /// `scope`.
    pub scope: ScopeSet,
    /// The authorization it stems from.
    pub family_id: FamilyId,
    /// The key it is bound to: `cnf`.
    pub binding: Option<Binding>,
}

/// Claims as they are signed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WireClaims {
    pub iss: String,
    pub sub: String,
    pub aud: OneOrMany,
    pub iat: i64,
    pub exp: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The application, in Auth0's own dialect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// The application, in that of RFC 9068.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Where the API wants them: what may be done there, asked for or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gty: Option<String>,
    /// The token family: what revocation is checked against. Not one of Auth0's claims; absent
    /// where an application acts for itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub grant_id: String,
    /// Tells tokens apart; only where an application acts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// The key it is bound to (RFC 9449 §6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// `cnf` (RFC 7800 §3.1).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Confirmation {
    pub jkt: Binding,
}

impl Confirmation {
    pub(super) fn of(binding: Option<&Binding>) -> Option<Self> {
        binding.map(|binding| Self { jkt: binding.clone() })
    }
}

/// `aud` is a string or an array of strings (RFC 7519 §4.1.3).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn contains(&self, value: &str) -> bool {
        match self {
            Self::One(own) => own == value,
            Self::Many(own) => own.iter().any(|own| own == value),
        }
    }
}

/// Behind the application's id in the `sub` of its own tokens.
const CLIENT_SUBJECT: &str = "@clients";

/// What a verified token of an application that acts for itself says.
#[derive(Clone, Debug)]
pub struct ClientClaims {
    /// The application.
    pub client_id: ClientId,
    /// `scope`.
    pub scope: ScopeSet,
    /// `jti`.
    pub token_id: String,
}

impl WireClaims {
    /// The application they were issued to.
    fn client(&self) -> &str {
        self.azp.as_deref().or(self.client_id.as_deref()).unwrap_or_default()
    }

    /// Names the application and, where its API wants that, the permissions.
    pub(super) fn in_dialect(
        mut self,
        client: &ClientId,
        api: Option<&ResourceServer>,
        permissions: Option<&ScopeSet>,
        random: &dyn Random,
    ) -> Self {
        if api.is_some_and(|api| api.settings.token_dialect.is_rfc9068()) {
            self.client_id = Some(client.to_string());
            self.jti.get_or_insert_with(|| random.base64url(16));
        } else {
            self.azp = Some(client.to_string());
        }
        let wanted = api.is_some_and(ResourceServer::names_permissions);
        let list = |scopes: &ScopeSet| scopes.iter().map(ToOwned::to_owned).collect();
        self.permissions = permissions.filter(|_| wanted).map(list);
        self
    }

    /// Whether they are about an application that acts for itself.
    pub(super) fn is_client(&self) -> bool {
        self.sub.ends_with(CLIENT_SUBJECT)
    }

    /// The claims of an application's own token, not of a person's.
    pub(super) fn into_client(self) -> Option<ClientClaims> {
        let client = self.client().to_owned();
        let is_own = self.sub.strip_suffix(CLIENT_SUBJECT) == Some(client.as_str());
        // The APIs applications use for themselves read no proofs, so none can be shown.
        (is_own && self.cnf.is_none()).then(|| ClientClaims {
            client_id: ClientId::from_raw(client),
            scope: ScopeSet::parse(&self.scope),
            token_id: self.jti.unwrap_or_default(),
        })
    }

    /// The `sub` of an application that acts for itself.
    pub(super) fn subject_of(client: &ClientId) -> String {
        format!("{client}{CLIENT_SUBJECT}")
    }

    pub(super) fn into_domain(self) -> AccessClaims {
        AccessClaims {
            client_id: ClientId::from_raw(self.client()),
            user_id: UserId::from_raw(self.sub),
            scope: ScopeSet::parse(&self.scope),
            family_id: FamilyId::from_raw(self.grant_id),
            binding: self.cnf.map(|own| own.jkt),
        }
    }
}

fn opaque_place(call: &Call) -> Place<'_> {
    Place { tenant: call.tenant.id.as_str(), table: "opaque_access_token", row: &call.issuer }
}

/// The opaque form: the same claims sealed, so that nobody reads or makes them but this server.
pub(super) fn seal_opaque(app: &App, call: &Call, claims: &WireClaims) -> Result<String, Fault> {
    let plain = serde_json::to_vec(claims).map_err(Fault::new)?;
    let sealed = app.sealer().seal(opaque_place(call), &plain, app.random())?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

pub(super) fn open_opaque(app: &App, call: &Call, token: &str) -> Option<WireClaims> {
    let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
    let plain = app.sealer().open(opaque_place(call), &sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
