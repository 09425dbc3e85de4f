//! The order of events in one process.

use std::sync::{Mutex, PoisonError};

use crate::time::Timestamp;

/// How far a clock may be set back before events follow it: within that, order matters more.
const TOLERANCE_MS: i64 = 1000;

/// Gives every event of this process its own place in time.
#[derive(Debug)]
pub struct LogOrder(Mutex<(Timestamp, u32)>);

impl Default for LogOrder {
    fn default() -> Self {
        Self(Mutex::new((Timestamp(0), 0)))
    }
}

impl LogOrder {
    /// The place of an event that happens `now`: behind all that had theirs before.
    pub fn next(&self, now: Timestamp) -> (Timestamp, u32) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (instant, nth) = *last;
        *last = if now <= instant && instant.0 - now.0 < TOLERANCE_MS {
            (instant, nth.saturating_add(1))
        } else {
            (now, 0)
        };
        *last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_stand_in_the_order_they_came() {
        let order = LogOrder::default();
        let places = [5, 5, 4, 6].map(|ms| order.next(Timestamp(1_000_000 + ms)));
        assert!(places.is_sorted() && places.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(order.next(Timestamp(500)), (Timestamp(500), 0), "a clock that was set back");
    }
}
