//! Who has received what: every delivery of every message to every subscriber is counted once.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::Notify;

use super::schedule::Schedule;
use crate::Failure;
use crate::meter::Meter;

/// Counts deliveries. Messages are numbered from 0.
pub struct Tally {
    subscribers: u32,
    pub meter: Meter,
    state: Mutex<State>,
    /// Messages that every subscriber has.
    complete: AtomicU64,
    moved: Notify,
}

struct State {
    /// Number of the first message that somebody still waits for.
    first: u64,
    /// From there on: when it was due, and how many have it.
    open: VecDeque<(Instant, u32)>,
    bytes: u64,
    deliveries: u64,
}

impl Tally {
    pub fn new(subscribers: u32) -> Result<Self, Failure> {
        Ok(Self {
            subscribers,
            meter: Meter::new()?,
            state: Mutex::new(State {
                first: 0,
                open: VecDeque::new(),
                bytes: 0,
                deliveries: 0,
            }),
            complete: AtomicU64::new(0),
            moved: Notify::new(),
        })
    }

    /// The next message is about to be sent; it was due at this time.
    pub fn due(&self, at: Instant) {
        if let Ok(mut state) = self.state.lock() {
            state.open.push_back((at, 0));
        }
    }

    /// One subscriber has these messages, none of which it had before.
    pub fn delivered(&self, numbers: std::ops::Range<u64>, bytes: usize) -> Result<(), Failure> {
        let now = Instant::now();
        let mut state = self.state.lock().map_err(|_| "a subscriber panicked")?;
        let count = numbers.end - numbers.start;
        state.bytes += bytes as u64;
        state.deliveries += count;
        let first = state.first;
        for number in numbers {
            let open = number.checked_sub(first).map(|at| at as usize);
            let Some((due, have)) = open.and_then(|at| state.open.get_mut(at)) else {
                return Err(format!("message {number} was not expected").into());
            };
            *have += 1;
            self.meter.record(now - *due);
        }
        while state
            .open
            .front()
            .is_some_and(|open| open.1 == self.subscribers)
        {
            state.open.pop_front();
            state.first += 1;
        }
        if state.first > first {
            self.complete.store(state.first, Ordering::Relaxed);
            self.moved.notify_one();
        }
        self.meter.add(count);
        Ok(())
    }

    /// Messages that every subscriber has.
    pub fn complete(&self) -> u64 {
        self.complete.load(Ordering::Relaxed)
    }

    /// Waits until more are.
    pub async fn moved(&self) {
        self.moved.notified().await;
    }

    /// Mean bytes of a delivery.
    pub fn bytes(&self) -> f64 {
        self.state.lock().map_or(0.0, |state| {
            state.bytes as f64 / state.deliveries.max(1) as f64
        })
    }
}

/// When messages are sent: so many ahead of the slowest subscriber, or on a schedule.
pub struct Pace {
    window: u64,
    schedule: Option<Schedule>,
    /// How many have been due on the schedule.
    due: u64,
}

impl Pace {
    pub fn new(window: u64, rate: Option<f64>) -> Result<Self, Failure> {
        Ok(Self {
            window,
            schedule: rate.map(Schedule::new).transpose()?,
            due: 0,
        })
    }

    /// How many may have been sent by now, and tells the tally of those that have not.
    pub fn allow(&self, tally: &Tally, sent: u64) -> u64 {
        if self.schedule.is_some() {
            return self.due;
        }
        let allowed = tally.complete() + self.window;
        let now = Instant::now();
        (sent..allowed).for_each(|_| tally.due(now));
        allowed.max(sent)
    }

    /// Waits until more may be sent. Nothing is lost when it is given up.
    pub async fn wait(&mut self, tally: &Tally) -> Result<(), Failure> {
        let Some(schedule) = &mut self.schedule else {
            tally.moved().await;
            return Ok(());
        };
        let numbers = schedule.due().await?;
        self.due = numbers.end;
        for number in numbers {
            tally.due(schedule.at(number));
        }
        Ok(())
    }
}
