//! The Management API (contract 05): one file per resource.
//!
//! Every operation is entered through [`serve`], which authorizes, counts, checks the body and
//! renders. A resource's file lists its operations and holds what is its own: its fields, and how
//! they are read and shown.

mod absent;
mod attack_protection;
mod body;
mod branding;
mod client_grants;
mod clients;
mod connections;
mod custom_domains;
mod describe;
mod email;
mod error;
mod grants;
mod guardian;
mod jobs;
mod kept;
mod keys;
mod log_streams;
mod logs;
mod operation;
mod organizations;
mod page;
mod pem;
mod prompts;
mod query;
mod refresh_tokens;
mod resource_servers;
mod roles;
mod sessions;
mod setting;
mod shape;
mod tenant_settings;
mod tickets;
mod unserved;
mod upload;
mod user_belongings;
mod user_blocks;
mod user_identities;
mod user_methods;
mod user_roles;
mod users;

pub use operation::{Operation, operations};
pub use users::shown as shown_user;

pub(crate) use jobs::download;

pub(crate) use describe::{paths, refusal};

use ::bytes::Bytes;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use housekey_core::manage::custom_domains::links_on;
use housekey_core::manage::{Asked, ManageError, Operator, admit, record_refusal};
use housekey_core::{App, Call};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;

use self::body::Members;
use self::error::ErrorBody;
use self::operation::Takes;
use self::query::Query;
use self::shape::{check, check_fields, masked, without_nulls};
use crate::error::log_fault;
use crate::state::Web;
use crate::{body as bytes, headers, path};

/// One admitted request, whose body has its form.
pub(crate) struct Ask<'a> {
    app: &'a App,
    call: &'a Call,
    operator: Operator,
    /// The decoded ids in the path.
    ids: Vec<String>,
    query: Query,
    /// The form of the body.
    takes: Takes,
    /// The body; `null` where none is taken.
    sent: Value,
    /// The body as the log may show it.
    shown: Value,
    /// The file that came with it.
    file: Option<Bytes>,
}

impl Ask<'_> {
    /// The first id in the path.
    fn id(&self) -> &str {
        self.ids.first().map_or("", String::as_str)
    }

    /// The second id in the path.
    fn second_id(&self) -> &str {
        self.ids.get(1).map_or("", String::as_str)
    }

    /// Takes the body's members out.
    fn members(&mut self) -> Members {
        match self.sent.take() {
            Value::Object(members) => Members::new(members),
            _ => Members::default(),
        }
    }

    /// The same for what is replaced whole: members that are `null`, at any depth, are none.
    fn members_without_nulls(&mut self) -> Members {
        let sent = self.sent.take();
        self.sent = match self.takes {
            Takes::Nothing => sent,
            Takes::Fields(fields, _) | Takes::Upload(fields) => {
                without_nulls(&shape::Shape::Object(fields), sent)
            }
            Takes::Value(shape) => without_nulls(shape, sent),
        };
        self.members()
    }
}

/// What an operation answers.
pub(crate) struct Reply {
    status: StatusCode,
    body: Option<Value>,
    /// Where the list goes on (RFC 8288).
    link: Option<HeaderValue>,
}

impl Reply {
    fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body: Some(body), link: None }
    }

    fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    fn bare(status: StatusCode) -> Self {
        Self { status, body: None, link: None }
    }

    fn gone() -> Self {
        Self::bare(StatusCode::NO_CONTENT)
    }
}

/// Serves every path under `/api/v2`.
pub(crate) async fn serve(
    State(web): State<Web>,
    Extension(mut call): Extension<Call>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let (method, url) = (parts.method.as_str(), parts.uri.path());
    let found = operation::find(method, url);
    // What another server changed a moment ago is there: tools read what they wrote.
    if let Err(fault) = call.refresh(&web.app).await {
        return ErrorBody::from_error(fault.into(), &call).into_response();
    }
    let scopes = match &found {
        Some((operation, _)) => operation.scopes,
        None => &[],
    };
    let token = headers::bearer(&parts.headers);
    let query = parts.uri.query().unwrap_or_default();
    let asked = asked(method, url, query, found.as_ref().map(|(operation, _)| *operation));
    let admission = admit(&web.app, &call, token, scopes, asked);
    let mut shown = Value::Null;
    let outcome = match (found, admission.operator) {
        // Whoever may do nothing here is not told what there is.
        (None, Err(ManageError::InsufficientScope(_)) | Ok(_)) => {
            Err(unserved::answer(method, url))
        }
        (_, Err(error)) => Err(ErrorBody::from_error(error, &call)),
        (Some((operation, _)), Ok(operator))
            if !operation.also.iter().all(|scope| operator.may(scope)) =>
        {
            Err(ErrorBody::insufficient_scope(&operation.also.join(",")))
        }
        (Some((operation, ids)), Ok(operator)) => {
            let input = Input { ids, query, headers: &parts.headers, body };
            let done = run(&web.app, &call, operator, operation, input, &mut shown).await;
            done.map_err(|error| ErrorBody::from_error(error, &call))
        }
    };
    if let (Err(error), Some(operator)) = (&outcome, &admission.identified)
        && (method != "GET" || error.is_rate_limited())
        && let Err(fault) = record_refusal(&web.app, &call, operator, error.refusal(), shown).await
    {
        log_fault(&fault, &call.request_id);
    }
    let link = outcome.as_ref().ok().and_then(|reply| reply.link.clone());
    let mut response = match outcome {
        Ok(Reply { status, body: Some(body), .. }) => (status, axum::Json(body)).into_response(),
        Ok(Reply { status, body: None, .. }) => status.into_response(),
        Err(error) => error.into_response(),
    };
    let sent = response.headers_mut();
    sent.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(link) = link {
        sent.insert(header::LINK, link);
    }
    headers::rate_limit(sent, admission.rate);
    if let Some(rate) = admission.rate.filter(|rate| !rate.allowed) {
        sent.insert(header::RETRY_AFTER, HeaderValue::from(rate.retry_after.max(1)));
    }
    response
}

/// What a request asks for, as the log tells it.
fn asked(method: &str, path: &str, query: &str, operation: Option<&Operation>) -> Asked {
    let pairs: Vec<(String, Value)> = serde_urlencoded::from_str(query).unwrap_or_default();
    Asked {
        method: method.to_owned(),
        path: path.to_owned(),
        query: pairs.into_iter().collect(),
        status: operation.map_or(0, Operation::status),
    }
}

/// What came with a request.
struct Input<'a> {
    ids: Vec<String>,
    query: &'a str,
    headers: &'a HeaderMap,
    body: Body,
}

async fn run(
    app: &App,
    call: &Call,
    operator: Operator,
    operation: &Operation,
    input: Input<'_>,
    shown: &mut Value,
) -> Result<Reply, ManageError> {
    let query = Query::parse(input.query, operation.query)?;
    let (sent, file) = match operation.takes {
        Takes::Nothing => (Value::Null, None),
        Takes::Fields(..) | Takes::Value(_) => (json(input.headers, input.body).await?, None),
        Takes::Upload(fields) => upload::read(input.headers, input.body, fields).await?,
    };
    *shown = match operation.takes {
        Takes::Nothing => Value::Null,
        Takes::Fields(fields, _) | Takes::Upload(fields) => {
            masked(&shape::Shape::Object(fields), &sent)
        }
        Takes::Value(shape) => masked(shape, &sent),
    };
    let checked = match (operation.takes, &sent) {
        (Takes::Upload(fields), Value::Object(members)) => {
            check_fields(fields, members, shape::Mode::Create, false)
        }
        (Takes::Fields(fields, mode), Value::Object(members)) => {
            check_fields(fields, members, mode, false)
        }
        (Takes::Fields(fields, mode), other) => check(&shape::Shape::Object(fields), other, mode),
        (Takes::Value(shape), value) => check(shape, value, shape::Mode::Create),
        (Takes::Nothing | Takes::Upload(_), _) => Ok(()),
    };
    checked.map_err(ManageError::InvalidBody)?;
    let shown = shown.clone();
    let (ids, takes) = (input.ids, operation.takes);
    let there;
    let call = if operation.picks_domain {
        there = links_on(call, custom_domain(input.headers)?)?;
        &there
    } else {
        call
    };
    (operation.run)(Ask { app, call, operator, ids, query, takes, sent, shown, file }).await
}

/// The domain that links are to lead to, if the sender says.
fn custom_domain(headers: &HeaderMap) -> Result<Option<&str>, ManageError> {
    let malformed = |_| {
        let text = "The Auth0-Custom-Domain header is malformed.";
        ManageError::InvalidHeader(text.to_owned())
    };
    headers.get("auth0-custom-domain").map(HeaderValue::to_str).transpose().map_err(malformed)
}

async fn json(headers: &HeaderMap, body: Body) -> Result<Value, ManageError> {
    let malformed = |why: &str| ManageError::InvalidBody(why.to_owned());
    if !bytes::is(headers, "application/json") {
        return Err(malformed("Invalid request payload JSON format"));
    }
    let text = bytes::read(body).await.ok_or_else(|| malformed("The payload is too long."))?;
    serde_json::from_slice(&text).map_err(|_| malformed("Invalid request payload JSON format"))
}

/// The path segments below `/api/v2`, decoded once each. Nothing has a NUL in its id.
fn segments(url: &str) -> Option<Vec<String>> {
    let is_name = |segment: &String| !segment.contains('\0');
    url.strip_prefix("/api/v2/")?
        .split('/')
        .map(|part| path::decode(part).filter(is_name))
        .collect()
}
