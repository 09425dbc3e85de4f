//! The clock, from outside.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::time::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// The machine's own time, which is the same unless somebody moves the clock. What a client
    /// dated by its own clock is compared with this.
    fn wall(&self) -> Timestamp {
        self.now()
    }
}

/// The machine's clock, moved forward by an offset that is zero outside dev mode.
#[derive(Debug, Default)]
pub struct SystemClock {
    offset_seconds: AtomicI64,
}

impl SystemClock {
    /// Moves the clock forward by `seconds`.
    pub fn advance(&self, seconds: i64) {
        self.offset_seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Returns to the machine's time.
    pub fn reset(&self) {
        self.offset_seconds.store(0, Ordering::SeqCst);
    }

    /// How far ahead of the machine's clock this one is, in seconds.
    pub fn offset_seconds(&self) -> i64 {
        self.offset_seconds.load(Ordering::SeqCst)
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.wall().plus_seconds(self.offset_seconds())
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn wall(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_own_time_does_not_move() {
        let clock = SystemClock::default();
        let before = clock.wall();
        clock.advance(3600);
        assert!(clock.now() >= before.plus_seconds(3600));
        assert!(clock.wall() < before.plus_seconds(3600));
    }
}
