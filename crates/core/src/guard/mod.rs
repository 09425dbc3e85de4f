//! Rate limits: a token bucket as a pure function, and the counters of this process.
//!
//! Counters of requests live in memory: behind several processes a limit holds per process.
//! Counters of what costs money or lets somebody guess are [`stored`].

mod range;
pub mod stored;

pub use range::{IpRange, is_among};

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
    /// Whether this request was let through and is the last one for now.
    #[must_use]
    pub fn is_last(self) -> bool {
        self.allowed && self.remaining == 0
    }

    /// The one closer to refusing.
    #[must_use]
    pub fn tighter(self, other: Self) -> Self {
        if other.remaining < self.remaining { other } else { self }
    }
}

/// A bucket's level, in the unit of the [`Limit`] it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// What is left.
    pub level: i64,
    /// When that was so.
    pub at: Timestamp,
}

impl Limit {
    /// What one request costs. A bucket is counted in so small a unit that a millisecond's gain is
    /// a whole number of them: nothing is rounded, so nothing is lost or won however often it is
    /// looked at.
    fn cost(self) -> i64 {
        self.period_ms
    }

    fn full(self) -> i64 {
        i64::from(self.requests) * self.cost()
    }

    fn gain(self, ms: i64) -> i64 {
        i64::from(self.requests) * ms
    }

    /// Milliseconds until so much has been gained, rounded up.
    fn ms_for(self, level: i64) -> i64 {
        let gain = self.gain(1);
        (level + gain - 1) / gain
    }

    /// A bucket nobody has taken from.
    #[must_use]
    pub fn bucket(self, now: Timestamp) -> Bucket {
        Bucket { level: self.full(), at: now }
    }

    /// Takes one request from `bucket` at `now`.
    pub fn take(self, bucket: &mut Bucket, now: Timestamp) -> Decision {
        let passed = (now.0 - bucket.at.0).clamp(0, self.period_ms);
        bucket.level = (bucket.level + self.gain(passed)).min(self.full());
        // Requests at once may come past in another order than they began; what was gained until
        // the later one is not gained again. Only a clock that was set back begins anew.
        if now > bucket.at || bucket.at.0 - now.0 > self.period_ms {
            bucket.at = now;
        }
        let allowed = bucket.level >= self.cost();
        if allowed {
            bucket.level -= self.cost();
        }
        let wait_ms = self.ms_for((self.cost() - bucket.level).max(0));
        Decision {
            allowed,
            limit: self.requests,
            remaining: u32::try_from(bucket.level / self.cost()).unwrap_or(0),
            reset_at: Timestamp(now.0 + self.ms_for(self.full() - bucket.level)),
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

    #[test]
    fn a_bucket_recovers_to_the_millisecond() {
        let limiter = RateLimiter::default();
        let limit = Limit { requests: 30, period_ms: 60_000 };
        let take = |at: i64| limiter.take("x".into(), limit, Timestamp(at)).expect("limited");
        for _ in 0..30 {
            assert!(take(0).allowed);
        }
        let refused = take(0);
        assert_eq!((refused.retry_after, refused.reset_at), (2, Timestamp(60_000)));
        // Looking at it all the time costs nothing and gains nothing.
        for at in 1..2000 {
            assert!(!take(at).allowed, "at {at}");
        }
        let allowed = take(2000);
        assert!(allowed.allowed);
        assert_eq!(allowed.remaining, 0);
        assert!(!take(2001).allowed);
        assert!(!take(3999).allowed);
        assert!(take(4000).allowed);
    }

    #[test]
    fn a_full_bucket_does_not_overflow() {
        let limiter = RateLimiter::default();
        let passed = (0..20).filter(|_| take(&limiter, 3_600_000).allowed).count();
        assert_eq!(passed, 5);
    }

    #[test]
    fn out_of_order_nothing_is_gained_twice() {
        let limiter = RateLimiter::default();
        while take(&limiter, 0).allowed {}
        assert!(take(&limiter, 200).allowed);
        for _ in 0..10 {
            assert!(!take(&limiter, 100).allowed);
            assert!(!take(&limiter, 200).allowed);
        }
    }

    /// A clock that is set back neither fills a bucket nor blocks it for longer than its period.
    #[test]
    fn a_clock_set_back_does_no_harm() {
        let limiter = RateLimiter::default();
        for _ in 0..5 {
            assert!(take(&limiter, 1_000_000).allowed);
        }
        assert!(!take(&limiter, 0).allowed);
        assert!(take(&limiter, 200).allowed);
    }

    /// A limit that was lowered holds from the next request on.
    #[test]
    fn a_lowered_limit_holds_at_once() {
        let limiter = RateLimiter::default();
        assert!(take(&limiter, 0).allowed);
        let two = Limit { requests: 2, period_ms: 1000 };
        let allowed = (0..5)
            .filter_map(|_| limiter.take("x".into(), two, Timestamp(0)))
            .filter(|decision| decision.allowed)
            .count();
        assert_eq!(allowed, 2);
    }

    #[test]
    fn requests_at_once_get_exactly_what_there_is() {
        let limiter = RateLimiter::default();
        let limit = Limit { requests: 25, period_ms: 1000 };
        let allowed = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let taken = limiter.take("x".into(), limit, Timestamp(0));
                        let taken = taken.is_some_and(|decision| decision.allowed);
                        allowed.fetch_add(u32::from(taken), std::sync::atomic::Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(allowed.into_inner(), 25);
    }

    proptest! {
        /// In any stretch of time exactly as many pass as the bucket holds plus what flowed in,
        /// counted by somebody who adds up in fractions of a request.
        #[test]
        fn lets_through_what_flowed_in(
            waits in prop::collection::vec(0i64..400, 1..100),
            requests in 1u32..40,
            period_ms in 1i64..120_000,
        ) {
            let limit = Limit { requests, period_ms };
            let limiter = RateLimiter::default();
            let mut now = 0;
            // In units of 1/period_ms requests.
            let mut level = i128::from(requests) * i128::from(period_ms);
            for wait in waits {
                now += wait;
                level = (level + i128::from(requests) * i128::from(wait))
                    .min(i128::from(requests) * i128::from(period_ms));
                let expected = level >= i128::from(period_ms);
                if expected {
                    level -= i128::from(period_ms);
                }
                let decision = limiter.take("x".into(), limit, Timestamp(now)).expect("limited");
                prop_assert_eq!(decision.allowed, expected);
                prop_assert_eq!(i128::from(decision.remaining), level / i128::from(period_ms));
                prop_assert!(decision.reset_at >= Timestamp(now));
                prop_assert_eq!(decision.retry_after > 0, !expected);
            }
        }

        /// Whoever waits as long as they are told gets in; whoever waits a second less does not.
        #[test]
        fn waiting_as_told_helps(requests in 1u32..40, period_ms in 1000i64..120_000) {
            let limit = Limit { requests, period_ms };
            let limiter = RateLimiter::default();
            let take = |at| limiter.take("x".into(), limit, Timestamp(at)).expect("limited");
            while take(0).allowed {}
            let wait = take(0).retry_after;
            if wait > 1 {
                prop_assert!(!take((wait - 1) * 1000).allowed);
            }
            prop_assert!(take(wait * 1000).allowed);
        }
    }
}
