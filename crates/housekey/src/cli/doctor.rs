//! `housekey doctor`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

use super::output;
use crate::doctor::{Finding, State, Wishes, examine};

/// Look at everything the server needs, and say what is wrong and how to mend it
#[derive(Debug, Args)]
#[command(
    long_about = "Look at everything the server needs, and say what is wrong and how to mend it: the \
        configuration, the database and its disk, the master key, the clock, the mail server, the \
        certificate, and whether each tenant's hosts lead here and answer as themselves.\n\n\
        Nothing is changed, and no mail is sent unless asked for. It ends with 1 if there is a \
        problem, with 0 if there is none or only warnings.",
    after_help = "Examples:\n  housekey doctor --config /etc/housekey/housekey.toml\n  \
        housekey doctor --config housekey.toml --mail-to you@acme.example\n  \
        housekey doctor --config housekey.toml --tenant acme --json"
)]
pub struct Doctor {
    /// Configuration file of `housekey serve`
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Look only at this tenant's hosts
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Send a mail to this address, to see whether it arrives
    #[arg(long, value_name = "ADDRESS")]
    mail_to: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(self) -> Result<()> {
        let wishes = Wishes { tenant: self.tenant, mail_to: self.mail_to };
        let findings = examine(&self.config, &wishes).await;
        let problems = findings.iter().filter(|found| found.state == State::Problem).count();
        let value = json!({ "ok": problems == 0, "findings": findings });
        output::print(self.json, &value, &text(&findings))?;
        match problems {
            0 => Ok(()),
            1 => bail!("there is a problem"),
            problems => bail!("there are {problems} problems"),
        }
    }
}

fn text(findings: &[Finding]) -> String {
    let width = findings.iter().map(|found| found.check.chars().count()).max().unwrap_or_default();
    let line = |found: &Finding| {
        let Finding { check, state, message, remedy } = found;
        let state = state.as_str();
        let remedy = remedy.as_ref().map(|remedy| format!("\n         {remedy}"));
        format!("{state:7}  {check:width$}  {message}{}\n", remedy.unwrap_or_default())
    };
    findings.iter().map(line).collect()
}
