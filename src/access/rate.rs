//! How often a caller may call: a steady rate, and a burst on top.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Stopwatch;
use crate::limits::RATE_PER_SECOND_MAX;

const NANOS_PER_SECOND: f64 = 1e9;

/// A rate as an operator sets it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateSetting {
    /// Calls a second in the long run.
    pub per_second: f64,
    /// Calls at once after a pause; at least 1.
    pub burst: u32,
}

impl RateSetting {
    /// Checks a rate. Without a burst it is what two seconds bring, at least 1.
    ///
    /// # Errors
    /// A text naming what is out of range.
    pub fn new(per_second: f64, burst: Option<u32>) -> Result<Self, String> {
        if !(per_second > 0.0 && per_second <= RATE_PER_SECOND_MAX) {
            return Err(format!(
                "a rate of `{per_second}` a second is out of range: give more than 0 and at most {RATE_PER_SECOND_MAX}, or leave it out for no limit"
            ));
        }
        let burst = burst.unwrap_or((2.0 * per_second).ceil() as u32);
        if burst == 0 {
            return Err("a burst of `0` lets no call through: give at least 1".to_owned());
        }
        Ok(Self { per_second, burst })
    }
}

/// The state of a rate: the generic cell rate algorithm, one atomic number.
#[derive(Debug)]
pub struct Rate {
    setting: RateSetting,
    started: Stopwatch,
    /// Nanoseconds between calls at the steady rate.
    interval: u64,
    /// Nanoseconds that calls may come early.
    tolerance: u64,
    /// When the next call would come if all came at the steady rate, nanoseconds since `started`.
    due: AtomicU64,
}

impl Rate {
    /// A rate of which nothing is used.
    pub fn new(setting: RateSetting) -> Self {
        let interval = NANOS_PER_SECOND / setting.per_second;
        Self {
            setting,
            started: Stopwatch::start(),
            interval: interval.max(1.0) as u64,
            tolerance: (interval * f64::from(setting.burst - 1)) as u64,
            due: AtomicU64::new(0),
        }
    }

    /// How it was set.
    pub fn setting(&self) -> RateSetting {
        self.setting
    }

    /// Takes one call.
    ///
    /// # Errors
    /// How long until the call would be let through; nothing is taken.
    pub fn take(&self) -> Result<(), Duration> {
        self.take_at(self.started.elapsed())
    }

    fn take_at(&self, now: Duration) -> Result<(), Duration> {
        let now = now.as_nanos() as u64;
        let taken = self
            .due
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |due| {
                (due.saturating_sub(self.tolerance) <= now)
                    .then(|| due.max(now).saturating_add(self.interval))
            });
        match taken {
            Ok(_) => Ok(()),
            Err(due) => Err(Duration::from_nanos(
                due.saturating_sub(self.tolerance)
                    .saturating_sub(now)
                    .max(1),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(per_second: f64, burst: u32) -> Rate {
        Rate::new(RateSetting::new(per_second, Some(burst)).expect("a rate"))
    }

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_burst_goes_through_and_then_the_steady_rate() {
        let rate = rate(10.0, 3);
        let start = millis(5_000);
        for _ in 0..3 {
            assert_eq!(rate.take_at(start), Ok(()));
        }
        assert_eq!(rate.take_at(start), Err(millis(100)));
        assert_eq!(rate.take_at(start + millis(99)), Err(millis(1)));
        assert_eq!(rate.take_at(start + millis(100)), Ok(()));
        assert!(rate.take_at(start + millis(100)).is_err());
    }

    #[test]
    fn in_the_long_run_no_more_than_the_rate_goes_through() {
        let rate = rate(50.0, 20);
        let through = (0..10_000)
            .filter(|&at| rate.take_at(millis(at)).is_ok())
            .count();
        assert_eq!(through, 500 + 20 - 1);
    }

    #[test]
    fn after_a_pause_the_burst_is_whole_again_and_no_larger() {
        let rate = rate(1.0, 5);
        for hour in [0, 1, 50] {
            let now = Duration::from_secs(hour * 3_600);
            let through = (0..100).filter(|_| rate.take_at(now).is_ok()).count();
            assert_eq!(through, 5, "{hour}");
        }
    }

    #[test]
    fn rates_out_of_range_are_refused() {
        for per_second in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e12] {
            assert!(RateSetting::new(per_second, None).is_err(), "{per_second}");
        }
        assert!(RateSetting::new(1.0, Some(0)).is_err());
        assert_eq!(RateSetting::new(0.1, None).map(|rate| rate.burst), Ok(1));
    }
}
