//! What Linux says about a process: CPU time and memory, read from `/proc`.
//!
//! CPU time comes from `stat` of the whole process, not from its threads one by one: the kernel
//! adds the time of threads that have ended, and a runtime's blocking pool ends threads all the
//! time. Its unit is 10 ms; a workload of seconds keeps the error below one percent.

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use serde::Serialize;

/// Unit of the times in `/proc/*/stat`: `USER_HZ`, which is 100 on every architecture Rust's
/// standard library supports on Linux.
const TICKS_PER_SECOND: u64 = 100;

/// CPU time a process and its ended threads have used so far, user and system together.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    read_cpu(&format!("/proc/{pid}/stat"))
}

/// CPU time the calling thread has used so far.
pub fn own_thread_cpu_time() -> Result<Duration> {
    read_cpu("/proc/thread-self/stat")
}

fn read_cpu(path: &str) -> Result<Duration> {
    let stat = read(path)?;
    parse_cpu(&stat).with_context(|| format!("{path} has an unknown form"))
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path)
        .with_context(|| format!("cannot read {path} (the benchmark needs Linux)"))
}

/// Resident memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Resident now, bytes.
    pub resident: u64,
    /// Highest it has ever been, bytes.
    pub peak: u64,
}

/// Reads how much memory a process holds and has held.
pub fn memory(pid: u32) -> Result<Memory> {
    let path = format!("/proc/{pid}/status");
    let status = read(&path)?;
    parse_memory(&status).with_context(|| format!("{path} has an unknown form"))
}

/// `utime` and `stime` are fields 14 and 15 of proc(5) `stat`. The second field, the program's
/// name, may itself hold spaces and brackets, so counting starts behind the last bracket.
fn parse_cpu(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_ascii_whitespace().skip(11).map(str::parse::<u64>);
    let ticks = times.next()?.ok()?.checked_add(times.next()?.ok()?)?;
    Some(Duration::from_millis(ticks.checked_mul(1000 / TICKS_PER_SECOND)?))
}

fn parse_memory(status: &str) -> Option<Memory> {
    Some(Memory { resident: kib(status, "VmRSS")? * 1024, peak: kib(status, "VmHWM")? * 1024 })
}

/// A value of a `Name:   1234 kB` list, as in `/proc/*/status` and `/proc/meminfo`.
pub fn kib(list: &str, name: &str) -> Option<u64> {
    list.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .and_then(|value| value.trim().strip_suffix("kB")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Name:\thousekey\nVmPeak:\t  300000 kB\nVmHWM:\t   20480 kB\n\
                          VmRSS:\t   10240 kB\nThreads:\t4\n";

    #[test]
    fn cpu_is_user_plus_system_even_behind_an_odd_name() {
        let stat = "4242 (a b) c) S 1 4242 4242 0 -1 4194560 900 0 0 0 150 25 7 8 20 0 4 0 1 2 3";
        assert_eq!(parse_cpu(stat), Some(Duration::from_millis(1750)));
    }

    #[test]
    fn a_short_or_broken_stat_is_refused() {
        assert_eq!(parse_cpu(""), None);
        assert_eq!(parse_cpu("1 (x) S 1 2 3"), None);
        assert_eq!(parse_cpu("1 (x) S 1 1 1 0 -1 0 0 0 0 0 many 2"), None);
    }

    #[test]
    fn memory_is_resident_and_peak() {
        let expected = Memory { resident: 10240 * 1024, peak: 20480 * 1024 };
        assert_eq!(parse_memory(STATUS), Some(expected));
        assert_eq!(parse_memory("VmRSS:\t 1 kB\n"), None);
    }

    #[test]
    fn a_name_is_matched_whole() {
        assert_eq!(kib("VmRSSX:\t 1 kB\nVmRSS:\t 2 kB\n", "VmRSS"), Some(2));
        assert_eq!(kib("VmRSS:\t lots\n", "VmRSS"), None);
    }

    #[test]
    fn this_very_process_can_be_read() {
        let own = memory(std::process::id()).expect("own memory");
        assert!(own.resident > 0 && own.peak >= own.resident);
        cpu_time(std::process::id()).expect("own CPU time");
        own_thread_cpu_time().expect("own thread's CPU time");
    }
}
