//! Time from starting the process to its first answer on the discovery document.
//!
//! The process is new each time, the machine is not: the binary and the database lie in the file
//! cache, as they do when a server is restarted.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use http::StatusCode;
use http_body_util::Full;
use serde::Serialize;
use tokio::time::sleep;

use crate::{
    client::{self, Client, Origin},
    samples::micros,
    server::START_TIMEOUT,
    workload::Bench,
};

/// Users of the smaller database.
const FEW_USERS: u32 = 10;
/// How long making the larger database may take.
const SEED_TIMEOUT: Duration = Duration::from_mins(5);
/// Pause between two tries to connect; it bounds the error of the result.
const RETRY: Duration = Duration::from_millis(1);

/// Start times with one database.
#[derive(Debug, Clone, Serialize)]
pub struct Start {
    /// Users in it.
    pub users: u32,
    /// How often it was started.
    pub count: usize,
    /// Fastest, microseconds.
    pub min_us: f64,
    /// Median, microseconds.
    pub median_us: f64,
    /// Slowest, microseconds.
    pub max_us: f64,
}

/// Measures it with a small and a large database.
pub async fn measure(bench: &Bench<'_>) -> Result<Vec<Start>> {
    Ok(vec![with_users(bench, FEW_USERS).await?, with_users(bench, bench.options.users).await?])
}

async fn with_users(bench: &Bench<'_>, users: u32) -> Result<Start> {
    eprintln!("measuring: start with {users} users");
    let data = format!("start-{users}");
    let seed = bench.launch(&data, 0, &["--seed-users", &users.to_string()]);
    let (server, _) = seed.start(SEED_TIMEOUT).await?;
    server.stop().await?;
    let mut times = Vec::new();
    for _ in 0..bench.options.starts {
        times.push(first_answer(bench, &data).await?);
    }
    times.sort_unstable();
    Ok(Start {
        users,
        count: times.len(),
        min_us: micros(times[0]),
        median_us: micros(times[times.len() / 2]),
        max_us: micros(times[times.len() - 1]),
    })
}

/// Starts a server on this data and asks until it answers.
async fn first_answer(bench: &Bench<'_>, data: &str) -> Result<Duration> {
    // Chosen here, so that the client need not wait for the server to announce it.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let origin = Origin::localhost(port)?;
    let launch = bench.launch(data, port, &[]);
    let begin = Instant::now();
    let mut server = launch.spawn()?;
    let mut client = loop {
        if let Ok(client) = Client::connect(&origin).await {
            break client;
        }
        server.check_running()?;
        ensure!(begin.elapsed() < START_TIMEOUT, "the server did not listen");
        sleep(RETRY).await;
    };
    let request = client::get("/.well-known/openid-configuration").body(Full::default())?;
    client.send(request).await?.expect(StatusCode::OK, "discovery")?;
    let time = begin.elapsed();
    server.stop().await?;
    Ok(time)
}
