//! One workload against one process: what came out, and what it cost that process.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde::Serialize;

use crate::{
    load::{self, Limit, Operation},
    process::{self, Memory},
    samples::{Samples, as_f64, micros},
};

/// The figures of one workload.
#[derive(Debug, Clone, Serialize)]
pub struct Measurement {
    /// What was done.
    pub name: String,
    /// How many did it at the same time.
    pub concurrency: usize,
    /// How often it was done.
    pub count: usize,
    /// How often in a second.
    pub per_second: f64,
    /// Latency that half of them did not exceed, microseconds.
    pub p50_us: f64,
    /// Latency that 99 of 100 did not exceed, microseconds.
    pub p99_us: f64,
    /// CPU time of the measured process for each, microseconds.
    pub cpu_us: f64,
    /// Memory of the measured process at the end; none where the process is this one.
    pub memory: Option<Memory>,
}

impl Measurement {
    /// Draws the figures from latencies and the CPU time used meanwhile.
    pub fn new(name: &str, concurrency: usize, samples: &Samples, cpu: Duration) -> Result<Self> {
        ensure!(samples.count() > 0, "{name}: nothing was completed in the time given");
        Ok(Self {
            name: name.to_owned(),
            concurrency,
            count: samples.count(),
            per_second: samples.per_second(),
            p50_us: micros(samples.percentile(50)),
            p99_us: micros(samples.percentile(99)),
            cpu_us: micros(cpu) / as_f64(samples.count()),
            memory: None,
        })
    }
}

/// Warms up, then measures the operations against the process that serves them.
pub async fn against<O: Operation>(
    pid: u32,
    name: &str,
    operations: Vec<O>,
    duration: Duration,
) -> Result<Measurement> {
    eprintln!("measuring: {name}, {} at a time", operations.len());
    let concurrency = operations.len();
    let (operations, _) = load::run(operations, Limit::time(duration / 5)).await?;
    let before = process::cpu_time(pid)?;
    let (_, samples) = load::run(operations, Limit::time(duration)).await?;
    let cpu = process::cpu_time(pid)?.saturating_sub(before);
    let memory = Some(process::memory(pid)?);
    Ok(Measurement { memory, ..Measurement::new(name, concurrency, &samples, cpu)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_is_shared_out_over_the_operations() {
        let latencies = vec![Duration::from_millis(2); 10];
        let samples = Samples::new(latencies, Duration::from_secs(1));
        let figures =
            Measurement::new("x", 1, &samples, Duration::from_millis(5)).expect("figures");
        assert!((figures.cpu_us - 500.0).abs() < 1e-9);
        assert!((figures.p50_us - 2000.0).abs() < 1e-9);
        assert!((figures.per_second - 10.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_done_is_an_error_and_not_a_division_by_zero() {
        let none = Samples::new(Vec::new(), Duration::from_secs(1));
        assert!(Measurement::new("x", 1, &none, Duration::ZERO).is_err());
    }
}
