//! The `housekey` binary: command line, configuration, and the wiring of the parts.

mod cli;
mod config;
mod dev;
mod house;
mod logging;
mod serve;
mod worker;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "where a command line program says what went wrong")]
fn report(error: &anyhow::Error) {
    eprintln!("housekey: {error:#}");
}
