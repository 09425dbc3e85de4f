//! What machine the figures belong to.

use std::fs;

use serde::Serialize;

use crate::process;

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
    /// Load average of the last minute when the run began: other work spoils the figures.
    pub load: f64,
}

impl Machine {
    /// Looks around. What the kernel does not tell stays empty: it is description, not measurement.
    pub fn describe() -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        Self {
            processor: processor(&text("/proc/cpuinfo")).unwrap_or("unknown processor").to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: process::kib(&text("/proc/meminfo"), "MemTotal").unwrap_or(0) * 1024,
            kernel: text("/proc/sys/kernel/osrelease").trim().to_owned(),
            load: load(&text("/proc/loadavg")).unwrap_or(0.0),
        }
    }

    /// Whether something else seems to be running.
    pub fn is_busy(&self) -> bool {
        self.load > 0.5
    }
}

fn processor(cpuinfo: &str) -> Option<&str> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, model)| model.trim())
}

fn load(loadavg: &str) -> Option<f64> {
    loadavg.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_lists() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Some CPU @ 2.00GHz\nflags\t: a b\n";
        assert_eq!(processor(cpuinfo), Some("Some CPU @ 2.00GHz"));
        assert_eq!(processor("processor : 0\n"), None);
        assert_eq!(load("0.52 0.40 0.30 1/100 4242\n"), Some(0.52));
        assert_eq!(load(""), None);
    }

    #[test]
    fn a_busy_machine_is_noticed() {
        let quiet = Machine { load: 0.1, ..Machine::describe() };
        assert!(!quiet.is_busy());
        assert!(Machine { load: 1.5, ..quiet }.is_busy());
    }
}
