//! `housekey-bench`: one command that measures a Housekey server on this machine.
//!
//! It starts `housekey dev` as a child process on a throw-away directory, drives it over loopback
//! for a bounded time, and prints what each request cost the server beside what the machine itself
//! can do. How to read the figures: `docs/benchmarks.md`.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line program talks")]

mod bare_route;
mod cli;
mod client;
mod cookies;
mod form;
mod limits;
mod load;
mod login;
mod machine;
mod measure;
mod process;
mod report;
mod samples;
mod scratch;
mod server;
mod suite;
mod workload;

use anyhow::{Context, Result, bail};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{Cli, Command, Options};

fn main() -> Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::BareRoute) => bare_route::serve(),
        None => measure_server(&cli.options),
    }
}

/// Runs the suite on a single thread, so that the load generator never takes more than one core
/// from the server it measures.
fn measure_server(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        // Leaving through here drops the suite, which ends the server and removes its directory.
        tokio::select! {
            report = suite::run(options) => report,
            _ = tokio::signal::ctrl_c() => bail!("interrupted"),
            _ = terminate.recv() => bail!("terminated"),
        }
    })?;
    if let Some(path) = &options.json {
        let json = serde_json::to_string_pretty(&report)?;
        std::fs::write(path, json + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if options.markdown {
        print!("{}", report::markdown(&report));
    } else {
        print!("{}", report::table(&report));
    }
    Ok(())
}
