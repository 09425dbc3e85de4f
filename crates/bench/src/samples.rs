//! Latencies of one workload and the figures drawn from them.

use std::time::Duration;

/// Every latency of a run, and how long the run took.
///
/// All of them are kept: a run is bounded in time, so the list stays small, and a percentile read
/// from the full list has no bucket error.
#[derive(Debug, Clone)]
pub struct Samples {
    sorted: Vec<Duration>,
    elapsed: Duration,
}

impl Samples {
    /// Takes the latencies in any order.
    pub fn new(mut latencies: Vec<Duration>, elapsed: Duration) -> Self {
        latencies.sort_unstable();
        Self { sorted: latencies, elapsed }
    }

    /// How many operations were completed.
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// Operations completed in a second.
    pub fn per_second(&self) -> f64 {
        if self.elapsed.is_zero() {
            return 0.0;
        }
        as_f64(self.count()) / self.elapsed.as_secs_f64()
    }

    /// The latency that `percent` of the operations did not exceed (nearest rank); zero without
    /// samples.
    pub fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.sorted.len() * percent).div_ceil(100).max(1);
        self.sorted.get(rank - 1).copied().unwrap_or_default()
    }
}

/// A count as a floating-point number. Runs of a minute at most stay far below the limit.
pub fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A duration in microseconds.
pub fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(millis: &[u64]) -> Samples {
        let latencies = millis.iter().copied().map(Duration::from_millis).collect();
        Samples::new(latencies, Duration::from_secs(2))
    }

    #[test]
    fn percentiles_are_nearest_rank() {
        let hundred: Vec<u64> = (1..=100).rev().collect();
        let hundred = samples(&hundred);
        assert_eq!(hundred.percentile(50), Duration::from_millis(50));
        assert_eq!(hundred.percentile(99), Duration::from_millis(99));
        assert_eq!(hundred.percentile(100), Duration::from_millis(100));

        let three = samples(&[30, 10, 20]);
        assert_eq!(three.percentile(50), Duration::from_millis(20));
        assert_eq!(three.percentile(99), Duration::from_millis(30));
        assert_eq!(three.percentile(0), Duration::from_millis(10));
    }

    #[test]
    fn no_samples_is_zero_and_not_a_panic() {
        let none = Samples::new(Vec::new(), Duration::ZERO);
        assert_eq!(none.percentile(50), Duration::ZERO);
        assert!(none.per_second().abs() < f64::EPSILON);
    }

    #[test]
    fn rate_is_count_over_elapsed_time() {
        assert!((samples(&[1, 2, 3]).per_second() - 1.5).abs() < 1e-9);
    }
}
