//! Importing users from a file, a hundred at a time.

mod apply;
mod source;
mod user;

pub use source::{Records, SourceError, Survey, survey};

use std::io::Read;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::apply::{Put, put};
use self::user::{ImportedUser, masked, read};
use super::{Job, JobStatus, LEASE, Progress, Task};
use crate::app::App;
use crate::document::Flaw;
use crate::error::Fault;
use crate::id::{ConnectionId, JobId, TenantId};
use crate::port::{StoreError, Tx};
use crate::tenant::LoadedTenant;
use crate::time::Timestamp;

/// Users of one step: a transaction should not keep others waiting.
const STEP: usize = 100;
/// How often a step is tried anew because somebody signed up meanwhile under a name in it.
const TRIES: usize = 5;

/// What to import. The serialised form is the stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportTask {
    /// Where to.
    pub connection_id: ConnectionId,
    /// Whether users who are there are changed; else they are refused.
    pub upsert: bool,
    /// What whoever asked for it calls it.
    pub external_id: Option<String>,
    /// Kept for whoever asked.
    pub send_completion_email: bool,
}

/// A user who was not imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The user as the file has them, without secrets.
    pub user: Value,
    /// Why.
    pub errors: Vec<Flaw>,
}

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Another process goes on with it.
    #[error("another process goes on with this job")]
    Elsewhere,
    /// Something else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Told of each step: the job as it is by then, and whom the step refused by their place in the file.
/// May end the run; the job stays as it is.
pub type Watch<'a> = dyn FnMut(&Job, &[(u64, Refused)]) -> ControlFlow<()> + Send + 'a;

/// The job of a file that stays where it is: the unfinished one, if there is one for the same content
/// and task, or a new one.
///
/// # Errors
/// If the database is not available.
pub async fn of_file(
    app: &App,
    tenant: &TenantId,
    task: ImportTask,
    survey: &Survey,
) -> Result<Job, Fault> {
    let name = format!("{}.{}.{}", survey.content_hash, task.connection_id, task.upsert);
    let now = app.clock().now();
    let mut tx = app.write(tenant).await?;
    tx.lock_jobs().await?;
    if let Some(job) = tx.job_of_content(&name).await? {
        return Ok(job);
    }
    let id = JobId::generate(app.random());
    let job = Job {
        content_hash: Some(name),
        ..Job::new(id, Task::UsersImport(task), Some(survey.users), now)
    };
    tx.insert_job(&job).await?;
    tx.commit().await?;
    Ok(job)
}

/// Goes on with an import from where it stands, to its end or the end of `watch`'s patience.
///
/// # Errors
/// See [`ImportError`]. What was imported before stays, and the job can be gone on with.
pub async fn go_on<R: Read + Send>(
    app: &App,
    tenant: &TenantId,
    mut job: Job,
    input: R,
    watch: &mut Watch<'_>,
) -> Result<Job, ImportError> {
    let Task::UsersImport(task) = job.task.clone() else {
        return Err(Fault::new(format!("{} is no import", job.id)).into());
    };
    let mut records = Records::new(input);
    records.skip_users(job.progress.position)?;
    while job.status == JobStatus::Pending {
        let now = app.clock().now();
        let users = records.next_users(STEP)?;
        let loaded = app.directory().by_id(tenant, now).await?;
        let loaded = loaded.ok_or_else(|| Fault::new("the tenant is gone"))?;
        if users.is_empty() {
            end(app, tenant, &mut job, JobStatus::Completed, None).await?;
        } else if job.is_overdue(now) {
            let why = "The job was not done within 2 hours.";
            end(app, tenant, &mut job, JobStatus::Failed, Some(why)).await?;
        } else if loaded.connection(&task.connection_id).is_none() {
            end(app, tenant, &mut job, JobStatus::Failed, Some("The connection is gone.")).await?;
        } else {
            let refused = step(app, &loaded, &task, &mut job, &users).await?;
            if watch(&job, &refused).is_break() {
                break;
            }
        }
    }
    Ok(job)
}

/// Ends a job; what was sent for it is needed no longer.
pub(super) async fn end(
    app: &App,
    tenant: &TenantId,
    job: &mut Job,
    status: JobStatus,
    details: Option<&str>,
) -> Result<(), ImportError> {
    let mut tx = app.write(tenant).await?;
    if !tx.end_job(&job.id, status, details).await? {
        return Err(ImportError::Elsewhere);
    }
    tx.delete_job_parts(&job.id).await?;
    tx.commit().await?;
    (job.status, job.details) = (status, details.map(str::to_owned));
    Ok(())
}

/// Imports the next users.
async fn step(
    app: &App,
    tenant: &LoadedTenant,
    task: &ImportTask,
    job: &mut Job,
    users: &[Value],
) -> Result<Vec<(u64, Refused)>, ImportError> {
    let connection = tenant.connection(&task.connection_id);
    let connection = connection.ok_or_else(|| Fault::new("the connection is gone"))?;
    let users: Vec<_> = users.iter().map(|user| (user, read(user, connection))).collect();
    for _ in 0..TRIES {
        let step = Step { app, tenant, task, id: &job.id, from: &job.progress };
        match step.run(&users).await {
            // Somebody took a name since it was looked for: next time it is found to be taken.
            Err(StepError::Store(StoreError::Conflict)) => {}
            Err(StepError::Store(error)) => return Err(error.into()),
            Err(StepError::Import(error)) => return Err(error),
            Ok((progress, refused)) => {
                job.progress = progress;
                return Ok(refused);
            }
        }
    }
    Err(Fault::new("names are taken faster than they are looked for").into())
}

/// Why a step was not done.
enum StepError {
    Store(StoreError),
    Import(ImportError),
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for StepError {
    fn from(fault: Fault) -> Self {
        Self::Import(fault.into())
    }
}

/// One step of an import.
struct Step<'a> {
    app: &'a App,
    tenant: &'a LoadedTenant,
    task: &'a ImportTask,
    id: &'a JobId,
    from: &'a Progress,
}

/// A user of the file, and what was made of them.
type Candidate<'a> = (&'a Value, Result<ImportedUser, Vec<Flaw>>);

impl Step<'_> {
    /// Users, counters and refusals become durable together or not at all.
    async fn run(
        &self,
        users: &[Candidate<'_>],
    ) -> Result<(Progress, Vec<(u64, Refused)>), StepError> {
        let now = self.app.clock().now();
        let mut tx = self.app.write(&self.tenant.id).await?;
        // Locks the job: nobody else does this step at the same time.
        self.advance(&mut *tx, self.from, now).await?;
        let (mut progress, mut refused) = (self.from.clone(), Vec::new());
        for (value, user) in users {
            let put = match user {
                Ok(user) => put(self.app, self.tenant, &mut *tx, self.task, user, now).await?,
                Err(flaws) => Put::Refused(flaws.clone()),
            };
            match put {
                Put::Inserted => progress.inserted += 1,
                Put::Updated => progress.updated += 1,
                Put::Refused(errors) => {
                    progress.failed += 1;
                    let error = Refused { user: masked(value), errors };
                    let text = json!(error).to_string();
                    tx.insert_job_error(self.id, progress.position, &text).await?;
                    refused.push((progress.position, error));
                }
            }
            progress.position += 1;
        }
        self.advance(&mut *tx, &progress, now).await?;
        tx.commit().await?;
        Ok((progress, refused))
    }

    async fn advance(
        &self,
        tx: &mut dyn Tx,
        to: &Progress,
        now: Timestamp,
    ) -> Result<(), StepError> {
        let lease = now.plus_seconds(LEASE);
        if tx.advance_job(self.id, self.from.position, to, lease, now).await? {
            Ok(())
        } else {
            Err(StepError::Import(ImportError::Elsewhere))
        }
    }
}
