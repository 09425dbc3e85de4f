//! Rate limits: a token bucket as a pure function, and the counters of this process.
//!
//! Counters of requests live in memory: behind several processes a limit holds per process.
//! Counters of what costs money or lets somebody guess are [`stored`].

pub mod stored;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::time::Timestamp;

/// So many requests at once, refilled over a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests; zero means no limit.
    pub requests: u32,
    /// Milliseconds in which an empty bucket fills.
    pub period_ms: i64,
}

/// The outcome of taking from a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may go on.
    pub allowed: bool,
    /// The bucket's size.
    pub limit: u32,
    /// Requests left.
    pub remaining: u32,
    /// When the bucket is full again.
    pub reset_at: Timestamp,
    /// Seconds until the next request may go on; at least 1 when refused.
    pub retry_after: i64,
}

impl Decision {
    /// The one closer to refusing.
    #[must_use]
    pub fn tighter(self, other: Self) -> Self {
        if other.remaining < self.remaining { other } else { self }
    }
}

/// A bucket's level, counted in thousandths of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Thousandths left.
    pub level: i64,
    /// When that was so.
    pub at: Timestamp,
}

const WHOLE: i64 = 1000;

impl Limit {
    fn full(self) -> i64 {
        i64::from(self.requests) * WHOLE
    }

    /// A bucket nobody has taken from.
    #[must_use]
    pub fn bucket(self, now: Timestamp) -> Bucket {
        Bucket { level: self.full(), at: now }
    }

    /// Takes one request from `bucket` at `now`.
    pub fn take(self, bucket: &mut Bucket, now: Timestamp) -> Decision {
        let passed = (now.0 - bucket.at.0).clamp(0, self.period_ms);
        // Rounded down, and the remainder stays in `at`, so that frequent calls lose nothing.
        let gained = passed * self.full() / self.period_ms;
        if gained > 0 || now < bucket.at {
            bucket.level = (bucket.level + gained).min(self.full());
            bucket.at = now;
        }
        let allowed = bucket.level >= WHOLE;
        if allowed {
            bucket.level -= WHOLE;
        }
        let ms_for = |level: i64| (level * self.period_ms + self.full() - 1) / self.full();
        let wait_ms = ms_for((WHOLE - bucket.level).max(0));
        Decision {
            allowed,
            limit: self.requests,
            remaining: u32::try_from(bucket.level / WHOLE).unwrap_or(0),
            reset_at: Timestamp(bucket.at.0 + ms_for(self.full() - bucket.level)),
            retry_after: if allowed { 0 } else { ((wait_ms + 999) / 1000).max(1) },
        }
    }
}

/// The buckets of this process, by name.
#[derive(Debug, Default)]
pub struct RateLimiter {
    buckets: Mutex<Buckets>,
    off: bool,
}

#[derive(Debug, Default)]
struct Buckets {
    by_name: HashMap<String, Bucket>,
    /// How many there may be before the old ones are dropped.
    room: usize,
}

/// Fewer buckets than this are not worth sweeping.
const FEW: usize = 10_000;
/// Every bucket is full after this long, and a full bucket and none are the same.
const LONGEST_MS: i64 = 3_600_000;

impl Buckets {
    fn named(&mut self, name: String, limit: Limit, now: Timestamp) -> &mut Bucket {
        if self.by_name.len() >= self.room.max(FEW) {
            self.by_name.retain(|_, bucket| now.0 - bucket.at.0 < LONGEST_MS);
            // Sweeping again only after as many more keeps its cost per request constant.
            self.room = self.by_name.len() * 2;
        }
        self.by_name.entry(name).or_insert(limit.bucket(now))
    }
}

impl RateLimiter {
    /// One that never limits anything: for measuring what a server can do.
    #[must_use]
    pub fn off() -> Self {
        Self { off: true, ..Self::default() }
    }

    /// Whether nothing is limited.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.off
    }

    /// Takes one request from the bucket called `name`; none if `limit` is off.
    pub fn take(&self, name: String, limit: Limit, now: Timestamp) -> Option<Decision> {
        if self.off || limit.requests == 0 {
            return None;
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.named(name, limit, now);
        Some(limit.take(bucket, now))
    }

    /// Whether the bucket called `name` would let a request through, without taking one.
    pub fn allows(&self, name: &str, limit: Limit, now: Timestamp) -> bool {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.by_name.get(name).is_none_or(|bucket| limit.take(&mut bucket.clone(), now).allowed)
    }

    /// Fills the bucket called `name`.
    pub fn reset(&self, name: &str) {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).by_name.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIVE_A_SECOND: Limit = Limit { requests: 5, period_ms: 1000 };

    fn take(limiter: &RateLimiter, at: i64) -> Decision {
        limiter.take("x".into(), FIVE_A_SECOND, Timestamp(at)).expect("limited")
    }

    #[test]
    fn refuses_the_sixth_and_recovers() {
        let limiter = RateLimiter::default();
        let remaining: Vec<_> = (0..5).map(|_| take(&limiter, 0).remaining).collect();
        assert_eq!(remaining, [4, 3, 2, 1, 0]);
        let refused = take(&limiter, 0);
        assert!(!refused.allowed);
        assert_eq!(refused.retry_after, 1);
        assert_eq!(refused.reset_at, Timestamp(1000));
        assert!(take(&limiter, 200).allowed);
        assert!(!take(&limiter, 200).allowed);
    }

    #[test]
    fn zero_is_off() {
        let off = Limit { requests: 0, period_ms: 1000 };
        assert_eq!(RateLimiter::default().take("x".into(), off, Timestamp(0)), None);
        assert_eq!(RateLimiter::off().take("x".into(), FIVE_A_SECOND, Timestamp(0)), None);
    }

    proptest! {
        /// In any stretch of time no more pass than the bucket holds plus what flowed in.
        #[test]
        fn never_lets_more_through(waits in prop::collection::vec(0i64..400, 1..100)) {
            let limiter = RateLimiter::default();
            let (mut now, mut passed) = (0, 0);
            for wait in waits {
                now += wait;
                passed += i64::from(take(&limiter, now).allowed);
                prop_assert!(passed * 1000 <= 5 * 1000 + now * 5);
            }
        }
    }
}
