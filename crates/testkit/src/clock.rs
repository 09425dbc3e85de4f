//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use housekey_core::port::Clock;
use housekey_core::time::Timestamp;

/// When every test begins: the first second of 2026.
pub const BEGINNING: Timestamp = Timestamp(1_767_225_600_000);

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that shows `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Moves it forward.
    pub fn advance(&self, seconds: i64) {
        self.advance_ms(seconds * 1000);
    }

    /// Moves it forward by less than a second, for tests of boundaries.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
