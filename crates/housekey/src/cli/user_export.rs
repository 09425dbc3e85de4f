//! `housekey user export`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use housekey_core::App;
use housekey_core::job::ExportTask;
use housekey_core::job::export::{ExportField, ExportFormat, page};
use housekey_core::tenant::LoadedTenant;
use housekey_web::manage::shown_user;
use serde_json::json;

use super::output;
use super::target::Target;

/// Write people down, without passwords and factors
#[derive(Debug, Args)]
#[command(
    long_about = "Write people down, without passwords and factors.\n\nAs JSON, each line is a user as \
        the Management API shows them; as CSV, the first line names the columns. Users come in the \
        order of their ids. The file appears when it is complete.",
    after_help = "Examples:\n  housekey user export --config housekey.toml --tenant acme > \
        users.ndjson\n  housekey user export --config housekey.toml --tenant acme --format csv \\\n    \
        --fields user_id,email=mail,user_metadata.theme --output users.csv"
)]
pub struct Export {
    #[command(flatten)]
    target: Target,
    /// The tenant
    #[arg(long, value_name = "NAME")]
    tenant: String,
    /// Only people of this connection
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// How
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Members to write, by their path, separated by commas; `NAME=TITLE` gives another title
    #[arg(long, value_name = "NAME[=TITLE],…", value_delimiter = ',')]
    fields: Vec<String>,
    /// At most so many people
    #[arg(long, value_name = "NUMBER")]
    limit: Option<u64>,
    /// The file to write, instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print how many there are as JSON
    #[arg(long, requires = "output")]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Json,
}

impl Export {
    pub(super) async fn run(self) -> Result<()> {
        let house = self.target.open().await?;
        let tenant = house.tenant(&self.tenant).await?;
        let connection = match &self.connection {
            None => None,
            Some(name) => Some(
                tenant
                    .connection_named(name)
                    .with_context(|| format!("tenant {} has no connection {name}", self.tenant))?,
            ),
        };
        let task = ExportTask {
            connection_id: connection.map(|connection| connection.id.clone()),
            format: match self.format {
                Format::Csv => ExportFormat::Csv,
                Format::Json => ExportFormat::Json,
            },
            limit: self.limit,
            fields: self.fields.iter().map(|text| field(text)).collect(),
        };
        let Some(path) = &self.output else {
            write(&house.app, &tenant, &task, std::io::stdout().lock()).await?;
            house.database.close().await;
            return Ok(());
        };
        let unfinished = unfinished(path);
        let told = || format!("{} cannot be written", unfinished.display());
        let file = BufWriter::new(File::create(&unfinished).with_context(told)?);
        let users = write(&house.app, &tenant, &task, file).await?;
        std::fs::rename(&unfinished, path).with_context(told)?;
        house.database.close().await;
        let text = format!("{users} users in {}", path.display());
        output::print(self.json, &json!({ "users": users }), &text)
    }
}

/// Where a file is until it is complete.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

fn field(text: &str) -> ExportField {
    match text.split_once('=') {
        None => ExportField { name: text.to_owned(), export_as: None },
        Some((name, title)) => {
            ExportField { name: name.to_owned(), export_as: Some(title.to_owned()) }
        }
    }
}

/// Writes page by page; how many users.
async fn write(
    app: &App,
    tenant: &LoadedTenant,
    task: &ExportTask,
    mut output: impl Write,
) -> Result<u64> {
    let (mut done, mut last) = (0, None);
    loop {
        let page = page(app, tenant, task, shown_user, last.as_deref(), done).await?;
        output.write_all(page.text.as_bytes())?;
        if page.users == 0 {
            output.flush()?;
            return Ok(done);
        }
        done += page.users;
        last = page.last;
    }
}
