//! Jobs, what they read and write, and what they refused.

use async_trait::async_trait;

use super::StoreError;
use crate::id::{ConnectionId, JobId};
use crate::job::{Job, JobStatus, Progress};
use crate::time::Timestamp;
use crate::user::UserRecord;

/// Jobs.
#[async_trait]
pub trait Jobs {
    /// Makes others who lock the tenant's jobs wait until this transaction ends, so that jobs can be
    /// counted before one is added.
    async fn lock_jobs(&mut self) -> Result<(), StoreError>;

    /// How many imports servers are at that were asked for after `since`.
    async fn running_imports(&mut self, since: Timestamp) -> Result<u64, StoreError>;

    /// Adds a job.
    async fn insert_job(&mut self, job: &Job) -> Result<(), StoreError>;

    /// The job of that id, if it was touched after `since`.
    async fn job(&mut self, id: &JobId, since: Timestamp) -> Result<Option<Job>, StoreError>;

    /// The newest unfinished job that reads the file of that hash.
    async fn job_of_content(&mut self, content_hash: &str) -> Result<Option<Job>, StoreError>;

    /// Moves a pending job that stands at `from`, and keeps it until `lease_until`. False if it
    /// stands elsewhere by now, or is over: then nothing may be done in its name.
    async fn advance_job(
        &mut self,
        id: &JobId,
        from: u64,
        to: &Progress,
        lease_until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Ends a pending job. False if it was over.
    async fn end_job(
        &mut self,
        id: &JobId,
        status: JobStatus,
        details: Option<&str>,
    ) -> Result<bool, StoreError>;

    /// Adds sealed data to a job.
    async fn insert_job_part(
        &mut self,
        id: &JobId,
        number: u64,
        sealed: &[u8],
    ) -> Result<(), StoreError>;

    /// The first sealed data of a job from `number` on, with its number.
    async fn job_part(
        &mut self,
        id: &JobId,
        number: u64,
    ) -> Result<Option<(u64, Vec<u8>)>, StoreError>;

    /// Removes a job's data.
    async fn delete_job_parts(&mut self, id: &JobId) -> Result<(), StoreError>;

    /// Notes that the user at a place of the file was refused.
    async fn insert_job_error(
        &mut self,
        id: &JobId,
        position: u64,
        error: &str,
    ) -> Result<(), StoreError>;

    /// The first `limit` refusals behind a place, in the order of the file.
    async fn job_errors(
        &mut self,
        id: &JobId,
        behind: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, String)>, StoreError>;

    /// The next `limit` users behind an id, of one connection if given, by id.
    async fn users_behind(
        &mut self,
        connection: Option<&ConnectionId>,
        id: &str,
        limit: u32,
    ) -> Result<Vec<UserRecord>, StoreError>;

    /// How many users there are, of one connection if given.
    async fn count_users(&mut self, connection: Option<&ConnectionId>) -> Result<u64, StoreError>;
}
