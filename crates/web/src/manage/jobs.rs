//! `/jobs` (contract 05 §9.4), and the download of what an export made.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Query as UrlQuery, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use housekey_core::id::{ClientId, ConnectionId, TenantId, UserId};
use housekey_core::job::export::{ExportField, ExportFormat, MAX_FIELDS, part};
use housekey_core::job::{ExportTask, ImportTask, Job, JobStatus, Task};
use housekey_core::manage::ManageError;
use housekey_core::manage::jobs::{
    NamedIdentity, errors, export_users, find, import_users, link, linked, send_verification_email,
};
use housekey_core::{App, Call};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{Members, Sent, optional, refused};
use super::operation::{Operation, get, post};
use super::shape::{COUNT, Field, INSTANT, Shape, TEXT, field, text};
use super::{Ask, Reply};
use crate::error::fault;
use crate::state::Web;

const COLUMN: Shape =
    Shape::Object(&[field("name", text(1, 256)).required(), field("export_as", text(1, 256))]);
const COLUMNS: Shape = Shape::List { of: &COLUMN, most: MAX_FIELDS };
const FORMATS: Shape = Shape::OneOf(&["csv", "json"]);

const IMPORT: &[Field] = &[
    field("connection_id", text(1, 64)).required(),
    field("upsert", Shape::Flag),
    field("external_id", text(1, 255)),
    field("send_completion_email", Shape::Flag),
];
const EXPORT: &[Field] = &[
    field("connection_id", text(1, 64)),
    field("format", FORMATS),
    field("limit", Shape::Integer { least: 1, most: i64::MAX }),
    field("fields", COLUMNS),
];
const IDENTITY: Shape = Shape::Object(&[
    field("user_id", text(1, 255)).required(),
    field("provider", text(1, 64)).required(),
    field("connection_id", text(1, 64)),
]);
const VERIFICATION: &[Field] = &[
    field("user_id", text(1, 255)).required(),
    field("client_id", text(1, 64)),
    field("identity", IDENTITY),
    field("organization_id", text(1, 64)),
];

const JOB: Shape = Shape::Object(&[
    field("id", TEXT).required(),
    field("type", Shape::OneOf(&["users_import", "users_export", "verification_email"])).required(),
    field("status", Shape::OneOf(&["pending", "completed", "failed"])).required(),
    field("status_details", TEXT),
    field("created_at", INSTANT).required(),
    field("connection_id", TEXT),
    field("connection", TEXT),
    field("upsert", Shape::Flag),
    field("external_id", TEXT),
    field("send_completion_email", Shape::Flag),
    field("format", FORMATS),
    field("limit", COUNT),
    field("fields", COLUMNS),
    field("location", TEXT),
    field("percentage_done", COUNT),
    field(
        "summary",
        Shape::Object(&[
            field("failed", COUNT).required(),
            field("updated", COUNT).required(),
            field("inserted", COUNT).required(),
            field("total", COUNT).required(),
        ]),
    ),
]);
const FLAWS: Shape = Shape::List {
    of: &Shape::Object(&[
        field("code", TEXT).required(),
        field("message", TEXT).required(),
        field("path", TEXT).required(),
    ]),
    most: usize::MAX,
};
const ERRORS: Shape = Shape::List {
    of: &Shape::Object(&[field("user", Shape::Any).required(), field("errors", FLAWS).required()]),
    most: usize::MAX,
};

const LOOK: &[&str] = &["create:users", "read:users"];

pub(super) const OPERATIONS: &[Operation] = &[
    post("jobs/users-imports", &["create:users"], "Import users", |ask| Box::pin(import(ask)))
        .uploads(IMPORT)
        .answers(202, &JOB),
    post("jobs/users-exports", &["read:users"], "Export users", |ask| Box::pin(export(ask)))
        .creates(EXPORT)
        .answers(200, &JOB),
    post("jobs/verification-email", &["update:users"], "Mail a verification link", |ask| {
        Box::pin(verify(ask))
    })
    .creates(VERIFICATION)
    .picks_domain()
    .answers(201, &JOB),
    get("jobs/{id}", LOOK, "One job", |ask| Box::pin(one(ask))).answers(200, &JOB),
    get("jobs/{id}/errors", LOOK, "Whom a job refused", |ask| Box::pin(failures(ask)))
        .may_answer(&ERRORS),
];

async fn import(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let task = ImportTask {
        connection_id: ConnectionId::from_raw(body.text("connection_id")?),
        upsert: body.get("upsert")?.value().unwrap_or(false),
        external_id: body.get("external_id")?.value(),
        send_completion_email: body.get("send_completion_email")?.value().unwrap_or(true),
    };
    let content = ask.file.take().unwrap_or_default();
    let job = import_users(ask.app, ask.call, &ask.operator, task, &content, ask.shown).await?;
    Ok(Reply::new(StatusCode::ACCEPTED, wire(ask.call, &job)))
}

async fn export(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let id: Option<String> = body.get("connection_id")?.value();
    let format: Option<String> = body.get("format")?.value();
    let fields: Sent<Vec<ExportField>> = body.get("fields")?;
    let task = ExportTask {
        connection_id: id.map(ConnectionId::from_raw),
        format: format.as_deref().and_then(ExportFormat::parse).unwrap_or(ExportFormat::Json),
        limit: body.get("limit")?.value(),
        fields: fields.value().unwrap_or_default(),
    };
    let job = export_users(ask.app, ask.call, &ask.operator, task, ask.shown).await?;
    Ok(Reply::ok(wire(ask.call, &job)))
}

async fn verify(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    if body.get::<String>("organization_id")?.value().is_some() {
        let text = "organization_id is not supported in this version of Housekey.";
        return Err(ManageError::NotSupported(text.to_owned()));
    }
    let user = UserId::from_raw(body.text("user_id")?);
    let client = body.get("client_id")?.value().map(|id: String| ClientId::from_raw(id));
    let identity = match body.object("identity")? {
        Sent::Nothing | Sent::Null => None,
        Sent::Value(members) => Some(named(members)?),
    };
    let job = send_verification_email(
        ask.app,
        ask.call,
        &ask.operator,
        &user,
        client.as_ref(),
        identity.as_ref(),
        ask.shown,
    )
    .await?;
    Ok(Reply::new(StatusCode::CREATED, wire(ask.call, &job)))
}

fn named(mut members: Members) -> Result<NamedIdentity, ManageError> {
    let id: Option<String> = members.get("connection_id")?.value();
    let identity = NamedIdentity {
        user_id: members.text("user_id")?,
        provider: members.text("provider")?,
        connection_id: id.map(ConnectionId::from_raw),
    };
    if identity.user_id.contains('|') {
        return Err(refused("Expected the part of the id behind the |", "identity.user_id"));
    }
    Ok(identity)
}

async fn one(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let job = find(ask.app, ask.call, ask.id()).await?;
    let mut body = wire(ask.call, &job);
    if job.status == JobStatus::Completed && matches!(job.task, Task::UsersExport(_)) {
        body["location"] = link(ask.app, ask.call, &job.id).into();
    }
    Ok(Reply::ok(body))
}

async fn failures(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let found = errors(ask.app, ask.call, ask.id()).await?;
    Ok(if found.is_empty() { Reply::gone() } else { Reply::ok(json!(found)) })
}

/// A job as it is answered; what is not known is left out.
fn wire(call: &Call, job: &Job) -> Value {
    let mut body = json!({
        "id": job.id.as_str(),
        "type": job.task.kind(),
        "status": job.status.as_str(),
        "created_at": job.created_at.rfc3339(),
    });
    optional(&mut body, "status_details", job.details.as_deref());
    if let Some(id) = job.task.connection_id() {
        body["connection_id"] = id.as_str().into();
        let connection = call.tenant.connection(id);
        optional(&mut body, "connection", connection.map(|connection| &connection.name));
    }
    let progress = &job.progress;
    let percentage = match job.status {
        JobStatus::Completed => Some(100),
        JobStatus::Pending | JobStatus::Failed => progress.percentage(),
    };
    match &job.task {
        Task::UsersImport(task) => {
            body["upsert"] = task.upsert.into();
            body["send_completion_email"] = task.send_completion_email.into();
            optional(&mut body, "external_id", task.external_id.as_deref());
            optional(&mut body, "percentage_done", percentage);
            body["summary"] = json!({
                "failed": progress.failed,
                "updated": progress.updated,
                "inserted": progress.inserted,
                "total": progress.position,
            });
        }
        Task::UsersExport(task) => {
            body["format"] = task.format.as_str().into();
            optional(&mut body, "limit", task.limit);
            if !task.fields.is_empty() {
                body["fields"] = task.fields.iter().map(column).collect();
            }
            optional(&mut body, "percentage_done", percentage);
        }
        Task::VerificationEmail { .. } => {}
    }
    body
}

fn column(column: &ExportField) -> Value {
    let mut body = json!({ "name": column.name });
    optional(&mut body, "export_as", column.export_as.as_deref());
    body
}

/// What a link to an export carries.
#[derive(Deserialize)]
pub(crate) struct Ticket {
    #[serde(default)]
    ticket: String,
}

/// Sends a finished export, part by part.
pub(crate) async fn download(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    UrlQuery(Ticket { ticket }): UrlQuery<Ticket>,
) -> Response {
    let job = match linked(&web.app, &call, &ticket).await {
        Ok(Some(job)) => job,
        Ok(None) => {
            return (StatusCode::BAD_REQUEST, "This link is not valid, or no longer.\n")
                .into_response();
        }
        Err(error) => return fault(&error, &call.request_id),
    };
    let Task::UsersExport(task) = &job.task else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let name = format!("{}.{}.gz", job.id, task.format.as_str());
    let content = Body::from_stream(content(web.app.clone(), call.tenant.id.clone(), job));
    let mut response = content.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/gzip"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Ids have letters, digits and a line in them.
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

fn content(
    app: Arc<App>,
    tenant: TenantId,
    job: Job,
) -> impl stream::Stream<Item = Result<Bytes, housekey_core::Fault>> {
    stream::try_unfold((app, tenant, job, 0), |(app, tenant, job, number)| async move {
        let part = part(&app, &tenant, &job.id, number).await?;
        Ok(part.map(|(number, bytes)| (Bytes::from(bytes), (app, tenant, job, number + 1))))
    })
}
