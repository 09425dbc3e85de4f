//! `housekey user import`.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use housekey_core::job::import::{self, ImportTask, Refused, survey};
use housekey_core::job::{Job, JobStatus};
use serde_json::json;

use super::output;
use super::target::Target;

/// Bring people from another system, with their passwords and factors
#[derive(Debug, Args)]
#[command(
    long_about = "Bring people from another system, with their passwords and factors.\n\nThe file is \
        a JSON array of users or has one JSON object per line, and may be of any length. Whoever \
        cannot be imported is told on standard error with the reason; the others are imported. An \
        import that was interrupted goes on where it stopped when the same command is run \
        again.",
    after_help = "A user of the file:\n  {\"email\": \"ada@acme.example\", \"email_verified\": true, \
        \"password_hash\": \"$2b$10$…\"}\n\nExample:\n  housekey user import users.ndjson --config \
        housekey.toml --tenant acme \\\n    --connection Username-Password-Authentication\n\n\
        docs/import.md has every member, every kind of hash and the reasons."
)]
pub struct Import {
    /// The file
    file: PathBuf,
    #[command(flatten)]
    target: Target,
    /// The tenant
    #[arg(long, value_name = "NAME")]
    tenant: String,
    /// The connection that gets the people
    #[arg(long, value_name = "NAME")]
    connection: String,
    /// Change people who are there already, all but their mail address, password and factors
    #[arg(long)]
    upsert: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(super) async fn run(self) -> Result<()> {
        let survey = survey(open(&self.file)?)?;
        let file = open(&self.file)?;
        let house = self.target.open().await?;
        let tenant = house.tenant(&self.tenant).await?;
        let connection = tenant.connection_named(&self.connection).with_context(|| {
            format!("tenant {} has no connection {}", self.tenant, self.connection)
        })?;
        if !connection.is_database() {
            bail!("the connection {} has no users of its own", self.connection);
        }
        let task = ImportTask {
            connection_id: connection.id.clone(),
            upsert: self.upsert,
            external_id: None,
            send_completion_email: false,
        };
        let job = import::of_file(&house.app, &tenant.id, task, &survey).await?;
        let begun_at = job.progress.position;
        let mut progress = Progress::new(&job)?;
        let mut watch = |job: &Job, refused: &[(u64, Refused)]| match progress.tell(job, refused) {
            Ok(()) => ControlFlow::Continue(()),
            // Nobody is there to be told.
            Err(_) => ControlFlow::Break(()),
        };
        let done = import::go_on(&house.app, &tenant.id, job, file, &mut watch).await;
        house.database.close().await;
        print(self.json, &done?, begun_at)
    }
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn print(json: bool, job: &Job, begun_at: u64) -> Result<()> {
    if job.status != JobStatus::Completed {
        let why = job.details.as_deref().unwrap_or("it was interrupted");
        bail!("the import did not come to its end: {why}");
    }
    let progress = &job.progress;
    let value = json!({
        "job": job.id.as_str(),
        "resumed_at": begun_at,
        "total": progress.position,
        "inserted": progress.inserted,
        "updated": progress.updated,
        "failed": progress.failed,
    });
    let counts = [
        ("inserted", progress.inserted),
        ("updated", progress.updated),
        ("failed", progress.failed),
    ]
    .map(|(name, count)| (name, count.to_string()));
    let facts = counts.each_ref().map(|(name, count)| (*name, Some(count.as_str())));
    output::print(json, &value, &output::facts(&facts))
}

/// Where standard error is a terminal, one line that changes; else a line for every thousand users.
struct Progress {
    is_terminal: bool,
    told: u64,
}

impl Progress {
    const EVERY: u64 = 1000;

    fn new(job: &Job) -> Result<Self> {
        let is_terminal = std::io::stderr().is_terminal();
        let (done, total) = (job.progress.position, job.progress.total.unwrap_or_default());
        let mut stderr = std::io::stderr().lock();
        match done {
            0 => {
                writeln!(
                    stderr,
                    "importing {total} users; run the command again if it ends early"
                )?;
            }
            _ => writeln!(stderr, "going on behind user {done} of {total}")?,
        }
        Ok(Self { is_terminal, told: done / Self::EVERY })
    }

    fn tell(&mut self, job: &Job, refused: &[(u64, Refused)]) -> std::io::Result<()> {
        let mut stderr = std::io::stderr().lock();
        let back = if self.is_terminal { "\r\x1b[K" } else { "" };
        for (position, refused) in refused {
            for flaw in &refused.errors {
                let place = if flaw.path.is_empty() { "" } else { " at " };
                let (number, code) = (position + 1, &flaw.code);
                writeln!(
                    stderr,
                    "{back}user {number}: {code}{place}{}: {}",
                    flaw.path, flaw.message
                )?;
            }
        }
        let (done, total) = (job.progress.position, job.progress.total.unwrap_or_default());
        let percentage = job.progress.percentage().unwrap_or_default();
        let line = format!("{done} of {total} users ({percentage} %)");
        let thousands = done / Self::EVERY;
        if self.is_terminal {
            write!(stderr, "{back}{line}")?;
            if done >= total {
                writeln!(stderr)?;
            }
        } else if thousands > self.told {
            writeln!(stderr, "{line}")?;
        }
        self.told = thousands;
        stderr.flush()
    }
}
