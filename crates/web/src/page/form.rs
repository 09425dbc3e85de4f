//! What comes in from a page: `state` and cookie, and the fields of its form.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{Extension, FromRequest, FromRequestParts, Request};
use housekey_core::Call;
use housekey_core::login::{Posted, Visitor};
use housekey_core::secret::Handle;
use http::HeaderMap;

use crate::state::Web;
use crate::{body, cookie};

/// The value of a query parameter.
pub(super) fn query_value(query: Option<&str>, name: &str) -> Option<String> {
    let pairs = body::pairs(query?.as_bytes())?;
    pairs.into_iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

/// Who looks at a page.
pub(crate) fn visitor(query: Option<&str>, headers: &HeaderMap) -> Visitor {
    let state = query_value(query, "state").unwrap_or_default();
    Visitor { state: Handle::presented(state), browser: cookie::browser(headers) }
}

/// A form posted to a page of a transaction.
pub(crate) struct Submission {
    pub web: Web,
    pub call: Call,
    pub fields: Fields,
    /// Who posted it.
    pub posted: Posted,
}

impl FromRequest<Web> for Submission {
    type Rejection = Infallible;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Infallible> {
        let (mut parts, body) = request.into_parts();
        let Extension(call) = Extension::from_request_parts(&mut parts, web)
            .await
            .expect("the tenant's layer runs before every page");
        let fields = Fields::read(&parts.headers, body).await;
        let posted = fields.posted(&parts.headers);
        Ok(Self { web: web.clone(), call, fields, posted })
    }
}

/// The fields of a posted form.
pub(crate) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads a form; what is not one has no fields, and so fails the first check.
    pub(super) async fn read(headers: &HeaderMap, body: Body) -> Self {
        let is_form = body::is(headers, "application/x-www-form-urlencoded");
        let bytes = if is_form { body::read(body).await } else { None };
        let pairs = bytes.and_then(|bytes| body::pairs(&bytes)).unwrap_or_default();
        Self(pairs.into_iter().collect())
    }

    /// A field's value; empty if it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The fields as a query string.
    pub(super) fn as_query(&self) -> String {
        serde_urlencoded::to_string(&self.0).unwrap_or_default()
    }

    /// The pressed button; without one the form's main button.
    pub(super) fn action(&self) -> &str {
        let action = self.get("action");
        if action.is_empty() { "default" } else { action }
    }

    /// Who posted it.
    pub(super) fn posted(&self, headers: &HeaderMap) -> Posted {
        Posted {
            visitor: Visitor {
                state: Handle::presented(self.get("state")),
                browser: cookie::browser(headers),
            },
            csrf: self.get("_csrf").to_owned(),
        }
    }
}
