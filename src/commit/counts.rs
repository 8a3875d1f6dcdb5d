//! What the writer has done since the start, for metrics.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::reply::Answer;
use crate::measure::{Counter, Durations, Sizes};
use crate::model::{Body, Entry, Timestamp};

/// Kinds of entries, as counted.
pub const KINDS: [&str; 8] = [
    "benchmark",
    "model",
    "price",
    "price_in_force",
    "claim",
    "claim_status",
    "result",
    "result_status",
];

/// Counts of a writer since the start.
#[derive(Debug, Default)]
pub struct Counts {
    entries: [Counter; KINDS.len()],
    /// Drafts whose request id was answered before.
    pub replayed: Counter,
    /// Drafts that would have changed nothing.
    pub unchanged: Counter,
    /// Drafts that were refused where state is needed to know it.
    pub refused: Counter,
    /// Entries made durable together.
    pub commit_entries: Sizes,
    /// From handing a commit to the log until it was durable.
    pub commit_durations: Durations,
    /// What the start took.
    pub replay: ReplayCounts,
    /// When the newest checkpoint was written, microseconds since the Unix epoch; 0 = there is none, or nobody knows.
    checkpoint_time: AtomicI64,
}

/// What the replay of a log took.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayCounts {
    /// Entries applied after the checkpoint.
    pub entries: u64,
    /// From opening the log to the board at its head.
    pub took: Duration,
}

impl Counts {
    pub(super) fn new(replay: ReplayCounts, checkpoint: Option<Timestamp>) -> Self {
        let counts = Self {
            replay,
            ..Self::default()
        };
        if let Some(time) = checkpoint {
            counts.checkpoint_written(time);
        }
        counts
    }

    /// Counts a commit that became durable.
    pub(super) fn committed(&self, entries: &[Entry], took: Duration) {
        self.commit_entries.observe(entries.len() as u64);
        self.commit_durations.took(took);
        let mut kinds = [0_u64; KINDS.len()];
        for entry in entries {
            kinds[kind(&entry.body)] += 1;
        }
        for (counter, count) in self.entries.iter().zip(kinds) {
            if count > 0 {
                counter.add(count);
            }
        }
    }

    /// Counts a draft that made no entry.
    pub(super) fn judged(&self, answer: &Answer) {
        match answer {
            Ok(accepted) if accepted.replayed => self.replayed.add(1),
            Ok(accepted) if accepted.unchanged => self.unchanged.add(1),
            Ok(_) => {}
            Err(_) => self.refused.add(1),
        }
    }

    pub(super) fn checkpoint_written(&self, at: Timestamp) {
        self.checkpoint_time.store(at.micros(), Ordering::Relaxed);
    }

    /// When the newest checkpoint was written.
    pub fn checkpoint_time(&self) -> Option<Timestamp> {
        let micros = self.checkpoint_time.load(Ordering::Relaxed);
        (micros != 0).then(|| Timestamp::from_micros(micros))
    }

    /// Entries made durable, by kind.
    pub fn entries(&self) -> impl Iterator<Item = (&'static str, u64)> {
        KINDS
            .into_iter()
            .zip(&self.entries)
            .map(|(kind, counter)| (kind, counter.get()))
    }
}

/// The position of an entry's kind in [`KINDS`].
fn kind(body: &Body) -> usize {
    match body {
        Body::Benchmark(_) => 0,
        Body::Model(_) => 1,
        Body::Price(_) => 2,
        Body::PriceInForce { .. } => 3,
        Body::Claim(_) => 4,
        Body::ClaimStatus { .. } => 5,
        Body::Result(_) => 6,
        Body::ResultStatus { .. } => 7,
    }
}
