//! The `housekey` binary: command line, configuration, and the wiring of the parts.

mod cli;
mod config;
mod dev;
mod house;
mod logging;
mod serve;
mod worker;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// Gives memory back that a burst of work needed; the C library's allocator keeps it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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
