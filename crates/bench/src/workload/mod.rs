//! The workloads, one file each.

pub mod list;
pub mod login;
pub mod memory;
pub mod refresh;
pub mod scale;
pub mod start;

use anyhow::Result;

use crate::{
    cli::Options,
    client::Client,
    load::Operation,
    login::Account,
    measure::{self, Measurement},
    scratch::Scratch,
    server::{DevFile, Launch, START_TIMEOUT, Server},
};

/// What every workload needs.
pub struct Bench<'a> {
    /// The command line.
    pub options: &'a Options,
    /// Where data may be put.
    pub scratch: &'a Scratch,
    /// The server's binary.
    pub program: std::path::PathBuf,
}

impl Bench<'_> {
    /// How to start a server on the data directory of this name.
    pub fn launch(&self, data: &str, port: u16, arguments: &[&str]) -> Launch {
        Launch {
            program: self.program.clone(),
            data: self.scratch.join(data),
            port,
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        }
    }

    /// Starts a server for a workload, on data of its own, and lets it come to rest. The limits
    /// that protect a production server from one client's flood are off, since that flood is the
    /// measurement.
    pub async fn own_server(&self, name: &str) -> Result<(Server, DevFile)> {
        let launch = self.launch(&name.replace(' ', "-"), 0, &["--no-rate-limits"]);
        let (server, dev) = launch.start(START_TIMEOUT).await?;
        server.rest().await?;
        Ok((server, dev))
    }

    /// Measures a workload twice on a fresh server: one connection, then all of them.
    pub async fn measure<O, F>(&self, name: &str, connect: F) -> Result<Pair>
    where
        O: Operation,
        F: AsyncFn(Account) -> Result<O>,
    {
        let (server, dev) = self.own_server(name).await?;
        let account = Account::of(&dev)?;
        let (pid, time) = (server.pid(), self.options.duration());
        let one = vec![connect(account.clone()).await?];
        let alone = measure::against(pid, name, one, time).await?;
        let mut many = Vec::new();
        for _ in 0..self.options.connections {
            many.push(connect(account.clone()).await?);
        }
        let loaded = measure::against(pid, name, many, time).await?;
        server.stop().await?;
        Ok(Pair { alone, loaded })
    }
}

/// The same workload without and with company.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Pair {
    /// One connection.
    pub alone: Measurement,
    /// As many connections as asked for.
    pub loaded: Measurement,
}

/// Connects to the server of this account.
async fn connect(account: &Account) -> Result<Client> {
    Client::connect(&account.origin).await
}
