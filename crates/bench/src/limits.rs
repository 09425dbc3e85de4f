//! What the machine itself can do: the figures every workload is read against.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use http::StatusCode;
use http_body_util::Full;
use serde::Serialize;

use crate::{
    bare_route::BareRoute,
    cli::{Argon2Cost, Options},
    client::{self, Client},
    load::Operation,
    measure::{self, Measurement},
    process,
    samples::Samples,
    scratch::Scratch,
};

/// Length of what is signed: about a JWT's header and claims.
const SIGNED_BYTES: usize = 800;
/// One page of a database file.
const PAGE_BYTES: usize = 4096;

/// The machine's limits. Cryptography is measured alone and with every core busy, because cores
/// slow each other down (shared caches, clock, sibling threads) and a loaded server sees the latter.
#[derive(Debug, Clone, Serialize)]
pub struct Limits {
    /// A bare axum route, one request at a time.
    pub route: Measurement,
    /// A bare axum route under load.
    pub loaded_route: Measurement,
    /// One RSA-2048 signature.
    pub signature: Measurement,
    /// The same with every core signing.
    pub loaded_signature: Measurement,
    /// One Argon2id hash.
    pub hash: Measurement,
    /// The same with every core hashing.
    pub loaded_hash: Measurement,
    /// One page written and on the disk (`fdatasync`).
    pub durable_write: Measurement,
}

impl Limits {
    /// Measures all of them.
    pub async fn measure(options: &Options, scratch: &Scratch) -> Result<Self> {
        let route = BareRoute::start()?;
        let time = options.duration();
        let cores = std::thread::available_parallelism()?.get();
        let (sign, hash) = (signer()?, hasher(options.argon2)?);
        let short = time.min(Duration::from_secs(2));
        Ok(Self {
            route: requests(&route, 1, time).await?,
            loaded_route: requests(&route, options.connections.into(), time).await?,
            signature: repeat("RSA-2048 signature", 1, short, &sign)?,
            loaded_signature: repeat("RSA-2048 signature", cores, short, &sign)?,
            hash: repeat("Argon2id hash", 1, short, &hash)?,
            loaded_hash: repeat("Argon2id hash", cores, short, &hash)?,
            durable_write: repeat(
                "durable write",
                1,
                short,
                &page_writer(&scratch.join("pages"))?,
            )?,
        })
    }

    /// All of them, in the order they are shown.
    pub fn rows(&self) -> [&Measurement; 7] {
        [
            &self.route,
            &self.loaded_route,
            &self.signature,
            &self.loaded_signature,
            &self.hash,
            &self.loaded_hash,
            &self.durable_write,
        ]
    }
}

struct Get(Client);

impl Operation for Get {
    async fn once(&mut self) -> Result<()> {
        let request = client::get("/").body(Full::default())?;
        self.0.send(request).await?.expect(StatusCode::OK, "bare route")?;
        Ok(())
    }
}

async fn requests(route: &BareRoute, count: usize, time: Duration) -> Result<Measurement> {
    let mut gets = Vec::new();
    for _ in 0..count {
        gets.push(Get(Client::connect(route.origin()).await?));
    }
    measure::against(route.pid(), "bare axum route", gets, time).await
}

/// One RS256 signature with a key parsed beforehand.
fn signer() -> Result<impl Fn() -> Result<()> + Sync> {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("no RSA key"))?;
    let message = [0x5a; SIGNED_BYTES];
    Ok(move || {
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &message, &mut signature)
            .map_err(|_| anyhow!("RSA signing failed"))
    })
}

/// One password hash, its working memory taken and given back as a server without a pool would.
fn hasher(cost: Argon2Cost) -> Result<impl Fn() -> Result<()> + Sync> {
    let params = Params::new(cost.memory, cost.passes, cost.lanes, None)
        .map_err(|error| anyhow!("Argon2 parameters: {error}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Ok(move || {
        let mut output = [0; 32];
        argon2
            .hash_password_into(b"correct horse battery staple", &[0x5a; 16], &mut output)
            .map_err(|error| anyhow!("Argon2: {error}"))
    })
}

/// Appends a page and waits until it is durable.
fn page_writer(path: &Path) -> Result<impl Fn() -> Result<()> + Sync> {
    let file = File::create(path)?;
    Ok(move || {
        (&file).write_all(&[0x5a; PAGE_BYTES])?;
        Ok(file.sync_data()?)
    })
}

/// Runs something on `threads` threads for a while and measures the CPU time of those threads.
fn repeat<F: Fn() -> Result<()> + Sync>(
    name: &str,
    threads: usize,
    time: Duration,
    operation: &F,
) -> Result<Measurement> {
    eprintln!("measuring: {name}, {threads} at a time");
    operation()?;
    let started = Instant::now();
    let results: Vec<_> = std::thread::scope(|scope| {
        let spawned: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| timed_loop(started + time, operation))).collect();
        spawned.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    let elapsed = started.elapsed();
    let mut latencies = Vec::new();
    let mut cpu = Duration::ZERO;
    for result in results {
        let (measured, used) = result.map_err(|_| anyhow!("{name}: a thread panicked"))??;
        latencies.extend(measured);
        cpu += used;
    }
    Measurement::new(name, threads, &Samples::new(latencies, elapsed), cpu)
}

fn timed_loop(
    deadline: Instant,
    operation: impl Fn() -> Result<()>,
) -> Result<(Vec<Duration>, Duration)> {
    let before = process::own_thread_cpu_time()?;
    let mut latencies = Vec::new();
    let mut begin = Instant::now();
    while begin < deadline {
        operation()?;
        let end = Instant::now();
        latencies.push(end - begin);
        begin = end;
    }
    Ok((latencies, process::own_thread_cpu_time()?.saturating_sub(before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_yardstick_works() {
        signer().expect("a key")().expect("a signature");
        let cost = Argon2Cost { memory: 64, passes: 1, lanes: 1 };
        hasher(cost).expect("a hasher")().expect("a hash");
        let scratch = Scratch::create(&std::env::temp_dir()).expect("a scratch directory");
        let path = scratch.join("pages");
        page_writer(&path).expect("a file")().expect("a write");
        assert_eq!(std::fs::metadata(path).expect("the file").len(), 4096);
    }

    #[test]
    fn impossible_argon2_parameters_are_refused() {
        assert!(hasher(Argon2Cost { memory: 1, passes: 1, lanes: 1 }).is_err());
    }

    #[test]
    fn a_loop_is_measured_on_every_thread() {
        let time = Duration::from_millis(30);
        let spin = || {
            std::thread::sleep(Duration::from_millis(1));
            Ok(())
        };
        let figures = repeat("sleep", 2, time, &spin).expect("figures");
        assert_eq!(figures.concurrency, 2);
        assert!(figures.p50_us >= 1000.0);
        assert!(repeat("failing", 1, time, &|| Err(anyhow!("no"))).is_err());
    }
}
