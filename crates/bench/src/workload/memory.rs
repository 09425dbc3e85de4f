//! Memory of a server that has just started, and of the same server after many requests.
//!
//! It is its second start: the first makes the tenant with its keys and its user's password, which
//! happens once in the life of a database and leaves its traces in the process.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::{
    load::{self, Limit},
    login::Account,
    process::{self, Memory},
    workload::{Bench, list::List},
};

/// The requests end here even if they are not all done.
const AT_MOST: Duration = Duration::from_mins(3);

/// Two looks at the same process.
#[derive(Debug, Clone, Serialize)]
pub struct MemoryUse {
    /// At rest after the start.
    pub idle: Memory,
    /// After the requests.
    pub after: Memory,
    /// How many requests lay between.
    pub requests: usize,
}

/// Measures it.
pub async fn measure(bench: &Bench<'_>) -> Result<MemoryUse> {
    let (seeding, _) = bench.own_server("memory").await?;
    seeding.stop().await?;
    let (server, dev) = bench.own_server("memory").await?;
    let idle = process::memory(server.pid())?;
    eprintln!("measuring: memory over {} requests", bench.options.requests);
    let account = Account::of(&dev)?;
    let mut lists = Vec::new();
    for _ in 0..bench.options.connections {
        lists.push(List::connect(account.clone()).await?);
    }
    let limit = Limit { duration: AT_MOST, count: bench.options.requests };
    let (_, samples) = load::run(lists, limit).await?;
    let after = process::memory(server.pid())?;
    server.stop().await?;
    Ok(MemoryUse { idle, after, requests: samples.count() })
}
