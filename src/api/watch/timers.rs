//! When a watcher is told that all is well, and how often it is told anything.

use std::time::Duration;

use tokio::time::{Instant, Interval, interval, sleep};

use crate::clock::Stopwatch;
use crate::limits::{WATCH_HEARTBEAT_SECONDS, WATCH_PROGRESS_SECONDS};

/// The timers of one watcher.
pub(super) struct Timers {
    /// Set back only when it goes off: a frame is no reason to touch the timers of the runtime.
    heartbeat: Interval,
    /// When the last frame was sent.
    last: Instant,
    progress: Interval,
    /// The progress timer runs: revisions have gone by without a frame.
    lagging: bool,
    /// Zero = at once.
    min_interval: Duration,
    epoch: Stopwatch,
}

impl Timers {
    /// Timers that start now. Paces of the same interval tick at the same instants, counted from `epoch`, so that
    /// watchers of a view fold the same revisions and share what is encoded.
    pub(super) async fn start(min_interval: Duration, epoch: Stopwatch) -> Self {
        let mut heartbeat = interval(Duration::from_secs(WATCH_HEARTBEAT_SECONDS));
        let mut progress = interval(Duration::from_secs(WATCH_PROGRESS_SECONDS));
        heartbeat.tick().await;
        progress.tick().await;
        Self {
            heartbeat,
            last: Instant::now(),
            progress,
            lagging: false,
            min_interval,
            epoch,
        }
    }

    /// A frame was sent.
    pub(super) fn sent(&mut self) {
        self.lagging = false;
        self.last = Instant::now();
    }

    /// Revisions went by that concerned nobody.
    pub(super) fn passed(&mut self) {
        if !self.lagging {
            self.lagging = true;
            self.progress.reset();
        }
    }

    /// Waits until the watcher is to be told where it is.
    pub(super) async fn progress(&mut self) {
        loop {
            tokio::select! {
                _ = self.progress.tick(), if self.lagging => return,
                now = self.heartbeat.tick() => {
                    let due = self.last + self.heartbeat.period();
                    if due <= now {
                        return;
                    }
                    self.heartbeat.reset_at(due);
                }
            }
        }
    }

    /// Waits for the next tick of the pace.
    pub(super) async fn pace(&self) {
        if self.min_interval.is_zero() {
            return;
        }
        let since_tick = self.epoch.elapsed().as_micros() % self.min_interval.as_micros();
        // Less than ten seconds, the longest interval.
        let since_tick = Duration::from_micros(since_tick as u64);
        sleep(self.min_interval.saturating_sub(since_tick)).await;
    }
}
