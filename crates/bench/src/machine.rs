//! What machine the figures belong to.

use std::{fs, thread, time::Duration};

use serde::Serialize;

use crate::process;

/// How long the machine is watched to see whether other work is going on.
const WATCHED: Duration = Duration::from_millis(500);
/// Share of its time that a quiet machine may spend on other work.
const QUIET: f64 = 0.1;

/// The facts that make two results comparable, or not.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Processor model, as the kernel names it.
    pub processor: String,
    /// Cores this process may use.
    pub cores: usize,
    /// Memory in bytes.
    pub memory: u64,
    /// Kernel release.
    pub kernel: String,
    /// Share of its processors' time that went to other work just before the run, 0 to 1.
    pub busy: f64,
}

impl Machine {
    /// Looks around for a moment. What the kernel does not tell stays empty: this is description,
    /// not measurement.
    pub fn describe() -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let before = Usage::read(&text("/proc/stat"));
        thread::sleep(WATCHED);
        let after = Usage::read(&text("/proc/stat"));
        Self {
            processor: processor(&text("/proc/cpuinfo")).unwrap_or("unknown processor").to_owned(),
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory: process::kib(&text("/proc/meminfo"), "MemTotal").unwrap_or(0) * 1024,
            kernel: text("/proc/sys/kernel/osrelease").trim().to_owned(),
            busy: before.zip(after).map_or(0.0, |(before, after)| after.busy_since(&before)),
        }
    }

    /// Whether other work would spoil the figures.
    pub fn is_busy(&self) -> bool {
        self.busy > QUIET
    }
}

fn processor(cpuinfo: &str) -> Option<&str> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, model)| model.trim())
}

/// Time all processors have spent since boot, in ticks.
struct Usage {
    idle: u32,
    total: u32,
}

impl Usage {
    /// The `cpu` line of proc(5) `stat`: user, nice, system, idle, iowait, irq, softirq, steal.
    /// Counted modulo 2^32, which differences survive.
    fn read(stat: &str) -> Option<Self> {
        let times = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let times: Result<Vec<u64>, _> =
            times.split_ascii_whitespace().take(8).map(str::parse).collect();
        let times = times.ok()?;
        let idle = times.get(3)? + times.get(4)?;
        let low = |ticks: u64| u32::try_from(ticks & u64::from(u32::MAX)).ok();
        Some(Self { idle: low(idle)?, total: low(times.iter().sum())? })
    }

    fn busy_since(&self, before: &Self) -> f64 {
        let total = self.total.wrapping_sub(before.total).max(1);
        let idle = self.idle.wrapping_sub(before.idle).min(total);
        f64::from(total - idle) / f64::from(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_lists() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Some CPU @ 2.00GHz\nflags\t: a b\n";
        assert_eq!(processor(cpuinfo), Some("Some CPU @ 2.00GHz"));
        assert_eq!(processor("processor : 0\n"), None);
    }

    #[test]
    fn other_work_is_what_is_neither_idle_nor_waiting() {
        let before = Usage::read("cpu  10 0 10 70 10 0 0 0 99 99\ncpu0 1 2 3 4 5\n");
        let after = Usage::read("cpu  20 5 15 130 20 0 5 5 99 99\n");
        let share = after.expect("usage").busy_since(&before.expect("usage"));
        assert!((share - 0.3).abs() < 1e-9, "{share}");
        assert!(Usage::read("cpu0 1 2 3 4 5\n").is_none());
    }

    #[test]
    fn a_busy_machine_is_noticed() {
        let machine = Machine::describe();
        assert!((0.0..=1.0).contains(&machine.busy) && machine.memory > 0);
        let quiet = Machine { busy: 0.02, ..machine };
        assert!(!quiet.is_busy());
        assert!(Machine { busy: 0.5, ..quiet }.is_busy());
    }
}
