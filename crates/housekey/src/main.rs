//! The `housekey` binary: command line, configuration, and the wiring of the parts.

mod cli;
mod config;
mod dev;
mod doctor;
mod house;
mod logging;
mod serve;
mod worker;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody can be told, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "housekey: {error:#}");
            ExitCode::FAILURE
        }
    }
}
