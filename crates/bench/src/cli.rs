//! The command line.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;

/// Measure what a Housekey server's requests cost on this machine.
///
/// Starts the `housekey` binary that lies beside this one, drives it on loopback for a bounded
/// time and stops it again. Nothing else may keep the machine busy meanwhile.
#[derive(Debug, Parser)]
#[command(name = "housekey-bench", version)]
pub struct Cli {
    /// What to do instead of measuring.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to measure.
    #[command(flatten)]
    pub options: Options,
}

/// Things this binary does for itself, in a child process.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve one route that does nothing, as the yardstick for the others.
    #[command(hide = true)]
    BareRoute,
}

/// How to measure.
#[derive(Debug, Args)]
pub struct Options {
    /// The server's binary [default: `housekey` beside this binary]
    #[arg(long, value_name = "PATH")]
    pub server: Option<PathBuf>,
    /// Directory for the servers' data; use a disk, not memory, or commits cost nothing
    /// [default: the directory of this binary]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Measured seconds for each workload
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub seconds: u64,
    /// Connections that send at the same time, each waiting for its answer
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub connections: u16,
    /// Argon2id memory (KiB), passes and lanes of the bare hash; must be the server's own
    #[arg(long, default_value = "19456,2,1", value_name = "M,T,P")]
    pub argon2: Argon2Cost,
    /// How often a start is timed
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=50))]
    pub starts: u16,
    /// Users in the database of the larger start
    #[arg(long, default_value_t = 100_000)]
    pub users: u32,
    /// Also compare a database with this many users (1000000, say) to one with 1000
    #[arg(long, value_name = "USERS", value_parser = clap::value_parser!(u32).range(1000..))]
    pub scale: Option<u32>,
    /// Requests between the two looks at the server's memory
    #[arg(long, default_value_t = 100_000)]
    pub requests: u64,
    /// Only these workloads
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    pub only: Vec<Part>,
    /// Also write the results as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Print the results as Markdown, the form kept in `docs/benchmarks.md`
    #[arg(long)]
    pub markdown: bool,
}

impl Options {
    /// Whether this part of the suite was asked for.
    pub fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// Measured time of each workload.
    pub fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// The workloads, as `--only` names them. The machine's limits are measured in every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Start until the first answer.
    Start,
    /// Memory idle and after many requests.
    Memory,
    /// `GET /me/v1/authentication-methods`.
    List,
    /// Refresh exchange with rotation.
    Refresh,
    /// Full login.
    Login,
}

/// Cost parameters of Argon2id, written `memory,passes,lanes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Argon2Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl FromStr for Argon2Cost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Result<Vec<u32>, _> =
            text.split(',').map(|part| part.trim().parse()).collect();
        match numbers.as_deref() {
            Ok([memory, passes, lanes]) => {
                Ok(Self { memory: *memory, passes: *passes, lanes: *lanes })
            }
            _ => Err("expected three numbers such as 19456,2,1".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn argon2_cost_needs_three_numbers() {
        let cost = Argon2Cost { memory: 19456, passes: 2, lanes: 1 };
        assert_eq!("19456, 2,1".parse(), Ok(cost));
        for bad in ["", "1,2", "1,2,3,4", "a,b,c", "1,,3", "-1,2,3"] {
            assert!(bad.parse::<Argon2Cost>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_selects_parts() {
        let all = Cli::parse_from(["housekey-bench"]);
        assert!(all.options.wants(Part::Start) && all.options.wants(Part::Login));
        let some = Cli::parse_from(["housekey-bench", "--only", "login,list"]);
        assert!(some.options.wants(Part::List) && !some.options.wants(Part::Start));
    }
}
