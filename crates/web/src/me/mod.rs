//! The My Account API (contract 01): one file per operation.
//!
//! Every operation is entered through [`serve`], which runs the checks in the order clients rely
//! on and renders whatever comes out.

mod belonging;
mod delete;
mod dry_run;
mod enroll;
mod factors;
mod fields;
mod flags;
mod get;
mod list;
mod operation;
mod update;
mod verify;
mod wire;

pub use operation::Operation;

use self::flags::Flags;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use housekey_core::account::{
    Access, AccountError, Caller, Intent, Violation, admit, record_refusal,
};
use housekey_core::client::Client;
use housekey_core::{App, Call};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::error::{Problem, log_fault, problem};
use crate::state::Web;
use crate::{body, cors, dpop, headers};

/// Methods a preflight allows.
const METHODS: &str = "GET, POST, PATCH, DELETE, OPTIONS";

/// One admitted request.
struct Me<'a> {
    app: &'a App,
    call: &'a Call,
    caller: Arc<Caller>,
    /// The decoded id in the path; empty for operations without one.
    id: String,
    query: String,
    headers: HeaderMap,
    body: Body,
}

/// What an operation answers.
struct Reply {
    status: StatusCode,
    body: Option<Value>,
    location: Option<String>,
}

impl Reply {
    fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body: Some(body), location: None }
    }

    fn located(status: StatusCode, body: Value, call: &Call, id: &str) -> Self {
        // Clients read the id out of the last segment, percent-encoded (contract 01 §4.4).
        let id = id.replace('|', "%7C");
        let location = format!("{}me/v1/authentication-methods/{id}", call.issuer);
        Self { status, body: Some(body), location: Some(location) }
    }
}

/// Why an operation answers an error.
enum MeError {
    Account(AccountError),
    UnsupportedMediaType,
    Malformed,
    InvalidQuery(&'static str, &'static str),
}

impl<E: Into<AccountError>> From<E> for MeError {
    fn from(error: E) -> Self {
        Self::Account(error.into())
    }
}

/// The values of a query parameter, one for each time it was sent; none if the query is malformed.
fn query_values(query: &str, name: &str) -> Option<Vec<String>> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    Some(pairs.into_iter().filter(|(own, _)| own == name).map(|(_, value)| value).collect())
}

impl Me<'_> {
    /// Whether the write is to be done, or only asked about.
    fn intent(&self) -> Result<Intent, MeError> {
        dry_run::intent(&self.query)
    }

    /// The body as a JSON object.
    async fn object(&mut self) -> Result<Map<String, Value>, MeError> {
        if !body::is(&self.headers, "application/json") {
            return Err(MeError::UnsupportedMediaType);
        }
        let body = std::mem::take(&mut self.body);
        let bytes = body::read(body).await.ok_or(MeError::Malformed)?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(members),
            Ok(_) => Err(MeError::Account(AccountError::Invalid(vec![Violation::new(
                "",
                "data must be object",
            )]))),
            Err(_) => Err(MeError::Malformed),
        }
    }
}

/// Serves every path under `/me`.
pub(crate) async fn serve(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if parts.method == Method::OPTIONS {
        return cors::preflight(&call, &parts.headers, METHODS);
    }
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    let target = Operation::find(method, path).filter(|(operation, _)| {
        call.tenant.my_account().is_some() && operation.is_on(&call.tenant.settings)
    });
    let Some((operation, id)) = target else {
        return render_problem(&Problem::unknown_route(method, path), &call, &parts.headers, None);
    };
    let token = dpop::token(&parts.headers, method, path);
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let access = operation.counts_as(&query);
    let admission = admit(&web.app, &call, token.as_ref(), access, operation.scope()).await;
    let outcome = match admission.caller {
        Err(error) => Err((None, MeError::Account(error))),
        Ok(caller) => {
            let caller = Arc::new(caller);
            let me = Me {
                app: &web.app,
                call: &call,
                caller: Arc::clone(&caller),
                id: id.clone(),
                query: query.clone(),
                headers: parts.headers.clone(),
                body,
            };
            operation
                .run(me)
                .await
                .map(|reply| (Arc::clone(&caller), reply))
                .map_err(|error| (Some(caller), error))
        }
    };
    let client_of = |caller: &Caller| call.tenant.client(&caller.client_id).cloned();
    let mut response = match outcome {
        Ok((caller, reply)) => {
            render_reply(reply, &call, &parts.headers, client_of(&caller).as_deref())
        }
        Err((caller, error)) => {
            let is_refused_change = is_refused_change(operation, &query, &error);
            let flags = Flags::of(&call, &error, parts.headers.contains_key(header::AUTHORIZATION));
            let problem = into_problem(&call, method, path, error);
            if let Some(caller) = caller.as_deref().filter(|_| is_refused_change) {
                note_refusal(&web.app, &call, caller, operation, &id, &problem).await;
            }
            let client = caller.as_deref().and_then(client_of);
            let mut response = render_problem(&problem, &call, &parts.headers, client.as_deref());
            flags.apply(&mut response, admission.rate);
            response
        }
    };
    dpop::offer_nonce(&mut response, &web.app, &call, &parts.headers);
    headers::rate_limit(response.headers_mut(), admission.rate);
    response
}

/// Whether a change was tried and refused. Screens ask again every few seconds whether a device has
/// finished; that is none.
fn is_refused_change(operation: Operation, query: &str, error: &MeError) -> bool {
    let is_waiting = matches!(error, MeError::Account(AccountError::Pending));
    let is_question = matches!(dry_run::intent(query), Ok(Intent::Ask));
    operation.access() == Access::Write && !is_question && !is_waiting
}

/// Remembers a refusal in the tenant's log. That it could not be remembered changes no answer.
async fn note_refusal(
    app: &App,
    call: &Call,
    caller: &Caller,
    operation: Operation,
    id: &str,
    problem: &Problem,
) {
    let error = json!({
        "type": problem.kind,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    });
    if let Err(fault) = record_refusal(app, call, caller, operation.name(), id, error).await {
        log_fault(&fault, &call.request_id);
    }
}

fn into_problem(call: &Call, method: &str, path: &str, error: MeError) -> Problem {
    match error {
        MeError::Account(error) => problem(call, method, path, error),
        MeError::UnsupportedMediaType => Problem::unsupported_media_type(),
        MeError::Malformed => Problem::malformed(),
        MeError::InvalidQuery(name, detail) => Problem::invalid_query(name, detail),
    }
}

fn render_reply(
    reply: Reply,
    call: &Call,
    request: &HeaderMap,
    client: Option<&Client>,
) -> Response {
    let mut response = match &reply.body {
        Some(body) => json_response(reply.status, body),
        None => no_store(reply.status.into_response()),
    };
    if let Some(location) = reply.location.and_then(|url| HeaderValue::try_from(url).ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    cors::expose(&mut response, call, request, client);
    response
}

fn render_problem(
    problem: &Problem,
    call: &Call,
    request: &HeaderMap,
    client: Option<&Client>,
) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json_response(status, problem);
    cors::expose(&mut response, call, request, client);
    response
}

fn json_response(status: StatusCode, body: &impl serde::Serialize) -> Response {
    let text = serde_json::to_string(body).unwrap_or_default();
    let mut response = (status, text).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    no_store(response)
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
