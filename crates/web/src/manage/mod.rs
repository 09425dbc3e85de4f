//! The Management API (contract 05): one file per resource.
//!
//! Every operation is entered through [`serve`], which authorizes, counts and renders. A resource's
//! file lists its operations and holds what is its own: its fields and their wire form.

mod body;
mod client_grants;
mod error;
mod operation;
mod page;
mod resource_servers;
mod unserved;

pub use operation::{Operation, operations};

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use housekey_core::manage::{ManageError, Operator, admit};
use housekey_core::{App, Call};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;

use self::body::Members;
use self::error::ErrorBody;
use crate::state::Web;
use crate::{body as bytes, headers, path};

/// One admitted request.
pub(crate) struct Ask<'a> {
    app: &'a App,
    call: &'a Call,
    operator: Operator,
    /// The decoded id in the path; empty for operations without one.
    id: String,
    query: String,
    headers: HeaderMap,
    body: Body,
}

/// What an operation answers.
pub(crate) struct Reply {
    status: StatusCode,
    body: Option<Value>,
}

impl Reply {
    fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body: Some(body) }
    }

    fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    fn gone() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None }
    }
}

impl Ask<'_> {
    /// The body as an object, and as it was sent.
    async fn object(&mut self) -> Result<(Members, Value), ManageError> {
        let malformed = |why: &str| ManageError::InvalidBody(why.to_owned());
        if !bytes::is(&self.headers, "application/json") {
            return Err(malformed("Invalid request payload JSON format"));
        }
        let body = std::mem::take(&mut self.body);
        let text = bytes::read(body).await.ok_or_else(|| malformed("The payload is too long."))?;
        match serde_json::from_slice(&text) {
            Ok(Value::Object(members)) => {
                Ok((Members::new(members.clone()), Value::Object(members)))
            }
            Ok(_) => Err(malformed("Payload validation error: 'Expected type object'.")),
            Err(_) => Err(malformed("Invalid request payload JSON format")),
        }
    }
}

/// Serves every path under `/api/v2`.
pub(crate) async fn serve(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let (method, url) = (parts.method.as_str(), parts.uri.path());
    let found = operation::find(method, url);
    let scopes = match &found {
        Some((operation, _)) => operation.scopes,
        None => &[],
    };
    let token = headers::bearer(&parts.headers);
    let admission = admit(&web.app, &call, token, scopes);
    let outcome = match (found, admission.operator) {
        // Whoever may do nothing here is not told what there is.
        (None, Err(ManageError::InsufficientScope(_)) | Ok(_)) => {
            Err(unserved::answer(method, url))
        }
        (_, Err(error)) => Err(ErrorBody::from_error(error, &call)),
        (Some((operation, id)), Ok(operator)) => {
            let ask = Ask {
                app: &web.app,
                call: &call,
                operator,
                id,
                query: parts.uri.query().unwrap_or_default().to_owned(),
                headers: parts.headers,
                body,
            };
            (operation.run)(ask).await.map_err(|error| ErrorBody::from_error(error, &call))
        }
    };
    let mut response = match outcome {
        Ok(Reply { status, body: Some(body) }) => (status, axum::Json(body)).into_response(),
        Ok(Reply { status, body: None }) => status.into_response(),
        Err(error) => error.into_response(),
    };
    let sent = response.headers_mut();
    sent.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers::rate_limit(sent, admission.rate);
    if let Some(rate) = admission.rate.filter(|rate| !rate.allowed) {
        sent.insert(header::RETRY_AFTER, HeaderValue::from(rate.retry_after.max(1)));
    }
    response
}

/// The path segments below `/api/v2`, decoded once each.
fn segments(url: &str) -> Option<Vec<String>> {
    url.strip_prefix("/api/v2/")?.split('/').map(path::decode).collect()
}
