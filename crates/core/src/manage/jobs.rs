//! Jobs are asked for and looked after by an operator (contract 05 §9.4). The background worker does
//! them.

use serde_json::Value;

use super::record::{Done, settle};
use super::{ManageError, Operator, Thing, users};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::{ClientId, ConnectionId, JobId, TenantId, UserId};
use crate::job::export::{part_name, place};
use crate::job::import::{Refused, survey};
use crate::job::{ExportTask, ImportTask, Job, JobStatus, KEPT_SECONDS, MAX_SECONDS, Task};
use crate::login::{Recipient, TicketPurpose, send_link};
use crate::port::Tx;
use crate::seal::Place;
use crate::time::Timestamp;

/// Imports that may be under way at once.
const MAX_IMPORTS: u64 = 2;
/// How many refused users are told of a job at most.
const MAX_ERRORS: u32 = 10_000;
/// Seconds for which the link to an export is good.
const LINK_SECONDS: i64 = 60;

/// The job of that id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn find(app: &App, call: &Call, id: &str) -> Result<Job, ManageError> {
    let since = call.now.plus_seconds(-KEPT_SECONDS);
    let found = app.read(&call.tenant.id).await?.job(&JobId::from_raw(id), since).await?;
    found.ok_or(ManageError::NotFound(Thing::Job))
}

/// Whom a job refused, in the order of the file.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn errors(app: &App, call: &Call, id: &str) -> Result<Vec<Refused>, ManageError> {
    let job = find(app, call, id).await?;
    let found = app.read(&call.tenant.id).await?.job_errors(&job.id, None, MAX_ERRORS).await?;
    let read = |(_, text): (u64, String)| serde_json::from_str(&text).map_err(Fault::new);
    Ok(found.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Asks for an import of the users in `content`.
///
/// # Errors
/// [`ManageError::Busy`] if two are under way, [`ManageError::NotFound`] without the connection,
/// [`ManageError::InvalidBody`] if the content is no JSON.
pub async fn import_users(
    app: &App,
    call: &Call,
    operator: &Operator,
    task: ImportTask,
    content: &[u8],
    body: Value,
) -> Result<Job, ManageError> {
    require_connection(call, Some(&task.connection_id))?;
    let survey = survey(content).map_err(|error| {
        let text =
            "Failed to parse users file JSON when importing users. Make sure it is valid JSON";
        ManageError::InvalidBody(format!("{text}: {error}."))
    })?;
    let job = new_job(app, call, Task::UsersImport(task), Some(survey.users));
    let row = part_name(&job.id, 0);
    let sealed = app.sealer().seal(place(&call.tenant.id, &row), content, app.random())?;
    let mut tx = app.write(&call.tenant.id).await?;
    tx.lock_jobs().await?;
    if tx.running_imports(call.now.plus_seconds(-MAX_SECONDS)).await? >= MAX_IMPORTS {
        let text = "There are 2 active import users jobs, please wait until some of them are \
                    finished and try again";
        return Err(ManageError::Busy(text.to_owned()));
    }
    tx.insert_job(&job).await?;
    tx.insert_job_part(&job.id, 0, &sealed).await?;
    added(app, call, tx, operator, "jobs/users-imports", job, body).await
}

/// Asks for an export.
///
/// # Errors
/// [`ManageError::NotFound`] without the connection.
pub async fn export_users(
    app: &App,
    call: &Call,
    operator: &Operator,
    task: ExportTask,
    body: Value,
) -> Result<Job, ManageError> {
    require_connection(call, task.connection_id.as_ref())?;
    let limit = task.limit;
    let mut tx = app.write(&call.tenant.id).await?;
    let users = tx.count_users(task.connection_id.as_ref()).await?;
    let total = limit.map_or(users, |limit| users.min(limit));
    let job = new_job(app, call, Task::UsersExport(task), Some(total));
    tx.insert_job(&job).await?;
    added(app, call, tx, operator, "jobs/users-exports", job, body).await
}

/// Which of a user's identities is meant.
#[derive(Clone, Debug)]
pub struct NamedIdentity {
    /// The part of the id behind the provider.
    pub user_id: String,
    /// The part before.
    pub provider: String,
    /// Its connection.
    pub connection_id: Option<ConnectionId>,
}

/// Mails a user a link by which they show that mail arrives.
///
/// # Errors
/// [`ManageError::NotFound`] without the user or the application, [`ManageError::InvalidBody`] if the
/// user has no such identity or no mail address.
pub async fn send_verification_email(
    app: &App,
    call: &Call,
    operator: &Operator,
    user: &UserId,
    client: Option<&ClientId>,
    identity: Option<&NamedIdentity>,
    body: Value,
) -> Result<Job, ManageError> {
    let refused = |why: &str| Err(ManageError::InvalidBody(why.to_owned()));
    let found = users::find(app, call, user.as_str()).await?.user;
    if client.is_some_and(|client| call.tenant.client(client).is_none()) {
        return Err(ManageError::NotFound(Thing::Client));
    }
    let is_theirs = identity.is_none_or(|identity| {
        format!("{}|{}", identity.provider, identity.user_id) == found.id.as_str()
            && identity.connection_id.as_ref().is_none_or(|id| *id == found.connection_id)
    });
    if !is_theirs {
        return refused("The user has no such identity.");
    }
    if found.profile.email.is_none() {
        return refused("The user does not have an email address.");
    }
    let task = Task::VerificationEmail { user_id: found.id.clone() };
    let job = Job { status: JobStatus::Completed, ..new_job(app, call, task, None) };
    let mut tx = app.write(&call.tenant.id).await?;
    let to = Recipient { user: &found, client, languages: None };
    send_link(app, call, &mut *tx, to, TicketPurpose::VerifyEmail).await?;
    tx.insert_job(&job).await?;
    let job = added(app, call, tx, operator, "jobs/verification-email", job, body).await?;
    app.nudge_outbox();
    Ok(job)
}

fn new_job(app: &App, call: &Call, task: Task, total: Option<u64>) -> Job {
    Job::new(JobId::generate(app.random()), task, total, call.now)
}

fn require_connection(call: &Call, id: Option<&ConnectionId>) -> Result<(), ManageError> {
    let Some(id) = id else { return Ok(()) };
    match call.tenant.connection(id) {
        Some(connection) if connection.is_database() => Ok(()),
        Some(_) => Err(ManageError::NotSupported(
            "The connection has no users of its own: its strategy is not database.".to_owned(),
        )),
        None => Err(ManageError::NotFound(Thing::Connection)),
    }
}

async fn added(
    app: &App,
    call: &Call,
    tx: Box<dyn Tx>,
    operator: &Operator,
    resource: &'static str,
    job: Job,
    body: Value,
) -> Result<Job, ManageError> {
    let done = Done { method: "POST", resource, id: job.id.as_str(), body };
    settle(app, call, tx, operator, done).await?;
    app.nudge_jobs();
    Ok(job)
}

/// Where a finished export can be had for a minute from now, by whoever has the link.
#[must_use]
pub fn link(app: &App, call: &Call, job: &JobId) -> String {
    let ends = call.now.plus_seconds(LINK_SECONDS).as_seconds();
    let mac = app.sealer().mac(link_place(&call.tenant.id, job), &ends.to_string());
    format!("{}exports?ticket={job}.{ends}.{mac}", call.issuer)
}

/// The finished export behind a link's ticket, if it is a good one.
///
/// # Errors
/// If the database is not available.
pub async fn linked(app: &App, call: &Call, ticket: &str) -> Result<Option<Job>, Fault> {
    let mut parts = ticket.splitn(3, '.');
    let (Some(id), Some(ends), Some(mac)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let id = JobId::from_raw(id);
    let until = ends.parse().map_or(Timestamp(0), |ends| Timestamp(0).plus_seconds(ends));
    let is_good = app.sealer().mac_matches(link_place(&call.tenant.id, &id), ends, mac);
    if !is_good || until <= call.now {
        return Ok(None);
    }
    let since = call.now.plus_seconds(-KEPT_SECONDS);
    let job = app.read(&call.tenant.id).await?.job(&id, since).await?;
    Ok(job.filter(|job| job.status == JobStatus::Completed))
}

fn link_place<'a>(tenant: &'a TenantId, job: &'a JobId) -> Place<'a> {
    Place { tenant: tenant.as_str(), table: "jobs", row: job.as_str() }
}
