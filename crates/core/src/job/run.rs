//! Jobs that servers do: one process takes one up, and another goes on if it ends.

use std::ops::ControlFlow;

use super::export::{self, Shown, part};
use super::import::{self, ImportError, SourceError, end};
use super::{Job, JobStatus, LEASE, Task};
use crate::app::App;
use crate::error::Fault;
use crate::id::TenantId;

/// Takes up a job nobody is at.
///
/// # Errors
/// If the database is not available.
pub async fn take_up(app: &App) -> Result<Option<(TenantId, Job)>, Fault> {
    let now = app.clock().now();
    Ok(app.store().registry().claim_job(now, now.plus_seconds(LEASE)).await?)
}

/// Does a job nobody is at, as long as `may_go_on`; false if there is none.
///
/// # Errors
/// If the database is not available; the job is taken up again later.
pub async fn run_due(
    app: &App,
    shown: Shown,
    may_go_on: &(dyn Fn() -> bool + Sync),
) -> Result<bool, Fault> {
    let Some((tenant, job)) = take_up(app).await? else { return Ok(false) };
    let id = job.id.clone();
    let done = match &job.task {
        Task::UsersImport(_) => import(app, &tenant, job, may_go_on).await,
        Task::UsersExport(_) => export::go_on(app, &tenant, job, shown, may_go_on).await,
        // Done when it was asked for.
        Task::VerificationEmail { .. } => Ok(job),
    };
    match done {
        Ok(job) => tracing::info!(job = %id, status = job.status.as_str(), "worked on a job"),
        Err(ImportError::Fault(fault)) => return Err(fault),
        Err(error) => tracing::warn!(job = %id, %error, "left a job"),
    }
    Ok(true)
}

async fn import(
    app: &App,
    tenant: &TenantId,
    mut job: Job,
    may_go_on: &(dyn Fn() -> bool + Sync),
) -> Result<Job, ImportError> {
    let Some((_, content)) = part(app, tenant, &job.id, 0).await? else {
        let why = "What was sent is gone.";
        end(app, tenant, &mut job, JobStatus::Failed, Some(why)).await?;
        return Ok(job);
    };
    let mut watch = |_: &Job, _: &[(u64, import::Refused)]| {
        if may_go_on() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    match import::go_on(app, tenant, job.clone(), content.as_slice(), &mut watch).await {
        Err(ImportError::Source(error @ SourceError::Malformed { .. })) => {
            end(app, tenant, &mut job, JobStatus::Failed, Some(&error.to_string())).await?;
            Ok(job)
        }
        other => other,
    }
}
