//! Jobs, what they read and write, and what they refused. Claiming spans tenants.

use async_trait::async_trait;
use housekey_core::id::{ConnectionId, JobId, TenantId};
use housekey_core::job::{Job, JobStatus, Progress};
use housekey_core::port::{Jobs, StoreError};
use housekey_core::time::Timestamp;
use housekey_core::user::UserRecord;

use crate::error::json;
use crate::people::{self, passwords, record_columns};
use crate::row::{Columns, read_all, read_one};
use crate::statement::{Row, Statement};
use crate::tx::TenantTx;
use crate::unit::Unit;
use crate::users::user_columns;

/// The columns that [`read`] reads.
macro_rules! job_columns {
    () => {
        "id, task, status, details, content_hash, total, position, last_key, inserted, updated, \
         failed, created_at"
    };
}

/// How many they are.
const JOB_COLUMNS: usize = 12;

/// Changes nothing but locks the row, where beginning a transaction does not lock everything.
const LOCK: &str = "UPDATE tenants SET version = version WHERE id = $1";

const RUNNING: &str = "SELECT COUNT(*) FROM jobs WHERE tenant = $1 AND kind = 'users_import'
    AND status = 'pending' AND content_hash IS NULL AND created_at > $2";

const INSERT: &str = concat!(
    "INSERT INTO jobs (tenant, ",
    job_columns!(),
    ", kind, touched_at, lease_until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $13, 0)"
);

const SELECT: &str = concat!(
    "SELECT ",
    job_columns!(),
    " FROM jobs WHERE tenant = $1 AND id = $2 AND touched_at > $3"
);

const SELECT_BY_CONTENT: &str = concat!(
    "SELECT ",
    job_columns!(),
    " FROM jobs WHERE tenant = $1 AND content_hash = $2 AND status = 'pending'
      ORDER BY created_at DESC, id LIMIT 1"
);

/// A server's job is kept for a day from its beginning, one of a file from its last step.
const ADVANCE: &str = "UPDATE jobs SET total = $4, position = $5, last_key = $6, inserted = $7,
    updated = $8, failed = $9, lease_until = $10,
    touched_at = CASE WHEN content_hash IS NULL THEN touched_at ELSE $11 END
    WHERE tenant = $1 AND id = $2 AND position = $3 AND status = 'pending'";

const END: &str = "UPDATE jobs SET status = $3, details = $4
    WHERE tenant = $1 AND id = $2 AND status = 'pending'";

const INSERT_PART: &str =
    "INSERT INTO job_parts (tenant, job_id, number, sealed) VALUES ($1, $2, $3, $4)";

const SELECT_PART: &str = "SELECT number, sealed FROM job_parts
    WHERE tenant = $1 AND job_id = $2 AND number >= $3 ORDER BY number LIMIT 1";

const DELETE_PARTS: &str = "DELETE FROM job_parts WHERE tenant = $1 AND job_id = $2";

const INSERT_ERROR: &str =
    "INSERT INTO job_errors (tenant, job_id, position, error) VALUES ($1, $2, $3, $4)";

const SELECT_ERRORS: &str = "SELECT position, error FROM job_errors
    WHERE tenant = $1 AND job_id = $2 AND position > $3 ORDER BY position LIMIT $4";

const USERS_BEHIND: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM users u",
    passwords!(),
    " WHERE u.tenant = $1 AND u.id > $2 AND ($3 IS NULL OR u.connection_id = $3)
      ORDER BY u.id LIMIT $4"
);

const COUNT_USERS: &str = "SELECT COUNT(*) FROM users
    WHERE tenant = $1 AND ($2 IS NULL OR connection_id = $2)";

/// The outer condition repeats the inner one: PostgreSQL tests it again on a row that somebody else
/// claimed while this statement waited for it.
const CLAIM: &str = concat!(
    "UPDATE jobs SET lease_until = $2
     WHERE status = 'pending' AND content_hash IS NULL AND lease_until <= $1
     AND (tenant, id) IN (SELECT tenant, id FROM jobs
         WHERE status = 'pending' AND content_hash IS NULL AND lease_until <= $1
         ORDER BY lease_until, created_at, id LIMIT 1)
     RETURNING ",
    job_columns!(),
    ", tenant"
);

#[async_trait]
impl Jobs for TenantTx {
    async fn lock_jobs(&mut self) -> Result<(), StoreError> {
        self.change(self.statement(LOCK)).await?;
        Ok(())
    }

    async fn running_imports(&mut self, since: Timestamp) -> Result<u64, StoreError> {
        Ok(self.number(self.statement(RUNNING).bind(since.0)).await?.unsigned_abs())
    }

    async fn insert_job(&mut self, job: &Job) -> Result<(), StoreError> {
        let progress = &job.progress;
        let statement = self
            .statement(INSERT)
            .bind(job.id.as_str())
            .bind(json(&job.task)?)
            .bind(job.status.as_str())
            .bind(job.details.as_deref())
            .bind(job.content_hash.as_deref())
            .bind(progress.total.map(signed))
            .bind(signed(progress.position))
            .bind(progress.last_key.as_deref())
            .bind(signed(progress.inserted))
            .bind(signed(progress.updated))
            .bind(signed(progress.failed))
            .bind(job.created_at.0)
            .bind(job.task.kind());
        self.change(statement).await?;
        Ok(())
    }

    async fn job(&mut self, id: &JobId, since: Timestamp) -> Result<Option<Job>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(id.as_str()).bind(since.0)).await?;
        read_one("jobs", row, read)
    }

    async fn job_of_content(&mut self, content_hash: &str) -> Result<Option<Job>, StoreError> {
        let row = self.one(self.statement(SELECT_BY_CONTENT).bind(content_hash)).await?;
        read_one("jobs", row, read)
    }

    async fn advance_job(
        &mut self,
        id: &JobId,
        from: u64,
        to: &Progress,
        lease_until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = self
            .statement(ADVANCE)
            .bind(id.as_str())
            .bind(signed(from))
            .bind(to.total.map(signed))
            .bind(signed(to.position))
            .bind(to.last_key.as_deref())
            .bind(signed(to.inserted))
            .bind(signed(to.updated))
            .bind(signed(to.failed))
            .bind(lease_until.0)
            .bind(now.0);
        self.changed(statement).await
    }

    async fn end_job(
        &mut self,
        id: &JobId,
        status: JobStatus,
        details: Option<&str>,
    ) -> Result<bool, StoreError> {
        let statement = self.statement(END).bind(id.as_str()).bind(status.as_str()).bind(details);
        self.changed(statement).await
    }

    async fn insert_job_part(
        &mut self,
        id: &JobId,
        number: u64,
        sealed: &[u8],
    ) -> Result<(), StoreError> {
        let statement = self.statement(INSERT_PART).bind(id.as_str()).bind(signed(number));
        self.change(statement.bind(sealed)).await?;
        Ok(())
    }

    async fn job_part(
        &mut self,
        id: &JobId,
        number: u64,
    ) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let statement = self.statement(SELECT_PART).bind(id.as_str()).bind(signed(number));
        let row = self.one(statement).await?;
        read_one("job_parts", row, |columns| {
            Ok((unsigned(columns, "number")?, columns.get("sealed")?))
        })
    }

    async fn delete_job_parts(&mut self, id: &JobId) -> Result<(), StoreError> {
        self.change(self.statement(DELETE_PARTS).bind(id.as_str())).await?;
        Ok(())
    }

    async fn insert_job_error(
        &mut self,
        id: &JobId,
        position: u64,
        error: &str,
    ) -> Result<(), StoreError> {
        let statement = self.statement(INSERT_ERROR).bind(id.as_str()).bind(signed(position));
        self.change(statement.bind(error)).await?;
        Ok(())
    }

    async fn job_errors(
        &mut self,
        id: &JobId,
        behind: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, String)>, StoreError> {
        let statement = self
            .statement(SELECT_ERRORS)
            .bind(id.as_str())
            .bind(behind.map_or(-1, signed))
            .bind(i64::from(limit));
        let rows = self.all(statement).await?;
        read_all("job_errors", &rows, |columns| {
            Ok((unsigned(columns, "position")?, columns.get("error")?))
        })
    }

    async fn users_behind(
        &mut self,
        connection: Option<&ConnectionId>,
        id: &str,
        limit: u32,
    ) -> Result<Vec<UserRecord>, StoreError> {
        let statement = self
            .statement(USERS_BEHIND)
            .bind(id)
            .bind(connection.map(ConnectionId::as_str))
            .bind(i64::from(limit));
        let rows = self.all(statement).await?;
        read_all("users", &rows, people::read)
    }

    async fn count_users(&mut self, connection: Option<&ConnectionId>) -> Result<u64, StoreError> {
        let statement = self.statement(COUNT_USERS).bind(connection.map(ConnectionId::as_str));
        Ok(self.number(statement).await?.unsigned_abs())
    }
}

/// Takes up a job nobody is at, if there is one.
pub(crate) async fn claim(
    mut unit: Unit,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<(TenantId, Job)>, StoreError> {
    let statement = Statement::new(CLAIM).bind(now.0).bind(lease_until.0);
    let row = unit.change_one(statement).await?;
    unit.commit().await?;
    row.map(|row: Row| {
        let mut columns = Columns::of("jobs", &row);
        let job = read(&mut columns)?;
        let mut columns = columns.join("jobs", JOB_COLUMNS);
        Ok((TenantId::from_raw(columns.get::<String>("tenant")?), job))
    })
    .transpose()
}

/// Counters are far below half of what they could be.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(columns: &mut Columns<'_>, column: &'static str) -> Result<u64, StoreError> {
    let number: i64 = columns.get(column)?;
    u64::try_from(number).map_err(|_| columns.corrupt(column))
}

/// Reads [`job_columns`].
fn read(columns: &mut Columns<'_>) -> Result<Job, StoreError> {
    Ok(Job {
        id: JobId::from_raw(columns.get::<String>("id")?),
        task: columns.json("task")?,
        status: columns.parse("status", JobStatus::parse)?,
        details: columns.get("details")?,
        content_hash: columns.get("content_hash")?,
        progress: Progress {
            total: columns.get::<Option<i64>>("total")?.map(i64::unsigned_abs),
            position: unsigned(columns, "position")?,
            last_key: columns.get("last_key")?,
            inserted: unsigned(columns, "inserted")?,
            updated: unsigned(columns, "updated")?,
            failed: unsigned(columns, "failed")?,
        },
        created_at: columns.time("created_at")?,
    })
}
