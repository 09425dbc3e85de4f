//! Whether the clock can be right: tokens, codes and certificates depend on it.

use housekey_core::port::{Clock, SystemClock};
use housekey_core::time::Timestamp;
use housekey_store::Inspection;

use super::Finding;

const CHECK: &str = "clock";
/// Nothing of this version existed before: 2026-01-01.
const EARLIEST: Timestamp = Timestamp(1_767_225_600_000);
/// Seconds by which two clocks may differ before codes and proofs begin to be refused.
const TOLERANCE: i64 = 2;
const REMEDY: &str = "let the machine synchronise its time (NTP)";

pub(super) fn look(database: Option<&Inspection>) -> Finding {
    let now = SystemClock::default().now();
    match database {
        Some(Inspection::Server { now: theirs, .. }) => compared(now, *theirs),
        Some(Inspection::Missing { .. } | Inspection::File { .. }) | None => alone(now),
    }
}

fn alone(now: Timestamp) -> Finding {
    let told = format!("it is {}", now.rfc3339());
    if now < EARLIEST { Finding::problem(CHECK, told, REMEDY) } else { Finding::ok(CHECK, told) }
}

fn compared(now: Timestamp, theirs: Timestamp) -> Finding {
    let apart = now.seconds_since(theirs).abs();
    if apart <= TOLERANCE {
        return alone(now);
    }
    let told = format!("it differs from the database's by {apart} seconds");
    Finding::problem(CHECK, told, "let both machines synchronise their time (NTP)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn a_clock_that_cannot_be_right_is_told() {
        assert_eq!(alone(EARLIEST).state, State::Ok);
        assert_eq!(alone(Timestamp(0)).state, State::Problem);
    }

    #[test]
    fn two_clocks_have_to_agree() {
        assert_eq!(compared(EARLIEST, EARLIEST.plus_seconds(-2)).state, State::Ok);
        for seconds in [-60, 60] {
            let found = compared(EARLIEST, EARLIEST.plus_seconds(seconds));
            assert_eq!(found.state, State::Problem);
            assert!(found.message.contains("60 seconds"), "{}", found.message);
        }
    }
}
