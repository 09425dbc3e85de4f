//! An authorization request after validation: only what is known to be right.

use serde::{Deserialize, Serialize};

use crate::id::ClientId;
use crate::scope::ScopeSet;
use crate::token::Audience;
use crate::token::dpop::Binding;

/// A validated authorization request (contract 03 §3.1). The serialised form is the stored form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// The issuer that was asked.
    pub issuer: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Whether the request named it.
    pub redirect_uri_sent: bool,
    /// How the answer travels.
    pub response_mode: ResponseMode,
    /// The API, if one was asked for.
    pub audience: Option<Audience>,
    /// The scopes asked for, cut down to what can be granted.
    pub scope: ScopeSet,
    /// Echoed.
    pub state: Option<String>,
    /// Echoed in the ID token.
    pub nonce: Option<String>,
    /// PKCE, S256.
    pub code_challenge: Option<String>,
    /// What the person must be asked.
    pub prompt: Vec<Prompt>,
    /// Seconds since the last authentication.
    pub max_age: Option<i64>,
    /// Fills in the identifier.
    pub login_hint: Option<String>,
    /// The languages to speak, the best first (`ui_locales`).
    #[serde(default)]
    pub ui_locales: Option<String>,
    /// Begin with the sign-up page.
    pub sign_up_first: bool,
    /// The connection to use.
    pub connection: Option<String>,
    /// The user an `id_token_hint` named.
    pub hinted_user: Option<String>,
    /// Whether `acr_values` asks for a second factor now (contract 04 §9.5).
    #[serde(default)]
    pub step_up: bool,
    /// The key that the code is bound to (RFC 9449 §10).
    #[serde(default)]
    pub dpop_jkt: Option<Binding>,
}

impl AuthorizationRequest {
    /// Whether `prompt` was asked for.
    #[must_use]
    pub fn prompts(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }
}

/// `response_mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// OAuth 2.0 Form Post Response Mode.
    FormPost,
    /// In the fragment.
    Fragment,
    /// In the query.
    Query,
    /// A document that posts a message to the opener or parent.
    WebMessage,
}

impl ResponseMode {
    /// The mode of that wire name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "form_post" => Some(Self::FormPost),
            "fragment" => Some(Self::Fragment),
            "query" => Some(Self::Query),
            "web_message" => Some(Self::WebMessage),
            _ => None,
        }
    }
}

/// A value of `prompt` (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Ask for consent again.
    Consent,
    /// Authenticate again.
    Login,
    /// Show nothing.
    None,
    /// Choose an account; there is one, so: authenticate again.
    SelectAccount,
}

impl Prompt {
    /// The prompt of that wire name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "consent" => Some(Self::Consent),
            "login" => Some(Self::Login),
            "none" => Some(Self::None),
            "select_account" => Some(Self::SelectAccount),
            _ => None,
        }
    }
}
