//! The only place that asks what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::model::{Date, Timestamp};

/// What time it is: the system's answer, or a fixed one for tests.
///
/// ```
/// use frontierd::clock::Clock;
/// use frontierd::model::Timestamp;
///
/// let clock = Clock::fixed(Timestamp::from_micros(86_400_000_000));
/// assert_eq!(clock.today().to_string(), "1970-01-02");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Microseconds since the Unix epoch; none = ask the system. Clones share it.
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until it is [`Clock::set`].
    pub fn fixed(now: Timestamp) -> Self {
        Self {
            fixed: Some(Arc::new(AtomicI64::new(now.micros()))),
        }
    }

    /// Sets a fixed clock and all its clones; without effect on the system's clock.
    pub fn set(&self, now: Timestamp) {
        if let Some(fixed) = &self.fixed {
            fixed.store(now.micros(), Ordering::Relaxed);
        }
    }

    /// The instant now. A system clock set before 1970 answers 1970-01-01.
    pub fn now(&self) -> Timestamp {
        let micros = match &self.fixed {
            Some(fixed) => fixed.load(Ordering::Relaxed),
            None => SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_micros() as i64),
        };
        Timestamp::from_micros(micros)
    }

    /// The UTC day now.
    pub fn today(&self) -> Date {
        self.now().date()
    }
}

/// Microseconds on the system's monotonic clock, for programs that compare them with their own reading of it.
pub fn monotonic_micros() -> u64 {
    #[cfg(unix)]
    {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        now.tv_sec as u64 * 1_000_000 + now.tv_nsec as u64 / 1_000
    }
    #[cfg(not(unix))]
    0
}

/// Measures durations on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_fixed_clock_move_together() {
        let clock = Clock::fixed(Timestamp::from_micros(5));
        let clone = clock.clone();
        assert_eq!(clone.now(), Timestamp::from_micros(5));
        clock.set(Timestamp::from_micros(86_400_000_000));
        assert_eq!(clone.today(), Date::from_days(1));
    }

    #[test]
    fn the_system_clock_is_past_2026_and_cannot_be_set() {
        let clock = Clock::system();
        clock.set(Timestamp::from_micros(0));
        assert!(clock.today().days() > 20_000);
    }
}
