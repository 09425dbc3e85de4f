//! Exporting users: one JSON object per line, or CSV.
//!
//! A step adds a part to what is exported so far. Each part is a gzip member of its own (RFC 1952
//! §2.2: members one after another are one file), so that an export goes on after an end of whatever
//! kind without keeping a compressor's state.

mod table;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::table::{header, row, value_of};
use super::import::{ImportError, end};
use super::{Job, JobStatus, LEASE, Task};
use crate::app::App;
use crate::error::Fault;
use crate::id::{ConnectionId, JobId, TenantId};
use crate::seal::Place;
use crate::tenant::LoadedTenant;
use crate::user::UserRecord;

/// Users of one part.
const STEP: u64 = 200;
/// How many columns an export may have.
pub const MAX_FIELDS: usize = 60;

/// How a user is written down whole.
pub type Shown = fn(&LoadedTenant, &UserRecord) -> Value;

/// What to export. The serialised form is the stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportTask {
    /// From where; from everywhere if it is not given.
    pub connection_id: Option<ConnectionId>,
    /// How.
    pub format: ExportFormat,
    /// How many users at most.
    pub limit: Option<u64>,
    /// Which members; all, or those a table has by default, if there are none.
    pub fields: Vec<ExportField>,
}

/// How users are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// A table (RFC 4180).
    Csv,
    /// One JSON object per line.
    Json,
}

impl ExportFormat {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Csv, Self::Json].into_iter().find(|own| own.as_str() == name)
    }
}

/// A member to export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportField {
    /// Where it is: `email`, `user_metadata.theme`, `identities[0].connection`.
    pub name: String,
    /// What it is called in the export; its name if it is not given.
    pub export_as: Option<String>,
}

impl ExportField {
    fn title(&self) -> &str {
        self.export_as.as_deref().unwrap_or(&self.name)
    }
}

/// The next users of an export.
pub struct Page {
    /// They in writing; a table's first page begins with its header.
    pub text: String,
    /// How many.
    pub users: u64,
    /// The last of them.
    pub last: Option<String>,
}

/// Writes the next users behind `last` down; `done` were written before.
///
/// # Errors
/// If the database is not available.
pub async fn page(
    app: &App,
    tenant: &LoadedTenant,
    task: &ExportTask,
    shown: Shown,
    last: Option<&str>,
    done: u64,
) -> Result<Page, Fault> {
    let left = task.limit.map_or(STEP, |limit| limit.saturating_sub(done).min(STEP));
    let take = u32::try_from(left).unwrap_or(u32::MAX);
    let connection = task.connection_id.as_ref();
    let records = if take == 0 {
        Vec::new()
    } else {
        let mut tx = app.read(&tenant.id).await?;
        tx.users_behind(connection, last.unwrap_or_default(), take).await?
    };
    let mut text = String::new();
    if done == 0 && task.format == ExportFormat::Csv {
        text.push_str(&header(&task.fields));
    }
    for record in &records {
        let user = shown(tenant, record);
        match task.format {
            ExportFormat::Csv => text.push_str(&row(&task.fields, &user)),
            ExportFormat::Json => {
                text.push_str(&chosen(&task.fields, user).to_string());
                text.push('\n');
            }
        }
    }
    let last = records.last().map(|record| record.user.id.as_str().to_owned());
    Ok(Page { text, users: records.len() as u64, last })
}

fn chosen(fields: &[ExportField], user: Value) -> Value {
    if fields.is_empty() {
        return user;
    }
    let found = fields.iter().filter_map(|field| {
        Some((field.title().to_owned(), value_of(&user, &field.name)?.clone()))
    });
    found.collect::<Map<_, _>>().into()
}

/// Goes on with an export from where it stands, as long as `may_go_on`.
///
/// # Errors
/// If another process goes on with it, or the database is not available.
pub async fn go_on(
    app: &App,
    tenant: &TenantId,
    mut job: Job,
    shown: Shown,
    may_go_on: &(dyn Fn() -> bool + Sync),
) -> Result<Job, ImportError> {
    let Task::UsersExport(task) = job.task.clone() else {
        return Err(Fault::new(format!("{} is no export", job.id)).into());
    };
    while job.status == JobStatus::Pending && may_go_on() {
        if job.is_overdue(app.clock().now()) {
            let why = "The job was not done within 2 hours.";
            end(app, tenant, &mut job, JobStatus::Failed, Some(why)).await?;
        } else {
            step(app, tenant, &task, &mut job, shown).await?;
        }
    }
    Ok(job)
}

async fn step(
    app: &App,
    tenant: &TenantId,
    task: &ExportTask,
    job: &mut Job,
    shown: Shown,
) -> Result<(), ImportError> {
    let now = app.clock().now();
    let loaded = app.directory().by_id(tenant, now).await?;
    let loaded = loaded.ok_or_else(|| Fault::new("the tenant is gone"))?;
    let before = job.progress.clone();
    let page = page(app, &loaded, task, shown, before.last_key.as_deref(), before.position).await?;
    let mut after = before.clone();
    after.position += page.users;
    after.last_key = page.last.or(after.last_key);
    let is_last = page.users < STEP;
    let mut tx = app.write(tenant).await?;
    let lease = now.plus_seconds(LEASE);
    if !tx.advance_job(&job.id, before.position, &after, lease, now).await? {
        return Err(ImportError::Elsewhere);
    }
    if page.users > 0 || before.position == 0 {
        let number = before.position;
        let packed = pack(&page.text)?;
        let sealed =
            app.sealer().seal(place(tenant, &part_name(&job.id, number)), &packed, app.random())?;
        tx.insert_job_part(&job.id, number, &sealed).await?;
    }
    if is_last && tx.end_job(&job.id, JobStatus::Completed, None).await? {
        job.status = JobStatus::Completed;
    }
    tx.commit().await?;
    job.progress = after;
    Ok(())
}

fn pack(text: &str) -> Result<Vec<u8>, Fault> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).map_err(Fault::new)?;
    encoder.finish().map_err(Fault::new)
}

/// The first part of a job from `number` on, opened, with its number.
///
/// # Errors
/// If it does not open.
pub async fn part(
    app: &App,
    tenant: &TenantId,
    id: &JobId,
    number: u64,
) -> Result<Option<(u64, Vec<u8>)>, Fault> {
    let Some((number, sealed)) = app.read(tenant).await?.job_part(id, number).await? else {
        return Ok(None);
    };
    let plain = app.sealer().open(place(tenant, &part_name(id, number)), &sealed)?;
    Ok(Some((number, plain)))
}

/// The row of a part.
pub(crate) fn part_name(id: &JobId, number: u64) -> String {
    format!("{id}|{number}")
}

/// Where a part is kept.
pub(crate) fn place<'a>(tenant: &'a TenantId, row: &'a str) -> Place<'a> {
    Place { tenant: tenant.as_str(), table: "job_parts", row }
}
