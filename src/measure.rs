//! Counts and histograms that cost whoever is measured a few instructions. Nobody reads them but metrics, so nothing is
//! ordered by them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A count that only rises.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Nothing counted yet.
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Counts `n` more.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How often whole numbers were seen, by size: bucket `i` holds those up to `2^(FIRST + i)` that no earlier one holds,
/// and the last bucket whatever is larger.
#[derive(Debug)]
pub struct Histogram<const FIRST: u32, const BUCKETS: usize> {
    buckets: [AtomicU64; BUCKETS],
    sum: AtomicU64,
}

/// Durations in microseconds, from 32 us to 67 s.
pub type Durations = Histogram<5, 23>;
/// Numbers of things done together, from 1 to 1,024.
pub type Sizes = Histogram<0, 12>;

/// What a histogram held at some moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Upper bound, infinite for the last, and count of each bucket alone.
    pub buckets: Vec<(f64, u64)>,
    /// Count of all.
    pub count: u64,
    /// Sum of all.
    pub sum: f64,
}

impl<const FIRST: u32, const BUCKETS: usize> Default for Histogram<FIRST, BUCKETS> {
    fn default() -> Self {
        Self {
            buckets: std::array::from_fn(|_| AtomicU64::new(0)),
            sum: AtomicU64::new(0),
        }
    }
}

impl<const FIRST: u32, const BUCKETS: usize> Histogram<FIRST, BUCKETS> {
    /// Counts a number.
    pub fn observe(&self, number: u64) {
        let bits = u64::BITS - number.saturating_sub(1).leading_zeros();
        let bucket = (bits.saturating_sub(FIRST) as usize).min(BUCKETS - 1);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(number, Ordering::Relaxed);
    }

    /// What it holds, each bound and the sum multiplied by `scale`.
    pub fn read(&self, scale: f64) -> Reading {
        let mut buckets = Vec::with_capacity(BUCKETS);
        for (i, bucket) in self.buckets.iter().enumerate() {
            let bound = if i + 1 == BUCKETS {
                f64::INFINITY
            } else {
                (1_u64 << (FIRST as usize + i)) as f64 * scale
            };
            buckets.push((bound, bucket.load(Ordering::Relaxed)));
        }
        Reading {
            count: buckets.iter().map(|(_, count)| count).sum(),
            sum: self.sum.load(Ordering::Relaxed) as f64 * scale,
            buckets,
        }
    }
}

impl Durations {
    /// Counts a duration.
    pub fn took(&self, duration: Duration) {
        self.observe(duration.as_micros() as u64);
    }

    /// What it holds, in seconds.
    pub fn seconds(&self) -> Reading {
        self.read(1e-6)
    }
}

/// Counts of rare things by name. Names are few and known beforehand.
#[derive(Debug, Default)]
pub struct Tally(Mutex<BTreeMap<&'static str, u64>>);

impl Tally {
    /// Nothing counted yet.
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Counts one more of a name.
    pub fn add(&self, name: &'static str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(name).or_default() += 1;
    }

    /// All counts, by name.
    pub fn read(&self) -> Vec<(&'static str, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(name, count)| (*name, *count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_in_the_first_bucket_whose_bound_is_not_below_it() {
        let sizes = Sizes::default();
        for number in [0, 1, 2, 3, 4, 5, 1_024, 1_025, u64::MAX >> 8] {
            sizes.observe(number);
        }
        let read = sizes.read(1.0);
        let bounds: Vec<f64> = read.buckets.iter().map(|(bound, _)| *bound).collect();
        assert_eq!(bounds[..4], [1.0, 2.0, 4.0, 8.0]);
        assert_eq!(bounds[10..], [1_024.0, f64::INFINITY]);
        let counts: Vec<u64> = read.buckets.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [2, 1, 2, 1, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(read.count, 9);
    }

    #[test]
    fn durations_are_told_in_seconds() {
        let durations = Durations::default();
        durations.took(Duration::from_micros(32));
        durations.took(Duration::from_millis(500));
        durations.took(Duration::from_secs(600));
        let read = durations.seconds();
        assert_eq!(read.buckets.first(), Some(&(32e-6, 1)));
        assert_eq!(read.buckets.last(), Some(&(f64::INFINITY, 1)));
        assert!((read.sum - 600.500_032).abs() < 1e-9, "{}", read.sum);
    }

    #[test]
    fn a_tally_counts_by_name() {
        let tally = Tally::new();
        for name in ["B", "A", "B"] {
            tally.add(name);
        }
        assert_eq!(tally.read(), [("A", 1), ("B", 2)]);
    }
}
