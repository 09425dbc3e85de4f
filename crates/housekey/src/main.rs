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
            eprintln!("housekey: {error:#}");
            ExitCode::FAILURE
        }
    }
}
