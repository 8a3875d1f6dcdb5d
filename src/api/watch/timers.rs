//! When a watcher is told that all is well, and how often it is told anything.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval, interval_at};

use crate::limits::{WATCH_HEARTBEAT_SECONDS, WATCH_PROGRESS_SECONDS};

/// The timers of one watcher.
pub(super) struct Timers {
    heartbeat: Interval,
    progress: Interval,
    /// The progress timer runs: revisions have gone by without a frame.
    lagging: bool,
    /// None = at once.
    pace: Option<Interval>,
}

impl Timers {
    /// Timers that start now. Paces of the same interval tick at the same instants, counted from `epoch`, so that
    /// watchers of a view fold the same revisions and share what is encoded.
    pub(super) async fn start(min_interval: Duration, epoch: &OnceLock<Instant>) -> Self {
        let mut heartbeat = interval(Duration::from_secs(WATCH_HEARTBEAT_SECONDS));
        let mut progress = interval(Duration::from_secs(WATCH_PROGRESS_SECONDS));
        let now = heartbeat.tick().await;
        progress.tick().await;
        let pace = (!min_interval.is_zero()).then(|| {
            let mut pace = interval_at(*epoch.get_or_init(|| now), min_interval);
            pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
            pace
        });
        Self {
            heartbeat,
            progress,
            lagging: false,
            pace,
        }
    }

    /// A frame was sent.
    pub(super) fn sent(&mut self) {
        self.lagging = false;
        self.heartbeat.reset();
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
        tokio::select! {
            _ = self.progress.tick(), if self.lagging => {}
            _ = self.heartbeat.tick() => {}
        }
    }

    /// Waits for the next tick that lies ahead.
    pub(super) async fn pace(&mut self) {
        let Some(pace) = self.pace.as_mut() else {
            return;
        };
        tokio::select! {
            biased;
            // One that has gone by.
            _ = pace.tick() => {}
            () = std::future::ready(()) => {}
        }
        pace.tick().await;
    }
}
