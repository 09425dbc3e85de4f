//! The results and how they are shown.

mod aims;
mod grid;

use std::fmt::Write;

use serde::Serialize;

use crate::{
    cli::Argon2Cost,
    limits::Limits,
    machine::Machine,
    measure::Measurement,
    process::Memory,
    workload::{Pair, memory::MemoryUse, scale::Scale, start::Start},
};
use aims::Aim;
use grid::Grid;

/// Everything one run found out.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Version of the workspace.
    pub version: &'static str,
    /// The machine.
    pub machine: Machine,
    /// Measured seconds for each workload.
    pub seconds: u64,
    /// Parameters of the bare hash.
    pub argon2: Argon2Cost,
    /// What the machine can do.
    pub limits: Limits,
    /// Start times.
    pub starts: Vec<Start>,
    /// Memory.
    pub memory: Option<MemoryUse>,
    /// `GET /me/v1/authentication-methods`.
    pub list: Option<Pair>,
    /// Refresh exchange.
    pub refresh: Option<Pair>,
    /// Full login.
    pub login: Option<Pair>,
    /// Few users and many.
    pub scale: Option<Scale>,
}

/// The report for a terminal.
pub fn table(report: &Report) -> String {
    render(report, Grid::text)
}

/// The report as it stands in `docs/benchmarks.md`.
pub fn markdown(report: &Report) -> String {
    render(report, Grid::markdown)
}

fn render(report: &Report, grid: fn(&Grid) -> String) -> String {
    let grids = [
        Some(measurements(report)),
        (!report.starts.is_empty()).then(|| starts(&report.starts)),
        report.memory.as_ref().map(memory),
        report.scale.as_ref().map(scale),
        aims(&aims::judge(report)),
    ];
    let mut text = heading(report);
    for shown in grids.iter().flatten() {
        text.push('\n');
        text.push_str(&grid(shown));
    }
    text
}

fn heading(report: &Report) -> String {
    let Machine { processor, cores, memory, kernel, busy } = &report.machine;
    let Argon2Cost { memory: m, passes: t, lanes: p } = report.argon2;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "Housekey {} on {processor}, {cores} cores, {} memory, Linux {kernel}; {:.0} % busy before the \
         run; {} s for each workload; Argon2id m={m}, t={t}, p={p}.",
        report.version,
        bytes(*memory),
        busy * 100.0,
        report.seconds,
    );
    text
}

fn measurements(report: &Report) -> Grid {
    let mut grid = Grid::new(&[
        "Workload",
        "at a time",
        "per second",
        "p50",
        "p99",
        "CPU µs each",
        "resident",
        "peak",
    ]);
    let pairs = [&report.list, &report.refresh, &report.login];
    let workloads = pairs.into_iter().flatten().flat_map(|pair| [&pair.alone, &pair.loaded]);
    for measurement in report.limits.rows().into_iter().chain(workloads) {
        grid.row(measurement_row(measurement));
    }
    grid
}

fn measurement_row(measurement: &Measurement) -> Vec<String> {
    let memory = |value: fn(&Memory) -> u64| {
        measurement.memory.as_ref().map_or_else(|| "–".to_owned(), |memory| bytes(value(memory)))
    };
    vec![
        measurement.name.clone(),
        measurement.concurrency.to_string(),
        format!("{:.0}", measurement.per_second),
        time(measurement.p50_us),
        time(measurement.p99_us),
        format!("{:.0}", measurement.cpu_us),
        memory(|memory| memory.resident),
        memory(|memory| memory.peak),
    ]
}

fn starts(starts: &[Start]) -> Grid {
    let mut grid = Grid::new(&["Start to first answer", "starts", "fastest", "median", "slowest"]);
    for start in starts {
        grid.row(vec![
            format!("{} users", start.users),
            start.count.to_string(),
            time(start.min_us),
            time(start.median_us),
            time(start.max_us),
        ]);
    }
    grid
}

fn memory(memory: &MemoryUse) -> Grid {
    let mut grid = Grid::new(&["Memory", "resident", "peak"]);
    let mut row = |name: String, memory: &Memory| {
        grid.row(vec![name, bytes(memory.resident), bytes(memory.peak)]);
    };
    row("idle".to_owned(), &memory.idle);
    row(format!("after {} requests", memory.requests), &memory.after);
    grid
}

fn scale(scale: &Scale) -> Grid {
    let few = format!("p99, {} users", scale.few);
    let many = format!("p99, {} users", scale.many);
    let mut grid = Grid::new(&["One at a time", "p50", &few, "p50", &many, "p99 to p99"]);
    for row in &scale.rows {
        grid.row(vec![
            row.few.name.clone(),
            time(row.few.p50_us),
            time(row.few.p99_us),
            time(row.many.p50_us),
            time(row.many.p99_us),
            format!("{:.2}", row.ratio()),
        ]);
    }
    grid
}

fn aims(aims: &[Aim]) -> Option<Grid> {
    let mut grid = Grid::new(&["Aim", "wanted", "measured", "met"]);
    for aim in aims {
        let met = if aim.is_met { "yes" } else { "no" };
        grid.row(vec![aim.name.clone(), aim.wanted.clone(), aim.measured.clone(), met.to_owned()]);
    }
    (!aims.is_empty()).then_some(grid)
}

/// Microseconds in the unit that suits them.
fn time(micros: f64) -> String {
    if micros < 1e3 {
        format!("{micros:.0} µs")
    } else if micros < 1e6 {
        format!("{:.1} ms", micros / 1e3)
    } else {
        format!("{:.2} s", micros / 1e6)
    }
}

/// Bytes in millions.
fn bytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub fn measurement(name: &str, p50_us: f64, cpu_us: f64) -> Measurement {
        Measurement {
            name: name.to_owned(),
            concurrency: 1,
            count: 10,
            per_second: 100.0,
            p50_us,
            p99_us: p50_us * 2.0,
            cpu_us,
            memory: Some(Memory { resident: 20_000_000, peak: 25_000_000 }),
        }
    }

    pub fn report() -> Report {
        let one = |name| measurement(name, 1000.0, 500.0);
        Report {
            version: "0.0.0",
            machine: Machine {
                processor: "A processor".to_owned(),
                cores: 2,
                memory: 8_000_000_000,
                kernel: "6.1".to_owned(),
                busy: 0.0,
            },
            seconds: 5,
            argon2: Argon2Cost { memory: 19456, passes: 2, lanes: 1 },
            limits: Limits {
                route: one("bare axum route"),
                loaded_route: one("bare axum route"),
                signature: one("RSA-2048 signature"),
                loaded_signature: one("RSA-2048 signature"),
                hash: one("Argon2id hash"),
                loaded_hash: one("Argon2id hash"),
                durable_write: Measurement { memory: None, ..one("durable write") },
            },
            scale: None,
            starts: Vec::new(),
            memory: None,
            list: None,
            refresh: None,
            login: None,
        }
    }

    #[test]
    fn every_workload_that_ran_has_its_row_and_no_other() {
        let mut report = report();
        let pair =
            Pair { alone: measurement("list", 1.0, 1.0), loaded: measurement("list", 1.0, 1.0) };
        report.list = Some(pair);
        for text in [table(&report), markdown(&report)] {
            assert!(text.contains("list") && text.contains("durable write"), "{text}");
            assert!(!text.contains("full login") && !text.contains("users"), "{text}");
        }
    }

    #[test]
    fn figures_are_shown_in_fitting_units() {
        assert_eq!(time(12.4), "12 µs");
        assert_eq!(time(12_340.0), "12.3 ms");
        assert_eq!(time(1_234_000.0), "1.23 s");
        assert_eq!(bytes(29_960_000), "29.9 MB");
    }
}
