//! When checkpoints and the files of the ring are written: on a thread of their own, while commits go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use tracing::{info, warn};

use super::Shared;
use crate::limits::RING_LEFT_MIN;
use crate::log::checkpoint::Pace;

/// How much of the log no file of a kind holds, in bytes since the start of the log that was replayed.
pub(super) struct Due {
    /// Bytes of log that make a file worth writing.
    log_bytes_min: u64,
    /// Bytes of log at the start that no file holds yet.
    replayed: u64,
    /// Bytes of log at which the next file is due.
    at: AtomicU64,
}

impl Due {
    /// After a start with `replayed` bytes of log which the newest file, of `size` bytes, does not hold.
    pub(super) fn new(log_bytes_min: u64, replayed: u64, size: u64) -> Self {
        let due = Self {
            log_bytes_min,
            replayed,
            at: AtomicU64::new(0),
        };
        due.written(0, size);
        due
    }

    /// Bytes of log as of now, of which `appended` since the start.
    pub(super) fn bytes(&self, appended: u64) -> u64 {
        self.replayed + appended
    }

    /// A file of `size` bytes holds the first `bytes` of log: the next one is due after half its size.
    pub(super) fn written(&self, bytes: u64, size: u64) {
        let next = bytes.saturating_add(self.log_bytes_min.max(size / 2));
        self.at.store(next, Ordering::Relaxed);
    }

    /// None was written: tried again after as much log as makes one worth writing.
    fn put_off(&self, bytes: u64) {
        self.written(bytes, 0);
    }

    /// With so many bytes of log appended since the start.
    fn is_due(&self, appended: u64) -> bool {
        self.bytes(appended) >= self.at.load(Ordering::Relaxed)
    }
}

/// Writes files as they fall due, one at a time.
#[derive(Default)]
pub(super) struct Keeper {
    writing: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Begins to write what is due, if nothing is being written.
    pub(super) fn look(&mut self, shared: &Arc<Shared>) {
        if shared.checkpoints.is_none()
            || shared.due().is_none()
            || self.writing.as_ref().is_some_and(|it| !it.is_finished())
        {
            return;
        }
        let kept = Arc::clone(shared);
        let thread = std::thread::Builder::new().name("checkpoint".to_owned());
        match thread.spawn(move || kept.keep_due()) {
            Ok(writing) => self.writing = Some(writing),
            Err(error) => {
                shared.put_off();
                warn!(%error, "no thread to write a checkpoint; the next start takes longer");
            }
        }
    }

    /// Waits for what is being written, and writes what the next start would miss.
    pub(super) fn finish(&mut self, shared: &Shared) {
        shared.hurry.store(true, Ordering::Relaxed);
        if let Some(writing) = self.writing.take()
            && writing.join().is_err()
        {
            warn!("the checkpoint's thread panicked; the next start takes longer");
        }
        if shared.checkpoints.is_some() && shared.ring_unwritten() >= RING_LEFT_MIN {
            shared.keep(What::Ring, Pace::AtOnce);
        }
    }
}

/// What is written.
#[derive(Clone, Copy, Debug)]
enum What {
    /// A state, and the ring with it.
    State,
    /// The ring alone.
    Ring,
}

impl Shared {
    fn due(&self) -> Option<What> {
        let appended = self.log.bytes_appended();
        if self.checkpoint_due.is_due(appended) {
            Some(What::State)
        } else if self.ring_due.is_due(appended) {
            Some(What::Ring)
        } else {
            None
        }
    }

    fn keep_due(&self) {
        if let Some(what) = self.due() {
            let pace = Pace::Beside { hurry: &self.hurry };
            self.keep(what, pace);
        }
    }

    fn keep(&self, what: What, pace: Pace<'_>) {
        let kept = match what {
            What::State => self.checkpoint(pace).map(|(revision, size)| {
                info!(revision, bytes = size, "checkpoint written");
            }),
            What::Ring => self.keep_ring(pace),
        };
        if let Err(message) = kept {
            self.put_off();
            warn!(%message, "no checkpoint written; the next start takes longer");
        }
    }

    fn put_off(&self) {
        let appended = self.log.bytes_appended();
        for due in [&self.checkpoint_due, &self.ring_due] {
            if due.is_due(appended) {
                due.put_off(due.bytes(appended));
            }
        }
    }
}
