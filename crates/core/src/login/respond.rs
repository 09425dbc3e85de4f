//! What goes back to the application.

use super::{AuthorizationRequest, ResponseMode};
use crate::call::Call;

/// An authorization response, success or error, ready to travel.
#[derive(Clone, Debug)]
pub struct AuthorizationResponse {
    /// Where to.
    pub redirect_uri: String,
    /// How.
    pub mode: ResponseMode,
    /// Names and values.
    pub params: Vec<(&'static str, String)>,
    /// Origins that may embed a `web_message` document.
    pub web_origins: Vec<String>,
}

/// An OAuth error by its code, with words for developers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthError {
    /// `error`.
    pub code: &'static str,
    /// `error_description`.
    pub description: String,
}

impl OauthError {
    /// An error.
    pub fn new(code: &'static str, description: impl Into<String>) -> Self {
        Self { code, description: description.into() }
    }

    /// Nobody is signed in, and nothing may be shown.
    #[must_use]
    pub fn login_required() -> Self {
        Self::new("login_required", "Login required")
    }

    /// A second factor is missing, and nothing may be shown. auth0-spa-js compares this text.
    #[must_use]
    pub fn multi_factor_required() -> Self {
        Self::new("login_required", "Multifactor authentication required")
    }

    /// What was proved is not enough, and nothing that may be done here would be.
    #[must_use]
    pub fn unmet() -> Self {
        let text = "The authentication requirements of this request cannot be met. Please log in \
                    again.";
        Self::new("unmet_authentication_requirements", text)
    }

    /// The person must agree, and nothing may be shown.
    #[must_use]
    pub fn consent_required() -> Self {
        Self::new("consent_required", "Consent required")
    }
}

/// Where an answer goes; known before the rest of a request is valid.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub redirect_uri: String,
    pub mode: ResponseMode,
    pub state: Option<String>,
    pub web_origins: Vec<String>,
    /// Who answers, where that is told (RFC 9207).
    pub iss: Option<String>,
}

impl Destination {
    /// Who answers, as far as the tenant wants it told.
    pub(super) fn iss(call: &Call) -> Option<String> {
        call.tenant.settings.authorization_response_iss.then(|| call.issuer.clone())
    }

    pub(super) fn of(call: &Call, request: &AuthorizationRequest) -> Self {
        let web_origins = call
            .tenant
            .client(&request.client_id)
            .map(|client| client.settings.web_origins.clone())
            .unwrap_or_default();
        Self {
            redirect_uri: request.redirect_uri.clone(),
            mode: request.response_mode,
            state: request.state.clone(),
            web_origins,
            iss: Self::iss(call),
        }
    }

    pub(super) fn code(self, code: String) -> AuthorizationResponse {
        self.answer(vec![("code", code)])
    }

    pub(super) fn error(self, error: OauthError) -> AuthorizationResponse {
        self.answer(vec![
            ("error", error.code.to_owned()),
            ("error_description", error.description),
        ])
    }

    fn answer(self, mut params: Vec<(&'static str, String)>) -> AuthorizationResponse {
        params.extend(self.state.map(|state| ("state", state)));
        params.extend(self.iss.map(|iss| ("iss", iss)));
        AuthorizationResponse {
            redirect_uri: self.redirect_uri,
            mode: self.mode,
            params,
            web_origins: self.web_origins,
        }
    }
}
