//! A fixed schedule: calls that are due at equal distances, whatever became of those before.
//!
//! It sleeps between them on a timer of the system: the runtime's own timers are no finer than a millisecond, and a
//! client that spins instead takes the time that it needs for reading answers.

use std::io::ErrorKind;
use std::ops::Range;
use std::time::{Duration, Instant};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::net::unix::pipe::Receiver;

use crate::Failure;

/// Counts from 0 what is due.
pub struct Schedule {
    /// No pipe, but read like one: eight bytes once time has passed.
    timer: Receiver,
    begun: Instant,
    distance: Duration,
    begun_so_far: u64,
}

impl Schedule {
    /// So many a second, from now on. Within a runtime.
    pub fn new(rate: f64) -> Result<Self, Failure> {
        let distance = Duration::try_from_secs_f64(1.0 / rate)?;
        let timer = timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
        )?;
        let every = Timespec {
            tv_sec: distance.as_secs() as i64,
            tv_nsec: i64::from(distance.subsec_nanos()),
        };
        let times = Itimerspec {
            it_interval: every,
            it_value: every,
        };
        let begun = Instant::now();
        timerfd_settime(&timer, TimerfdTimerFlags::empty(), &times)?;
        Ok(Self {
            timer: Receiver::from_owned_fd_unchecked(timer)?,
            begun,
            distance,
            begun_so_far: 0,
        })
    }

    /// Waits until something is due; answers the numbers of all that is and was not answered before.
    pub async fn due(&mut self) -> Result<Range<u64>, Failure> {
        loop {
            self.timer.readable().await?;
            let mut passed = [0; 8];
            match self.timer.try_read(&mut passed) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error.into()),
            }
            let from = self.begun_so_far;
            self.begun_so_far += u64::from_ne_bytes(passed);
            return Ok(from..self.begun_so_far);
        }
    }

    /// When a number was due.
    pub fn at(&self, number: u64) -> Instant {
        let nanos = self.distance.as_nanos() as u64 * (number + 1);
        self.begun + Duration::from_nanos(nanos)
    }
}
