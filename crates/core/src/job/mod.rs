//! Long work on a tenant's users (contract 05 §9.4): importing and exporting them.
//!
//! A job is done in steps. A step is one transaction: it first moves the job's position from where
//! the process found it, and does nothing if another process was faster; so an end at any moment
//! loses no step and doubles none, and whoever takes the job up goes on where it stands.

pub mod export;
pub mod import;
mod run;

pub use run::{run_due, take_up};

use serde::{Deserialize, Serialize};

use crate::id::{ConnectionId, JobId, UserId};
use crate::time::Timestamp;

pub use self::export::{ExportFormat, ExportTask};
pub use self::import::ImportTask;

/// Seconds after which an unfinished job of a server is given up.
pub const MAX_SECONDS: i64 = 2 * 3600;
/// Seconds for which a job is kept.
pub const KEPT_SECONDS: i64 = 24 * 3600;
/// Seconds a job stays with the process that took it up, since its last step.
pub(crate) const LEASE: i64 = 30;

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// `job_…`.
    pub id: JobId,
    /// What is to be done.
    pub task: Task,
    /// How far it is.
    pub status: JobStatus,
    /// Why it failed.
    pub details: Option<String>,
    /// SHA-256 of the file it reads, if that stays with whoever began the job.
    pub content_hash: Option<String>,
    /// What was done so far.
    pub progress: Progress,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// What is to be done. The serialised form is the stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Task {
    /// Add users.
    UsersImport(ImportTask),
    /// Write users down.
    UsersExport(ExportTask),
    /// Mail a link; done when it is asked for.
    VerificationEmail {
        /// To whom.
        user_id: UserId,
    },
}

impl Task {
    /// The `type` on the wire, as stored.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::UsersImport(_) => "users_import",
            Self::UsersExport(_) => "users_export",
            Self::VerificationEmail { .. } => "verification_email",
        }
    }

    /// The connection it is about, if it is about one.
    #[must_use]
    pub fn connection_id(&self) -> Option<&ConnectionId> {
        match self {
            Self::UsersImport(task) => Some(&task.connection_id),
            Self::UsersExport(task) => task.connection_id.as_ref(),
            Self::VerificationEmail { .. } => None,
        }
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// It waits, or somebody is at it.
    Pending,
    /// It is done.
    Completed,
    /// It was given up.
    Failed,
}

impl JobStatus {
    /// The name on the wire, as stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Completed, Self::Failed].into_iter().find(|own| own.as_str() == name)
    }
}

/// What a job has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many users there are to do, if that is known.
    pub total: Option<u64>,
    /// How many were done.
    pub position: u64,
    /// The last user of an export.
    pub last_key: Option<String>,
    /// How many were added.
    pub inserted: u64,
    /// How many were changed.
    pub updated: u64,
    /// How many were refused.
    pub failed: u64,
}

impl Progress {
    /// Hundredths that are done, if the total is known.
    #[must_use]
    pub fn percentage(&self) -> Option<u64> {
        let done = (self.position * 100).checked_div(self.total?);
        Some(done.unwrap_or(100).min(100))
    }
}

impl Job {
    /// A job nothing was done of yet.
    #[must_use]
    pub fn new(id: JobId, task: Task, total: Option<u64>, now: Timestamp) -> Self {
        Self {
            id,
            task,
            status: JobStatus::Pending,
            details: None,
            content_hash: None,
            progress: Progress { total, ..Progress::default() },
            created_at: now,
        }
    }

    /// Whether a server has had all the time it may take.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.content_hash.is_none() && now.seconds_since(self.created_at) >= MAX_SECONDS
    }
}
