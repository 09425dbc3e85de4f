//! The project's aims, and whether this run met them.

use crate::{
    limits::Limits,
    report::{Report, bytes, time},
    workload::{
        Pair,
        scale::{Row, Scale},
        start::Start,
    },
};

/// Longest start, microseconds.
const START_US: f64 = 100_000.0;
/// Largest idle memory, bytes.
const IDLE_BYTES: u64 = 30_000_000;
/// Most server CPU for one list, microseconds.
const LIST_CPU_US: f64 = 150.0;
/// Access token and ID token.
const SIGNATURES: f64 = 2.0;
/// Least share of a refresh's CPU that is signatures.
const SIGNATURE_SHARE: f64 = 0.75;
/// Longest login, in bare hashes.
const LOGIN_RATIO: f64 = 1.05;
/// Slowest with many users, in slowest with few.
const SCALE_RATIO: f64 = 1.5;
/// Requests of a login.
const LOGIN_REQUESTS: f64 = 7.0;

/// One aim.
#[derive(Debug)]
pub struct Aim {
    /// What is aimed at.
    pub name: String,
    /// The aim.
    pub wanted: String,
    /// The result.
    pub measured: String,
    /// Whether the result meets the aim.
    pub is_met: bool,
}

/// Every aim that this run has figures for.
pub fn judge(report: &Report) -> Vec<Aim> {
    let mut aims: Vec<Aim> = report.starts.iter().map(start).collect();
    aims.extend(report.memory.as_ref().map(|memory| Aim {
        name: "idle memory".to_owned(),
        wanted: format!("< {}", bytes(IDLE_BYTES)),
        measured: bytes(memory.idle.resident),
        is_met: memory.idle.resident < IDLE_BYTES,
    }));
    aims.extend(report.list.as_ref().map(list));
    if let Some(pair) = &report.refresh {
        aims.push(signature_share(report, pair));
    }
    if let Some(pair) = &report.login {
        aims.push(login(report, pair));
    }
    aims.extend(
        report.scale.iter().flat_map(|scale| scale.rows.iter().map(|row| at_scale(scale, row))),
    );
    aims
}

fn start(start: &Start) -> Aim {
    Aim {
        name: format!("start with {} users (median)", start.users),
        wanted: format!("< {}", time(START_US)),
        measured: time(start.median_us),
        is_met: start.median_us < START_US,
    }
}

fn list(pair: &Pair) -> Aim {
    Aim {
        name: format!("{}, CPU under load", pair.loaded.name),
        wanted: format!("≤ {}", time(LIST_CPU_US)),
        measured: time(pair.loaded.cpu_us),
        is_met: pair.loaded.cpu_us <= LIST_CPU_US,
    }
}

/// Under load the cores slow each other down, so the load's refresh is held against signatures
/// made on every core. At best, a refresh is its signatures, a bare request and a durable write.
fn signature_share(report: &Report, pair: &Pair) -> Aim {
    let limits = &report.limits;
    let signatures = SIGNATURES * limits.loaded_signature.cpu_us;
    let share = signatures / pair.loaded.cpu_us;
    let best = signatures / (signatures + limits.loaded_route.cpu_us + limits.durable_write.cpu_us);
    Aim {
        name: "signatures' share of a refresh's CPU under load".to_owned(),
        wanted: format!("≥ {:.0} %", SIGNATURE_SHARE * 100.0),
        measured: format!("{:.1} % (at best {:.1} %)", share * 100.0, best * 100.0),
        is_met: share >= SIGNATURE_SHARE,
    }
}

/// At best, a login is a hash, two signatures and its bare requests.
fn login(report: &Report, pair: &Pair) -> Aim {
    let Limits { route, signature, hash, .. } = &report.limits;
    let ratio = pair.alone.p50_us / hash.p50_us;
    let rest = SIGNATURES * signature.p50_us + LOGIN_REQUESTS * route.p50_us;
    let best = 1.0 + rest / hash.p50_us;
    Aim {
        name: "full login alone (p50) over a bare hash".to_owned(),
        wanted: format!("≤ {LOGIN_RATIO:.2}"),
        measured: format!("{ratio:.2} (at best {best:.2})"),
        is_met: ratio <= LOGIN_RATIO,
    }
}

fn at_scale(scale: &Scale, row: &Row) -> Aim {
    Aim {
        name: format!("{} with {} users over {} (p99)", row.few.name, scale.many, scale.few),
        wanted: format!("≤ {SCALE_RATIO:.2}"),
        measured: format!("{:.2}", row.ratio()),
        is_met: row.ratio() <= SCALE_RATIO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{measurement, report};

    fn pair(p50_us: f64, cpu_us: f64) -> Pair {
        Pair { alone: measurement("x", p50_us, cpu_us), loaded: measurement("x", p50_us, cpu_us) }
    }

    fn only(report: &Report) -> Aim {
        let mut aims = judge(report);
        assert_eq!(aims.len(), 1);
        aims.remove(0)
    }

    #[test]
    fn what_was_not_measured_is_not_judged() {
        assert!(judge(&report()).is_empty());
    }

    #[test]
    fn list_is_judged_by_its_cpu() {
        let with = |cpu| Report { list: Some(pair(9e9, cpu)), ..report() };
        assert!(only(&with(150.0)).is_met);
        assert!(!only(&with(151.0)).is_met);
    }

    #[test]
    fn refresh_is_judged_by_two_signatures() {
        // A signature takes 500 µs in the sample report.
        let with = |cpu| Report { refresh: Some(pair(0.0, cpu)), ..report() };
        assert!(only(&with(1300.0)).is_met);
        let missed = only(&with(2000.0));
        assert!(!missed.is_met);
        assert_eq!(missed.measured, "50.0 % (at best 50.0 %)");
    }

    #[test]
    fn login_is_judged_against_the_hash() {
        // A hash takes 1000 µs in the sample report.
        let with = |p50| Report { login: Some(pair(p50, 0.0)), ..report() };
        assert!(only(&with(1040.0)).is_met);
        let missed = only(&with(1100.0));
        assert!(!missed.is_met);
        assert_eq!(missed.measured, "1.10 (at best 10.00)");
    }

    #[test]
    fn start_is_judged_by_its_median() {
        let start = |median_us| Start { users: 10, count: 3, min_us: 1.0, median_us, max_us: 9e9 };
        let report = Report { starts: vec![start(99_000.0), start(101_000.0)], ..report() };
        let met: Vec<bool> = judge(&report).iter().map(|aim| aim.is_met).collect();
        assert_eq!(met, [true, false]);
    }
}
